/* maintenance.h - deletes what has reached its age. Any thread with a connection. */
#ifndef HUB_MODEL_MAINTENANCE_H
#define HUB_MODEL_MAINTENANCE_H

#include "hub/db/pg.h"

/* To be run once an hour, by any number of processes. */
int maintenance_run(struct pg *db) must_check;

#endif
