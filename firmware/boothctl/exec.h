/* exec.h - runs a program of the system, for a bounded time. */
#ifndef BOOTHCTL_EXEC_H
#define BOOTHCTL_EXEC_H

#include "base/buf.h"

#define EXEC_SYSTEMCTL "/usr/bin/systemctl"
#define EXEC_NFT       "/usr/sbin/nft"

#define EXEC_OUTPUT (64 * 1024)
/* Runs argv[0], a path, without a shell. At most EXEC_OUTPUT bytes of what it prints are appended to ret. Its exit
 * status (128 + N: killed by signal N), -ENOENT, -ETIMEDOUT (it was killed), or another errno. */
int exec_run(const char *const *argv, int timeout_ms, struct buf *ret) must_check;

#endif
