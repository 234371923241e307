/* reports.h - what report.c and report_jobs.c share; nobody else includes it. */
#ifndef STORE_REPORTS_H
#define STORE_REPORTS_H

#include "store/sql.h"
#include "worker/worker.h"

/* Inside a read transaction. 0, a code, or negative errno. */
int report_ticket(sqlite3 *db, struct work_item *j) must_check;
int report_days(sqlite3 *db, struct work_item *j) must_check;
int report_day(sqlite3 *db, struct work_item *j) must_check;
int report_csv(sqlite3 *db, struct work_item *j) must_check;

#endif
