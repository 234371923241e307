/* format_queue.h - the queue's snapshot as text for a person. */
#ifndef BOOTHCTL_FORMAT_QUEUE_H
#define BOOTHCTL_FORMAT_QUEUE_H

#include "base/json.h"
#include "boothctl/table.h"

enum queue_filter { QUEUE_ACTIVE, QUEUE_ALL };

#define QUEUE_COLUMNS 8
#define QUEUE_RIGHT   (1 << 2 | 1 << 3) /* right-aligned columns */

/* A heading and a row for each ticket, in the snapshot's order; of one line (NULL = all). now_ms: the booth's time. */
void format_queue(struct table *t, const struct json *snapshot, enum queue_filter which, const char *line,
                  int64_t now_ms);
/* "2 waiting", or of several lines "A 단체 2 waiting, B ...". */
void format_counts(struct buf *b, const struct json *snapshot);
/* "open", or "paused until 19:10". */
void format_intake(struct buf *b, const struct json *intake);
/* "A-12  called  party of 4  민아" */
void format_ticket(struct buf *b, const struct json *ticket);
/* Waiting or called. */
bool ticket_is_active(const struct json *ticket);

#endif
