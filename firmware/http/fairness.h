/* fairness.h - keeps one client from crowding out the others. Pure; all times are mono milliseconds.
 *
 * While several clients send requests, each has LIMIT_FAIR_REQUESTS of them handled per millisecond; the rest wait in
 * order of arrival. A client with no competition is not limited.
 */
#ifndef HTTP_FAIRNESS_H
#define HTTP_FAIRNESS_H

#include "base/util.h"

/* A request, as embedded in struct http_request. */
struct fairness_entry {
  uint64_t client;             /* a hash of its address */
  struct fairness_entry *next; /* of those that wait */
  bool released;               /* it has waited, and may be handled */
};

struct fairness {
  struct fairness_share {
    int64_t ms;       /* the millisecond that `handled` counts */
    unsigned handled; /* requests in that millisecond */
    unsigned waiting;
  } shares[LIMIT_FAIR_CLIENTS]; /* by the client's hash; clients with the same index share one */
  struct fairness_entry *head;  /* those that wait, in order of arrival */
  struct fairness_entry *tail;
  uint64_t last_client;
  int64_t mixed_ms; /* when two clients last sent requests one after the other */
};

/* True if the request may be handled now. Otherwise it waits until fairness_release() returns it. */
bool fairness_admit(struct fairness *f, struct fairness_entry *e, int64_t now_ms) must_check;
/* Takes out the requests that may be handled now: a list by `next`. */
struct fairness_entry *fairness_release(struct fairness *f, int64_t now_ms) must_check;

#endif
