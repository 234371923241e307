/* boothd-root - what a booth needs root for, and nothing else. systemd units start it (systemd/). boothd itself talks
 * to phones and has no privileges; it requests privileged operations as files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/options.h"
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

struct root_options {
  const char *config;
  const char *run;
  bool dry;
};

static size_t find_command(const char *name)
{
  size_t i = 0;
  while (i < array_len(commands) && strcmp(commands[i].name, name) != 0)
    i++;
  return i;
}

int main(int argc, char **argv)
{
  static const struct option_row rows[] = {
      {"config", 'c', OPTION_TEXT, "FILE", offsetof(struct root_options, config),
       "boothd's configuration [" CONFIG "]"},
      {"run", 0, OPTION_TEXT, "FOLDER", offsetof(struct root_options, run), "where files are written [" ROOT_RUN "]"},
      {"dry-run", 0, OPTION_FLAG, NULL, offsetof(struct root_options, dry),
       "write files, but only print what else would be done"},
  };
  struct root_options options = {CONFIG, ROOT_RUN, false};
  autobuf struct buf list = {0};
  buf_str(&list, "Commands:\n");
  for (size_t i = 0; i < array_len(commands); i++)
    buf_fmt(&list, "  %-13s %s\n", commands[i].name, commands[i].help);
  const struct options_program program = {"boothd-root", "[--config FILE] [--run FOLDER] [--dry-run] COMMAND",
                                          "What a booth needs root for.", list.data};
  char **operands;
  int status = options_parse(argc, argv, &program, rows, array_len(rows), &options, &operands);
  if (status >= 0)
    return status;
  const size_t i = operands[0] && !operands[1] ? find_command(operands[0]) : array_len(commands);
  if (i == array_len(commands)) {
    fputs("boothd-root: give one command; --help lists them\n", stderr);
    return EX_USAGE;
  }

  // NOLINTBEGIN(concurrency-mt-unsafe): there are no threads
  const char *stream = getenv("JOURNAL_STREAM");
  autofree char *journal = stream ? xstrdup(stream) : NULL; /* log.h reads it */
  if (clearenv() != 0 || setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1) < 0 ||
      (journal && setenv("JOURNAL_STREAM", journal, 1) < 0))
    return EX_OSERR;
  // NOLINTEND(concurrency-mt-unsafe)
  struct root root = {.run = options.run, .sys = "/sys", .dry = options.dry};
  struct config_error e = {0};
  umask(0077);
  if (!commands[i].bare && config_load(options.config, NULL, 0, &root.config, &e) < 0) {
    log_err("config", "key=%s detail=\"%s\"", e.key, e.detail);
    status = EX_CONFIG;
  } else {
    status = commands[i].run(&root);
  }
  config_done(&root.config);
  return status;
}
