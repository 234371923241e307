/* events.h - what the sync thread tells the loop: how it stands, the hub's time, how an enrolment went. */
#ifndef SYNC_EVENTS_H
#define SYNC_EVENTS_H

#include "base/mailbox.h"
#include "sync/result.h"

struct sync_hub {
  char url[LIMIT_HUB_URL + 1];
  uint64_t ok, failed; /* attempts since the start */
  enum sync_result last;
};

struct sync_status {
  bool enrolled;
  enum sync_result result;                /* of the last attempt; SYNC_OK before the first one */
  int64_t acked;                          /* event id: the latest epoch up to here is at the hub */
  int64_t older;                          /* events of epochs before it that are not */
  int64_t last_ok_wall, next_mono;        /* 0 = never; mono_ms of the next attempt */
  uint64_t attempts[SYNC_RESULTS], bytes; /* since the start; both directions */
  int64_t rate;                           /* bytes per second of the last exchange that told; 0 = not known */
  char detail[200];                       /* of the last failure, for people; "" = none */
  struct sync_hub hubs[LIMIT_HUBS + 1];
  size_t n_hubs;
};

enum sync_event_kind { SYNC_EVENT_STATUS, SYNC_EVENT_TIME, SYNC_EVENT_ENROLLED };

struct sync_event {
  struct mail mail; /* first */
  enum sync_event_kind kind;
  struct sync_status status;          /* always */
  int64_t wall_ms, mono_ms, error_ms; /* SYNC_EVENT_TIME: at mono_ms it was wall_ms, at most error_ms off */
  void *context;                      /* SYNC_EVENT_ENROLLED: the asker's */
  enum sync_result result;            /* CONFLICT: the code is not the hub's whose address was given */
  int64_t retry_after_ms;
  char code[40], booth[33], detail[200]; /* the hub's refusal ("bad_code"); what it calls us; in words */
};

#endif
