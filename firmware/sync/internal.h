/* internal.h - what the files of the sync thread share; for this room only. */
#ifndef SYNC_INTERNAL_H
#define SYNC_INTERNAL_H

#include "base/thread.h"
#include "store/journal_reader.h"
#include "sync/backoff.h"
#include "sync/batch_size.h"
#include "sync/enrolment.h"
#include "sync/plan.h"
#include "sync/sync.h"
#include "writer/client.h"

/* A requested enrolment; its caller waits for the result. */
struct enrol_attempt {
  struct enrol_code code;
  char hub[LIMIT_HUB_URL + 1];
  char name[LIMIT_BOOTH * 4 + 1];
  void *context;
};

enum compare_state { COMPARE_NONE, COMPARE_WANTED, COMPARE_RUNNING };

struct sync {
  /* constant after the start */
  char *state_dir;
  char *configured_hubs; /* as in the configuration */
  struct writer *writer;
  struct mailbox *to_loop;
  struct mailbox *home; /* requests come back from the writer */
  struct thread thread;

  _Atomic bool interrupt; /* ends the running request: to stop, or to enrol */
  _Atomic bool rerouted;  /* a new route came up since the attempt began */

  /* under the thread's lock */
  uint32_t wake_reasons;         /* 1 << enum sync_wake_reason, not handled yet */
  struct enrol_attempt *attempt; /* NULL = none; owned */
  bool enrolling;                /* from sync_enrol() until its result is posted */
  enum compare_state compare;    /* for maintenance */
  int differing_days;
  struct sync_status status;
  int64_t pending;  /* events to send, after the last attempt */
  int64_t attempts; /* finished ones */

  /* the thread's own from here on */
  struct http_client *http;
  struct enrolment enrolment;
  struct backoff backoff;
  struct batch_size batch_size;
  struct sync_plan plan;
  size_t hub; /* index in status.hubs of the one that answered last */
};

/* sync.c: adds the present status to the event. */
void sync_post_event(struct sync *s, struct sync_event *take_event);

/* exchange.c: reads the journal's state; exchanges one bundle with the first address that answers. */
struct exchange_result {
  enum sync_result result;
  int64_t retry_after_ms;
  bool more; /* there is more to send */
  char detail[200];
};
int sync_read_journal(struct sync *s, struct sync_journal *ret) must_check;
void sync_exchange(struct sync *s, struct exchange_result *ret);

/* inbox.c: handles an answer's items in order, beginning after number `passed`. Returns how many were passed. */
size_t sync_handle_inbox(struct sync *s, const struct json *answer, int64_t generation, int64_t passed);

/* enrol_attempt.c: fills the event with the result; fills status.hubs with the enrolled and the configured hubs. */
void sync_attempt_enrol(struct sync *s, const struct enrol_attempt *a, struct sync_event *ret);
void sync_list_hubs(struct sync *s);

#endif
