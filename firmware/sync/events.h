/* events.h - what the sync thread reports to the loop: its status, the hub's time, the result of an enrolment. */
#ifndef SYNC_EVENTS_H
#define SYNC_EVENTS_H

#include "base/mailbox.h"
#include "sync/result.h"

struct sync_hub {
  char url[LIMIT_HUB_URL + 1];
  uint64_t ok; /* attempts since the start */
  uint64_t failed;
  enum sync_result last;
};

struct sync_status {
  bool enrolled;
  enum sync_result result;         /* of the last attempt; SYNC_OK before the first one */
  char detail[200];                /* of the last failure, for people; "" = none */
  int64_t acked;                   /* event id up to which the hub has the latest epoch */
  int64_t older;                   /* unacknowledged events of earlier epochs */
  int64_t last_ok_wall;            /* 0 = never */
  int64_t next_mono;               /* mono_ms of the next attempt */
  uint64_t attempts[SYNC_RESULTS]; /* since the start */
  uint64_t bytes;                  /* since the start, both directions */
  int64_t rate;                    /* bytes per second of the last large exchange; 0 = unknown */
  struct sync_hub hubs[LIMIT_HUBS + 1];
  size_t n_hubs;
};

enum sync_event_kind { SYNC_EVENT_STATUS, SYNC_EVENT_TIME, SYNC_EVENT_ENROLLED };

struct sync_event {
  struct mail mail; /* first */
  enum sync_event_kind kind;
  struct sync_status status; /* always */
  /* SYNC_EVENT_TIME: at mono_ms it was wall_ms, at most error_ms off */
  int64_t wall_ms;
  int64_t mono_ms;
  int64_t error_ms;
  /* SYNC_EVENT_ENROLLED */
  void *context;           /* of sync_enrol()'s caller */
  enum sync_result result; /* SYNC_CERTIFICATE: the answer is not from the hub that issued the code */
  int64_t retry_after_ms;
  char code[40];    /* the hub's refusal ("bad_code") */
  char booth[33];   /* the id that the hub gave */
  char detail[200]; /* in words */
};

#endif
