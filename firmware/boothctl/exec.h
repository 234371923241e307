/* exec.h - the machine around the booth: where its files lie, and its programs, each run with a bound in time. */
#ifndef BOOTHCTL_EXEC_H
#define BOOTHCTL_EXEC_H

#include "boothctl/ctl.h"

#define CTL_CONFIG_FILE "/etc/boothd/boothd.conf"
#define EXEC_SYSTEMCTL  "/usr/bin/systemctl"
#define EXEC_NFT        "/usr/sbin/nft"

/* The path below the folder of --root, or as it is. The caller frees. */
char *ctl_path(const struct ctl *c, const char *path) __attribute__((returns_nonnull));
/* systemd runs this very machine: not with --root, nor in a chroot. */
bool ctl_systemd_runs(const struct ctl *c);
/* A program by its path, without a shell; at most EXEC_OUTPUT bytes of what it prints are added to ret.
 * Its exit status (128 and more: a signal's), or -ENOENT, -ETIMEDOUT (it was killed), ... */
#define EXEC_OUTPUT (64 * 1024)
int exec_run(const char *const *argv, int timeout_ms, struct buf *ret) must_check;

#endif
