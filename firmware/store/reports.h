/* reports.h - reports from the database: one ticket's history, one day, all days.
 *
 * Each opens the database anew (0.2 ms) and reads it in one transaction, so that no reader stays on a file that was
 * replaced. Any thread. 0, REFUSE_NOT_FOUND, or negative errno; text is appended to the caller's buffer.
 */
#ifndef STORE_REPORTS_H
#define STORE_REPORTS_H

#include "base/buf.h"
#include "queue/ticket.h"

/* The ticket (its person is a new reference) and its history, a JSON array. */
int report_ticket(const char *state_dir, int64_t id, struct ticket *ret, struct buf *history) must_check;
int report_days(const char *state_dir, struct buf *json) must_check; /* of GET /api/v1/days */
/* One day: JSON of GET /api/v1/days/{date}; or CSV with BOM, CRLF and local times, safe from formulas. */
int report_day(const char *state_dir, int32_t date, struct buf *json) must_check;
int report_csv(const char *state_dir, int32_t date, struct buf *csv) must_check;
int report_last_event(const char *state_dir, int64_t *ret) must_check; /* its id */

#endif
