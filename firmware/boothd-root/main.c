/* boothd-root: what a booth's machine needs root for, and nothing else. Units of systemd start it (systemd/); boothd
 * itself, which talks to phones, has no privileges and only leaves privops for it.
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

/* The condition of the other units: exit status 1 skips them, and nobody calls that a failure. */
static int wanted(const struct root *r)
{
  return radio_configured(r) ? 0 : 1;
}

static const struct {
  const char *name, *help;
  bool bare; /* needs no configuration, and no privileges */
  int (*run)(const struct root *r);
} commands[] = {
    {"wanted", "exit status 0 if the booth has a Wi-Fi of its own, 1 if not", false, wanted},
    {"network", "tell networkd and NetworkManager which interface is not theirs", false, root_network},
    {"network-off", "give that interface back", false, root_network_off},
    {"ap", "make hostapd's configuration, on the least busy channel; give the interface its addresses", false, root_ap},
    {"lan", "make dnsmasq's configuration", false, root_lan},
    {"firewall", "make the firewall's rules and load them", false, root_firewall},
    {"firewall-off", "take them away", false, root_firewall_off},
    {"privop", "do what boothd has asked for", false, root_privop},
    {"clock", "keep telling whether the kernel's clock is synchronised, for those who may not ask it", true,
     root_clock},
};

static int usage(int status)
{
  FILE *to = status ? stderr : stdout;
  fputs("Usage: boothd-root [--config FILE] [--run FOLDER] [--dry-run] COMMAND\n"
        "What a booth's machine needs root for.\n\n"
        "  -c, --config FILE  boothd's start-up keys [" CONFIG "]\n"
        "      --run FOLDER   what is made goes there [" ROOT_RUN "]\n"
        "      --dry-run      make files there, but only say what else would be done\n"
        "  -h, --help         this text\n"
        "      --version      version\n\nCommands:\n",
        to);
  for (size_t i = 0; i < array_len(commands); i++)
    fprintf(to, "  %-13s %s\n", commands[i].name, commands[i].help);
  return status;
}

struct line {
  const char *config, *run, *command;
  bool dry;
};

/* An exit status if the command is NULL: it was answered. */
static int read_line(int argc, char **argv, struct line *ret)
{
  enum { RUN = 256, DRY, VERSION };
  static const struct option known[] = {
      {"config", required_argument, NULL, 'c'}, {"run", required_argument, NULL, RUN},
      {"dry-run", no_argument, NULL, DRY},      {"help", no_argument, NULL, 'h'},
      {"version", no_argument, NULL, VERSION},  {0},
  };
  *ret = (struct line){CONFIG, ROOT_RUN, NULL, false};
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
  struct line line;
  int status = read_line(argc, argv, &line);
  if (!line.command)
    return status;
  size_t i = 0;
  while (i < array_len(commands) && strcmp(commands[i].name, line.command) != 0)
    i++;
  if (i == array_len(commands))
    return usage(EX_USAGE);

  // NOLINTBEGIN(concurrency-mt-unsafe): there are no threads
  const char *stream = getenv("JOURNAL_STREAM");
  autofree char *journal = stream ? xstrdup(stream) : NULL; /* what log.h asks for */
  if (clearenv() != 0 || setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1) < 0 ||
      (journal && setenv("JOURNAL_STREAM", journal, 1) < 0))
    return EX_OSERR;
  // NOLINTEND(concurrency-mt-unsafe)
  struct root r = {.run = line.run, .sys = "/sys", .dry = line.dry};
  struct config_error e = {0};
  umask(0077);
  if (!commands[i].bare && config_load(line.config, NULL, 0, &r.config, &e) < 0) {
    log_err("config", "key=%s detail=\"%s\"", e.key, e.detail);
    status = EX_CONFIG;
  } else {
    status = commands[i].run(&r);
  }
  config_done(&r.config);
  return status;
}
