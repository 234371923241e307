/* format_queue.h - the queue's snapshot as a person sees it, for `queue` and `watch`. */
#ifndef BOOTHCTL_FORMAT_QUEUE_H
#define BOOTHCTL_FORMAT_QUEUE_H

#include "base/json.h"
#include "boothctl/table.h"

enum queue_filter { QUEUE_ACTIVE, QUEUE_ALL };

#define QUEUE_COLUMNS 8
/* A heading and a row for each ticket of the snapshot, in its order; of one line (NULL = all). now_ms is the booth's.
 */
void format_queue(struct table *t, const struct json *snapshot, enum queue_filter which, const char *line,
                  int64_t now_ms);
bool ticket_is_active(const struct json *ticket);
/* "2 waiting" of one line or "A 단체 2 waiting, B ..." of several. */
void format_counts(struct buf *b, const struct json *snapshot);
/* "open", or "paused until 19:10". */
void format_intake(struct buf *b, const struct json *intake);
/* Codes, with commas; the man page of boothd has what they mean. */
void format_warnings(struct buf *b, const struct json *warnings);
/* "A-12  called  party of 4  민아" */
void format_ticket(struct buf *b, const struct json *ticket);

/* "2026-09-11 19:03:07" here, or the hour alone if it is within half a day of now_ms. */
void term_time(char to[static 20], int64_t wall_ms, int64_t now_ms);

#endif
