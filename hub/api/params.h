/* params.h - parameters of the path and the query, read and checked. Loop thread; after false the request is answered.
 */
#ifndef HUB_API_PARAMS_H
#define HUB_API_PARAMS_H

#include "http/json_body.h"
#include "hub/api/problem.h"

/* The first {} of the path as an id: 16 bytes in hex. */
bool params_id(struct http_request *r, uint8_t to[static 16], enum problem missing);

/* False if the query has other names than these (NULL-terminated): a typo is never silently ignored. */
bool params_check_names(struct http_request *r, const char *const *names);
/* A number of the query; an absent one leaves *ret untouched. */
bool params_number(struct http_request *r, const char *name, int64_t low, int64_t high, int64_t *ret);

#endif
