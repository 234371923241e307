/* format_system.h - members of GET /system as text for a person. */
#ifndef BOOTHCTL_FORMAT_SYSTEM_H
#define BOOTHCTL_FORMAT_SYSTEM_H

#include "base/buf.h"
#include "base/json.h"

/* "1.5 MB" */
void format_bytes(struct buf *b, int64_t bytes);
/* The members of these names. */
void format_clock(struct buf *b, const struct json *clock);
void format_sync(struct buf *b, const struct json *sync);
void format_nightly(struct buf *b, const struct json *nightly);
/* "LED on (steady)  buzzer off (idle)  button up"; of GET /system/panel and its stream. */
void format_panel(struct buf *b, const struct json *panel);
/* Codes, with commas; boothd(8) explains them. */
void format_warnings(struct buf *b, const struct json *warnings);

#endif
