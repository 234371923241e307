/* api.h - what the handlers share. Loop thread only. */
#ifndef HUB_API_API_H
#define HUB_API_API_H

#include "http/request.h"
#include "http/server.h"
#include "hub/api/stats.h"
#include "hub/db/pool.h"

struct api {
  struct pool *pool;         /* where jobs run */
  struct http_server *http;  /* for its statistics */
  struct stats stats;        /* counted by the handlers */
  int64_t wrong_codes_until; /* mono_ms at which the budget of wrong enrolment codes is full again */
};

static inline struct api *api_of(const struct http_request *r)
{
  return http_context(r);
}

#endif
