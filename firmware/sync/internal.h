/* internal.h - what the files of the sync thread share; nobody else includes it. */
#ifndef SYNC_INTERNAL_H
#define SYNC_INTERNAL_H

#include <pthread.h>

#include "store/journal_reader.h"
#include "sync/enrolment.h"
#include "sync/plan.h"
#include "sync/sync.h"
#include "writer/client.h"

struct enrol_attempt { /* an enrolment that somebody waits for */
  struct enrol_code code;
  char hub[LIMIT_HUB_URL + 1], name[LIMIT_BOOTH * 4 + 1];
  void *context;
};

struct sync {
  char *state_dir, *hubs; /* the latter as in the configuration */
  struct writer *writer;
  struct mailbox *to_loop, *home; /* home: requests come back from the writer */
  pthread_t thread;
  _Atomic bool stop, interrupt, rerouted; /* interrupt: what is under way ends, somebody wants to enrol */
  pthread_mutex_t lock;                   /* of these: */
  pthread_cond_t changed;
  uint32_t why;                                              /* 1 << enum sync_wake_reason, not looked at yet */
  struct enrol_attempt *ask;                                 /* NULL = none; owned */
  bool asking;                                               /* from then on until it is answered */
  enum { COMPARE_NOT, COMPARE_ASKED, COMPARE_RUNS } compare; /* for the nightly round */
  int differ;                                                /* days that did */
  struct sync_status status;
  int64_t pending, tries;    /* as the last attempt left it; attempts ended */
  struct http_client *fetch; /* the thread's own from here on */
  struct enrolment enrolment;
  struct backoff pace;
  struct batch_size load;
  struct sync_plan plan;
  size_t hub; /* of status.hubs: the one that answered last */
};

/* sync.c */
void sync_event(struct sync *s, struct sync_event *take_mail); /* with the status as it is */

/* sync_exchange.c: what the journal has now; and one bundle there and one back, by the first address that does. */
int sync_read_journal(struct sync *s, struct sync_journal *ret) must_check;
struct exchange {
  enum sync_result result;
  int64_t retry_after_ms;
  bool more; /* there is more to say */
  char detail[200];
};
void sync_exchange(struct sync *s, struct exchange *ret);
/* sync_handle_inbox.c: the items of an answer, in order, from the one after `passed` on. Returns how many were passed.
 */
size_t sync_handle_inbox(struct sync *s, const struct json *answer, int64_t generation, int64_t passed);
/* sync_enrol.c: fills the mail that tells of it. */
void sync_attempt_enrol(struct sync *s, const struct enrol_attempt *ask, struct sync_event *ret);
void sync_list_hubs(struct sync *s); /* the enrolled one and those of the configuration, into status.hubs */

#endif
