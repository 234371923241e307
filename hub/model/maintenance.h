/* maintenance.h - deletes expired data. Any thread with a connection. */
#ifndef HUB_MODEL_MAINTENANCE_H
#define HUB_MODEL_MAINTENANCE_H

#include "hub/db/pg.h"

/* For each process once an hour. */
int maintenance_run(struct pg *db) must_check;

#endif
