/* report_private.h - what report.c and report_jobs.c share; nobody else includes it. */
#ifndef DATA_REPORT_PRIVATE_H
#define DATA_REPORT_PRIVATE_H

#include "data/report.h"
#include "data/sql.h"

/* Inside a read transaction. 0, a code, or negative errno. */
int report_ticket(sqlite3 *db, struct job *j) must_check;
int report_days(sqlite3 *db, struct job *j) must_check;
int report_day(sqlite3 *db, struct job *j) must_check;
int report_csv(sqlite3 *db, struct job *j) must_check;

#endif
