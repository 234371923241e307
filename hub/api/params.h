/* params.h - what is asked, read and checked. Loop thread. Who gets false has been answered. */
#ifndef HUB_API_PARAMS_H
#define HUB_API_PARAMS_H

#include "http/json_body.h"

/* The first {} of the path as an id of 16 bytes in hex; 404 with the given words if it is none. */
bool params_id(struct http_request *r, uint8_t to[static 16], const char *missing);
/* Of the query: no name but these (NULL-terminated), and a number; an absent one leaves *ret untouched. */
bool params_check_names(struct http_request *r, const char *const *names);
bool params_number(struct http_request *r, const char *name, int64_t low, int64_t high, int64_t *ret);

#endif
