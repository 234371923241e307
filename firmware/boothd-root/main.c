/* boothd-root - what a booth needs root for, and nothing else. systemd units start it (systemd/). boothd itself talks
 * to phones and has no privileges; it requests privileged operations as files.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/util.h"
#include "boothd-root/radio.h"
#include "boothd-root/root.h"

#define CONFIG "/etc/boothd/boothd.conf"

/* The ExecCondition of the other units: exit status 1 skips them, which is no failure. */
static int root_wanted(const struct root *root)
{
  return radio_configured(root) ? 0 : 1;
}

static const struct {
  const char *name;
  const char *help;
  bool bare; /* needs neither configuration nor privileges */
  int (*run)(const struct root *root);
} commands[] = {
    {"wanted", "exit status 0 if the booth has a Wi-Fi of its own, 1 if not", false, root_wanted},
    {"network", "have networkd and NetworkManager leave the booth's interface alone", false, root_network},
    {"network-off", "let them use it again", false, root_network_off},
    {"ap", "write hostapd's configuration, on the least busy channel; set the interface's addresses", false, root_ap},
    {"lan", "write dnsmasq's configuration", false, root_lan},
    {"firewall", "write the firewall's rules and load them", false, root_firewall},
    {"firewall-off", "remove them", false, root_firewall_off},
    {"privop", "carry out the privileged operations that boothd has requested", false, root_privop},
    {"clock", "keep a file that says whether the kernel's clock is synchronised", true, root_clock},
};

static int usage(int status)
{
  FILE *to = status ? stderr : stdout;
  fputs("Usage: boothd-root [--config FILE] [--run FOLDER] [--dry-run] COMMAND\n"
        "What a booth needs root for.\n\n"
        "  -c, --config FILE  boothd's configuration [" CONFIG "]\n"
        "      --run FOLDER   where files are written [" ROOT_RUN "]\n"
        "      --dry-run      write files, but only print what else would be done\n"
        "  -h, --help         this text\n"
        "      --version      version\n\nCommands:\n",
        to);
  for (size_t i = 0; i < array_len(commands); i++)
    fprintf(to, "  %-13s %s\n", commands[i].name, commands[i].help);
  return status;
}

struct command_line {
  const char *config;
  const char *run;
  const char *command; /* NULL: nothing is left to do, and the exit status is known */
  bool dry;
};

static int parse_command_line(int argc, char **argv, struct command_line *ret)
{
  enum { RUN = 256, DRY, VERSION };
  static const struct option known[] = {
      {"config", required_argument, NULL, 'c'}, {"run", required_argument, NULL, RUN},
      {"dry-run", no_argument, NULL, DRY},      {"help", no_argument, NULL, 'h'},
      {"version", no_argument, NULL, VERSION},  {0},
  };
  *ret = (struct command_line){.config = CONFIG, .run = ROOT_RUN};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads
  for (int o; (o = getopt_long(argc, argv, "c:h", known, NULL)) != -1;)
    switch (o) {
    case 'c':
      ret->config = optarg;
      break;
    case RUN:
      ret->run = optarg;
      break;
    case DRY:
      ret->dry = true;
      break;
    case 'h':
      return usage(0);
    case VERSION:
      puts("boothd-root " BOOTHD_VERSION);
      return 0;
    default:
      return usage(EX_USAGE);
    }
  if (argc - optind != 1)
    return usage(EX_USAGE);
  ret->command = argv[optind];
  return 0;
}

int main(int argc, char **argv)
{
  struct command_line line;
  int status = parse_command_line(argc, argv, &line);
  if (!line.command)
    return status;
  size_t i = 0;
  while (i < array_len(commands) && strcmp(commands[i].name, line.command) != 0)
    i++;
  if (i == array_len(commands))
    return usage(EX_USAGE);

  // NOLINTBEGIN(concurrency-mt-unsafe): there are no threads
  const char *stream = getenv("JOURNAL_STREAM");
  autofree char *journal = stream ? xstrdup(stream) : NULL; /* log.h reads it */
  if (clearenv() != 0 || setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1) < 0 ||
      (journal && setenv("JOURNAL_STREAM", journal, 1) < 0))
    return EX_OSERR;
  // NOLINTEND(concurrency-mt-unsafe)
  struct root root = {.run = line.run, .sys = "/sys", .dry = line.dry};
  struct config_error e = {0};
  umask(0077);
  if (!commands[i].bare && config_load(line.config, NULL, 0, &root.config, &e) < 0) {
    log_err("config", "key=%s detail=\"%s\"", e.key, e.detail);
    status = EX_CONFIG;
  } else {
    status = commands[i].run(&root);
  }
  config_done(&root.config);
  return status;
}
