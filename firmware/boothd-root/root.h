/* root.h - what every subcommand of boothd-root has, and how it touches the machine. One thread.
 *
 * Nothing here goes through a shell: programs are started with the words they are given, from a fixed PATH.
 */
#ifndef BOOTHD_ROOT_ROOT_H
#define BOOTHD_ROOT_ROOT_H

#include "config/config.h"

#define ROOT_RUN "/run/boothd-root" /* 0700 root: what is rendered, and what is remembered until the next boot */

struct root {
  struct config config;
  const char *run; /* folder, ROOT_RUN unless told */
  const char *sys; /* "/sys", but in tests */
  bool dry;        /* renders, and says what it would do */
};

/* Subcommands: an exit status (sysexits.h). What is wrong has been logged. */
int root_network(const struct root *r);
int root_network_off(const struct root *r);
int root_ap(const struct root *r);
int root_lan(const struct root *r);
int root_firewall(const struct root *r);
int root_firewall_off(const struct root *r);
int root_privop(const struct root *r);
int root_clock(const struct root *r); /* never ends */

/* Starts a program and waits. 0; its exit status; -errno; what failed is logged. argv ends with NULL. */
int root_run(const struct root *r, const char *const *argv);
#define root_spawn(r, ...) root_run(r, (const char *const[]){__VA_ARGS__, NULL})
/* A line into a file of /sys or /proc. */
int root_write(const struct root *r, const char *path, const char *text);
/* run/name, 0600, the old or the new. */
int root_render(const struct root *r, const char *name, const struct buf *text) must_check;
/* A number that is remembered until the next boot; back: 0 = none. */
int root_save_number(const struct root *r, const char *name, int64_t value) must_check;
int64_t root_number(const struct root *r, const char *name);

#endif
