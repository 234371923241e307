/* format_queue.h - the queue's snapshot as a person sees it, for `queue` and `watch`. */
#ifndef BOOTHCTL_FORMAT_QUEUE_H
#define BOOTHCTL_FORMAT_QUEUE_H

#include "base/json.h"
#include "boothctl/table.h"

enum list_which { LIST_ACTIVE, LIST_ALL };

#define LIST_COLUMNS 8
/* A heading and a row for each ticket of the snapshot, in its order; of one line (NULL = all). now_ms is the booth's.
 */
void list_fill(struct table *t, const struct json *snapshot, enum list_which which, const char *line, int64_t now_ms);
bool list_active(const struct json *ticket);
/* "2 waiting" of one line or "A 단체 2 waiting, B ..." of several. */
void list_counts(struct buf *b, const struct json *snapshot);
/* "open", or "paused until 19:10". */
void list_intake(struct buf *b, const struct json *intake);
/* Codes, with commas; the man page of boothd has what they mean. */
void list_warnings(struct buf *b, const struct json *warnings);
/* "A-12  called  party of 4  민아" */
void list_ticket(struct buf *b, const struct json *ticket);

/* Members of an object, for printing: never NULL, "" and 0 if absent. */
const char *list_text(const struct json *object, const char *name);
int64_t list_int(const struct json *object, const char *name);
int64_t list_time(const struct json *object, const char *name); /* wall ms */
/* "2026-09-11 19:03:07" here, or the hour alone if it is within half a day of now_ms. */
void list_clock(char to[static 20], int64_t wall_ms, int64_t now_ms);

#endif
