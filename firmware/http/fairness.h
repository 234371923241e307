/* fairness.h - so that one client does not take the box from the others. Part of http_internal.h. */
#ifndef HTTP_FAIRNESS_H
#define HTTP_FAIRNESS_H

#include "base/limits.h"
#include "base/util.h"

struct http_request;
struct http_server;

struct http_turns {
  struct http_share {
    int64_t ms; /* in which that many were taken */
    unsigned taken, waiting;
  } shares[LIMIT_SHARES];           /* by a client's hash; two that meet in one share it */
  struct http_request *head, *tail; /* those that wait, suspended */
  uint64_t client;
  int64_t mixed_ms; /* when requests of two clients last came one after the other */
};
bool http_turn_take(struct http_request *r);                /* false: suspend it; it is resumed when its turn comes */
void http_turn_next(struct http_server *s, int64_t now_ms); /* who may go on now */

#endif
