/* radio.h - the booth's own Wi-Fi: its measured state, its stations and its recovery. Loop thread only. The queue never
 * depends on it.
 */
#ifndef WIFI_RADIO_H
#define WIFI_RADIO_H

#include "base/buf.h"

struct health;
struct radio;
struct sd_event;

struct radio_options {
  struct sd_event *event;
  const char *interface; /* "" = the booth has no Wi-Fi of its own */
  const char *state_dir;
  struct health *health;
  bool (*busy)(void *context); /* guests wait or are called */
  /* Writes a file durably, then calls radio_saved(). False: not possible now. */
  bool (*save)(void *context, const char *path, const char *text);
  void *context;
};
/* Without an interface *ret is NULL. */
int radio_start(const struct radio_options *o, struct radio **ret) must_check;
void radio_free(struct radio *r); /* NULL allowed, as below */
void radio_saved(struct radio *r, const char *text);

void radio_json(struct buf *b, const char *key, const struct radio *r); /* of GET /system */
void radio_metrics(struct buf *b, const struct radio *r);

#endif
