/* database.h - the first connection of the program, server or admin command. Main thread. */
#ifndef HUB_DATABASE_H
#define HUB_DATABASE_H

#include "hub/db/pg.h"

/* Connects, and prepares the database: schema, the hub's own row, its first keys. 0; or an exit status, and the reason
 * is in the log. */
int database_open(const char *conninfo, struct pg **ret) must_check;

#endif
