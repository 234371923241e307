/* job.h - one request's way through the pool and back. See hub.h for how it is used. */
#ifndef HUB_API_JOB_H
#define HUB_API_JOB_H

#include "base/json.h"
#include "base/mailbox.h"
#include "hub/db/pg.h"

struct http_request;
struct hub;

/* What an API key may do: bits. */
enum { SCOPE_NONE = 0, SCOPE_READ = 1, SCOPE_GUESTS = 2, SCOPE_ADMIN = 4 };
extern const char *const scope_names[3]; /* of bit 0.. */

struct answer {
  unsigned status;  /* 0 = none yet */
  const char *type; /* of body; constant */
  struct buf body;
  const char *code, *field, *detail; /* code: a problem; constants */
  char *headers;                     /* "Name: value\r\n...", owned, NULL = none */
  int retry_after_s;
};

struct job {
  struct mail mail;
  int (*run)(struct job *j, struct pg *db);   /* a thread of the pool */
  void (*done)(struct hub *h, struct job *j); /* loop thread, before the answer is sent; NULL = nothing */
  void (*release)(struct job *j);             /* what the struct holds beyond itself; NULL = nothing */
  struct http_request *http;                  /* loop thread only; NULL = nobody waits */
  uint8_t scope;                              /* that the key below must have */
  uint8_t key[32];                            /* hash of the caller's API key */
  int64_t scopes;                             /* that it has: for run() */
  int outcome;                                /* what run() returned last */
  struct answer answer;
};

/* size: of the struct that begins with a struct job; zeroed. */
void *job_new(size_t size, int (*run)(struct job *, struct pg *), void (*release)(struct job *))
    __attribute__((returns_nonnull));
void job_free(struct job *j); /* NULL allowed */

/* Loop thread: takes the job, answers r when it is done (503 at once when too many wait). r NULL = nobody waits. */
void hub_submit(struct hub *h, struct http_request *r, struct job *take_job);

/* In run(); the last one given counts. */
void answer_json(struct job *j, unsigned status, struct buf *take_body);
void answer_bytes(struct job *j, unsigned status, const char *type, struct buf *take_body);
void answer_problem(struct job *j, unsigned status, const char *code, const char *field, const char *detail);
void answer_later(struct job *j, unsigned status, const char *code, const char *detail, int retry_after_s);
void answer_header(struct job *j, const char *name, const char *value);
void answer_reset(struct job *j);

#endif
