/* compare.h - whether the hub has a day's events as the booth has them. A thread of the pool. */
#ifndef HUB_INGEST_COMPARE_H
#define HUB_INGEST_COMPARE_H

#include "base/buf.h"
#include "hub/ingest/epoch.h"

/* digests: of days, from the booth's bundle. Appends "differs":[…], the days whose events differ here. */
int compare_days(struct pg *db, const struct epoch *e, const struct json *digests, struct buf *ret) must_check;

#endif
