/* routes.h - the booth's route table, and the checks before any handler. Loop thread only. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/api.h"

/* Loads the web app and listens, by a->parts->config. */
int routes_start(struct api *a, struct sd_event *event, char ret_error[static 160]) must_check;
void routes_print(struct buf *b); /* "METHOD PATTERN ROLE" lines, for --routes */

#endif
