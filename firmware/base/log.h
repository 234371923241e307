/* log.h - logs one line to stderr: "<N>event key=value ..." for the journal, N as in syslog (sd-daemon(3)), otherwise
 * "PROGRAM: error|warning|info: event key=value ...". Any thread, but base and queue do not log. No personal data.
 *
 *   log_warn("snapshot_failed", "error=%s", strerror(e));
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/util.h"

void log_line(int priority, const char *event, const char *format, ...) printf_like(3, 4);
#define log_err(event, ...)  log_line(3, event, __VA_ARGS__)
#define log_warn(event, ...) log_line(4, event, __VA_ARGS__)
#define log_info(event, ...) log_line(6, event, __VA_ARGS__)

#endif
