/* routes.h - the hub's one route table. Loop thread only. */
#ifndef HUB_API_ROUTES_H
#define HUB_API_ROUTES_H

#include "hub/api/api.h"

/* Listens, and sets a->http. */
int routes_start(struct api *a, struct sd_event *event, const char *listen, char ret_error[static 160]) must_check;
void routes_print(struct buf *b); /* "METHOD PATTERN SCOPE" lines, for --routes */

#endif
