/* reports.h - history read back: one ticket's, one day's, all days.
 *
 * Each opens the database anew (0.2 ms) and reads it in one transaction, so no reader is left on a file that has been
 * replaced. Any thread. 0, REFUSE_NOT_FOUND, or negative errno; text is added to the caller's buffer.
 */
#ifndef STORE_REPORTS_H
#define STORE_REPORTS_H

#include "base/buf.h"
#include "queue/ticket.h"

/* The ticket (its person is a new reference) and what happened to it, a JSON array. */
int report_ticket(const char *state_dir, int64_t id, struct ticket *ret, struct buf *history) must_check;
int report_days(const char *state_dir, struct buf *json) must_check; /* of GET /api/v1/days */
/* One day, by its date: JSON of GET /api/v1/days/{date}; CSV with BOM, CRLF, local times, cells made harmless. */
int report_day(const char *state_dir, int32_t date, struct buf *json) must_check;
int report_csv(const char *state_dir, int32_t date, struct buf *csv) must_check;
int report_last_event(const char *state_dir, int64_t *ret) must_check; /* its id */

#endif
