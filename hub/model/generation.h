/* generation.h - the hub's generation, which rises when its database was restored to an earlier state: booths then
 * send again what is missing. In a transaction of the caller; any thread with a connection.
 */
#ifndef HUB_MODEL_GENERATION_H
#define HUB_MODEL_GENERATION_H

#include "hub/db/pg.h"

/* Makes the hub's row if it is missing, and raises the generation if the database has moved since the last start. */
int generation_start(struct pg *db) must_check;
/* Raises it above `from` and above `reported` (0 = none), unless somebody else raised it above `from` already. */
int generation_raise(struct pg *db, int64_t from, int64_t reported) must_check;
int generation_read(struct pg *db, int64_t *ret) must_check;

#endif
