/* result.h - the result of an attempt to reach the hub, by what came back. Pure. */
#ifndef SYNC_RESULT_H
#define SYNC_RESULT_H

#include "sync/http_client.h"

/* When several addresses fail, the result further down says more. */
enum sync_result {
  SYNC_OK,
  SYNC_STOPPED, /* by ourselves */
  SYNC_NO_ROUTE,
  SYNC_NO_ANSWER,
  SYNC_HUB_ERROR,   /* the hub failed, or its answer cannot be understood */
  SYNC_CAPTIVE,     /* a page that asks for a sign-in, or a redirect */
  SYNC_BLOCKED,     /* a refusal that is not the hub's */
  SYNC_CERTIFICATE, /* TLS does not prove that it is the hub */
  SYNC_BUSY,        /* the hub asks to come back later */
  SYNC_CREDENTIALS, /* the hub does not accept this booth */
  SYNC_CONFLICT,    /* the hub has another history of this epoch */
  SYNC_RESULTS
};
extern const char *const sync_result_names[SYNC_RESULTS]; /* as in the API's sync.reason, from no_route on */

/* wanted: the media type of a good answer. ret_code is the problem's code, "" if it is not the hub's. */
enum sync_result sync_result_of(const struct http_client_response *a, const char *wanted, char ret_code[static 40]);
/* Another address of the same hub may work. */
bool sync_result_try_next(enum sync_result r);

#endif
