/* client.h - requests to the daemon, and their answers, read whole.
 *
 * Unless it says otherwise a function returns 0 if the daemon answered 2xx, else the exit status, and has printed why.
 * The caller owns the answer (autoanswer) either way.
 */
#ifndef BOOTHCTL_CLIENT_H
#define BOOTHCTL_CLIENT_H

#include "base/json.h"
#include "boothctl/ctl.h"

#define API_QUEUE  "/api/v1/queue"
#define API_SYSTEM "/api/v1/system"

struct answer {
  int status;
  int64_t date_ms; /* the booth's time at the answer; ours if it sent none */
  struct buf text;
  struct json *json; /* NULL if the text is no JSON */
};

void answer_done(struct answer *a);
#define autoanswer cleanup(answer_done)
/* Prints the text and a newline. Returns 0. */
int answer_print(const struct answer *a);

int client_get(struct ctl *c, const char *path, struct answer *ret) must_check;
/* Prints nothing. 0 with any status, or negative errno. */
int client_try_get(struct ctl *c, const char *path, struct answer *ret) must_check;

/* With an Idempotency-Key, repeated with the same one while the outcome is unknown: 5 times within about 10 s. body:
 * JSON or NULL. */
int client_change(struct ctl *c, const char *method, const char *path, const char *body, struct answer *ret) must_check;
/* Never repeated. client_change_slowly waits for minutes, for what depends on another network. */
int client_change_once(struct ctl *c, const char *method, const char *path, const char *body,
                       struct answer *ret) must_check;
int client_change_slowly(struct ctl *c, const char *method, const char *path, const char *body,
                         struct answer *ret) must_check;

/* Writes the body of a GET to a file, whole or not at all; NULL: to stdout. */
int client_download(struct ctl *c, const char *path, const char *file) must_check;
/* POSTs the content of a file. */
int client_upload(struct ctl *c, const char *path, const char *type, const char *file, struct answer *ret) must_check;

#endif
