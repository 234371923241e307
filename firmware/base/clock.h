/* clock.h - the booth's clocks. Any thread (atomics).
 *
 * mono is CLOCK_BOOTTIME: durations, timers, back-off. wall is CLOCK_REALTIME, plus an offset while the kernel's clock
 * is not trusted; nothing is ordered by it. Only system/clock_sync sets offset and trust.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/util.h"

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_of_monotonic_ms(uint64_t ns); /* a kernel time stamp (CLOCK_MONOTONIC) as mono; never in the future */
int64_t clock_wall_ms(void);
bool clock_trusted(void);
int64_t clock_offset_ms(void);
void clock_set(int64_t offset_ms, bool trusted);

/* Whether the kernel's clock is synchronised. Where adjtimex() is forbidden, `boothd-root clock` says so by a file. */
#define CLOCK_STATE_FILE "/run/boothd-clock/synchronised"
bool clock_kernel_synchronised(void);

/* Sets the process's time zone; once, before threads start. -EINVAL if the IANA name is unknown. */
int clock_set_timezone(const char *iana) must_check;
bool clock_timezone_known(const char *iana);
/* The business date (yyyymmdd) in the booth's zone: the local date of the instant cutover_min minutes earlier. */
int32_t clock_business_date(int64_t wall_ms, int cutover_min);
/* Local hour 0..23 and offset from UTC in seconds, for reports and CSV. */
int clock_local_hour(int64_t wall_ms);
/* "2026-09-11 19:03:07" local. */
void clock_local_text(char to[static 20], int64_t wall_ms);
/* /proc/sys/kernel/random/boot_id: 36 characters, constant. */
const char *clock_boot_id(void);

#endif
