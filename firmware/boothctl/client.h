/* client.h - questions to the daemon and their answers read whole.
 *
 * client_get, client_change, client_change_once, client_download and client_upload return 0 if the daemon said yes,
 * else the exit status, and have told why. The caller owns the answer (autoanswer) either way.
 */
#ifndef BOOTHCTL_CLIENT_H
#define BOOTHCTL_CLIENT_H

#include "base/json.h"
#include "boothctl/ctl.h"

struct answer {
  int status;
  int64_t date_ms; /* the booth's time at the answer; ours if it sent none */
  struct buf text;
  struct json *json; /* NULL if it was none */
};

void answer_done(struct answer *a);
#define autoanswer cleanup(answer_done)

int client_get(struct ctl *c, const char *path, struct answer *ret) must_check;
/* With an Idempotency-Key; repeated with the same one while the outcome is unknown, 5 tries within about 10 s.
 * body is JSON or NULL. */
int client_change(struct ctl *c, const char *method, const char *path, const char *body, struct answer *ret) must_check;
/* Never repeated: for what has no key; and for what takes minutes. */
int client_change_once(struct ctl *c, const char *method, const char *path, const char *body,
                       struct answer *ret) must_check;
int client_change_slowly(struct ctl *c, const char *method, const char *path, const char *body,
                         struct answer *ret) must_check;
/* The body of a GET into a file, whole or not at all (NULL: stdout). */
int client_download(struct ctl *c, const char *path, const char *file) must_check;
/* A file as the body of a POST. */
int client_upload(struct ctl *c, const char *path, const char *type, const char *file, struct answer *ret) must_check;

/* Without a word: 0 with any status, or negative errno. */
int client_try_get(struct ctl *c, const char *path, struct answer *ret) must_check;

/* The answer's text with a newline. Returns 0. */
int answer_print(const struct answer *a);

#endif
