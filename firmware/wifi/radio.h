/* radio.h - the booth's own Wi-Fi: whether it is up by evidence, who is in it, and what is done when it fails. Loop
 * thread only. The queue never depends on it.
 */
#ifndef WIFI_RADIO_H
#define WIFI_RADIO_H

#include "boothd/app.h"

struct radio;
/* The key wifi_interface names it; without one there is none: *ret is NULL. */
int radio_start(struct box *b, struct radio **ret) must_check;
void radio_free(struct radio *r); /* NULL allowed, as below */

void radio_json(struct buf *b, const char *key, const struct radio *r); /* of GET /system */
void radio_metrics(struct buf *b, const struct radio *r);

#endif
