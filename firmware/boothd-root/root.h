/* root.h - what all subcommands of boothd-root share, and the few ways in which they change the machine. One thread.
 *
 * Nothing goes through a shell: programs are started with a fixed argument vector and a fixed PATH.
 */
#ifndef BOOTHD_ROOT_ROOT_H
#define BOOTHD_ROOT_ROOT_H

#include "config/config.h"

#define ROOT_RUN "/run/boothd-root" /* 0700 root: generated files, and what is remembered until the next boot */

struct root {
  struct config config;
  const char *run; /* folder, ROOT_RUN by default */
  const char *sys; /* "/sys", except in tests */
  bool dry;        /* generate files, but only print what else would be done */
};

/* Subcommands. They return an exit status (sysexits.h) and have logged what went wrong. */
int root_network(const struct root *root);
int root_network_off(const struct root *root);
int root_ap(const struct root *root);
int root_lan(const struct root *root);
int root_firewall(const struct root *root);
int root_firewall_off(const struct root *root);
int root_privop(const struct root *root);
int root_clock(const struct root *root); /* never returns, unless it fails */

/* Runs a program to its end. 0, its exit status, or -errno; failures are logged. argv ends with NULL. */
int root_run(const struct root *root, const char *const *argv);
#define root_spawn(root, ...) root_run(root, (const char *const[]){__VA_ARGS__, NULL})
/* Writes text to an existing file of /sys or /proc. 0 or -errno. */
int root_write(const struct root *root, const char *path, const char *text);
/* Replaces run/NAME atomically, mode 0600. 0 or -errno; failures are logged. */
int root_render(const struct root *root, const char *name, const struct buf *text) must_check;
/* A number in run/NAME, which lasts until the next boot. */
int root_save_number(const struct root *root, const char *name, int64_t value) must_check;
int64_t root_number(const struct root *root, const char *name); /* 0 = none */

#endif
