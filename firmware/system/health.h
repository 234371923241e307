/* health.h - the machine's power, heat, space and memory, and the warnings for staff. Loop thread only; reads a few
 * small files of sysfs, never a device.
 *
 * A warning is on or off; other modules set some (wifi/radio). A value that cannot be read is unknown, and causes no
 * warning. Each change is logged once.
 */
#ifndef SYSTEM_HEALTH_H
#define SYSTEM_HEALTH_H

#include "base/buf.h"

/* The worst first. */
enum warning {
  WARNING_READ_ONLY,     /* the file system of state_dir */
  WARNING_UNDER_VOLTAGE, /* now, or within the last minutes */
  WARNING_SPACE_LOW,
  WARNING_HOT,
  WARNING_WAL_BIG, /* the write-ahead log does not shrink to its usual size */
  WARNING_MEMORY_LOW,
  WARNING_STATIONS, /* wifi/radio: the Wi-Fi accepts few more phones */
  WARNINGS
};
extern const char *const warning_names[WARNINGS + 1];
#define WARNING_BIT(w) (UINT32_C(1) << (w))

struct health;
/* root: "" = this machine; tests have a folder with sys/ and proc/ in it. */
struct health *health_new(const char *root, const char *state_dir);
void health_free(struct health *h);
/* Reads all values, at most every HEALTH_MS. wal_bytes: of the writer. */
void health_poll(struct health *h, int64_t now_ms, int64_t wal_bytes);
void health_warn(struct health *h, enum warning warning, bool on);
uint32_t health_warnings(const struct health *h);                         /* WARNING_BITs */
int64_t health_free_bytes(const struct health *h);                        /* of state_dir */
int64_t health_resident_bytes(void);                                      /* of this process */
void health_json(struct buf *b, const char *key, const struct health *h); /* "hardware" of GET /system */
void health_metrics(struct buf *b, const struct health *h);
void health_warnings_json(struct buf *b, const char *key, uint32_t warnings);

#endif
