/* ctl.h - what all of boothctl shares: the parsed command line, errors, and the commands. One thread. */
#ifndef BOOTHCTL_CTL_H
#define BOOTHCTL_CTL_H

#include "base/buf.h"

#define CTL_CONFIG_FILE "/etc/boothd/boothd.conf"

/* Exit statuses other than 0. A function that returns one has printed why. */
enum { CTL_REFUSED = 1, CTL_USAGE = 2, CTL_UNREACHABLE = 3 };

/* The first two go with every command. */
enum option {
  OPT_SOCKET,
  OPT_JSON,
  OPT_LINE,
  OPT_ALL,
  OPT_PARTY,
  OPT_NAME,
  OPT_PHONE,
  OPT_NOTE,
  OPT_FOR,
  OPT_OUTPUT,
  OPT_ERASE,
  OPT_FILE,
  OPT_YES,
  OPT_ROOT,
  OPTIONS
};

struct ctl {
  const char *options[OPTIONS]; /* NULL = not given; a flag is "" */
  char **words;                 /* what follows the command's name */
  int n_words;
};

void ctl_print_error(const char *format, ...) printf_like(1, 2); /* "boothctl: ...\n" on stderr */
int ctl_usage_error(const char *format, ...) printf_like(1, 2);  /* likewise; returns CTL_USAGE */
/* "100ms", "30s", "10m", "2h", 1 ms to a day. 0 or -EINVAL. */
int ctl_parse_duration(const char *text, int64_t *ret_ms) must_check;

/* The path below the folder of --root, or as it is. The caller frees. */
char *ctl_path(const struct ctl *c, const char *path) __attribute__((returns_nonnull));
/* Whether systemd runs the system in question: not with --root, nor in a chroot. */
bool ctl_systemd_runs(const struct ctl *c);

/* The commands. They return an exit status. */
int cmd_queue(struct ctl *c);
int cmd_issue(struct ctl *c);
int cmd_call(struct ctl *c);
int cmd_call_next(struct ctl *c);
int cmd_seat(struct ctl *c);
int cmd_no_show(struct ctl *c);
int cmd_cancel(struct ctl *c);
int cmd_phoned(struct ctl *c);
int cmd_requeue(struct ctl *c);
int cmd_edit(struct ctl *c);
int cmd_undo(struct ctl *c);
int cmd_intake(struct ctl *c);
int cmd_watch(struct ctl *c);
int cmd_status(struct ctl *c);
int cmd_days(struct ctl *c);
int cmd_export(struct ctl *c);
int cmd_settings(struct ctl *c);
int cmd_devices(struct ctl *c);
int cmd_clock(struct ctl *c);
int cmd_sync(struct ctl *c);
int cmd_enrol(struct ctl *c);
int cmd_nightly(struct ctl *c);
int cmd_backup(struct ctl *c);
int cmd_restore(struct ctl *c);
int cmd_label(struct ctl *c);
int cmd_panel(struct ctl *c);
int cmd_setup(struct ctl *c);
int cmd_doctor(struct ctl *c);
int cmd_completion(struct ctl *c);

#endif
