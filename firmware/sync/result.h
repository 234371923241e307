/* result.h - classifies the result of an attempt to reach the hub. Pure. */
#ifndef SYNC_RESULT_H
#define SYNC_RESULT_H

#include "sync/http_client.h"

/* When several addresses fail, the result further down is the more specific. */
enum sync_result {
  SYNC_OK,
  SYNC_STOPPED, /* by us */
  SYNC_NO_ROUTE,
  SYNC_NO_ANSWER,
  SYNC_HUB_ERROR,   /* the hub failed, or its answer is invalid */
  SYNC_CAPTIVE,     /* a sign-in page or a redirect: a captive portal */
  SYNC_BLOCKED,     /* a refusal that is not the hub's */
  SYNC_CERTIFICATE, /* TLS does not prove that it is the hub */
  SYNC_BUSY,        /* the hub asks to retry later */
  SYNC_CREDENTIALS, /* the hub does not accept this booth */
  SYNC_CONFLICT,    /* the hub has another history of this epoch */
  SYNC_RESULTS
};
extern const char *const sync_result_names[SYNC_RESULTS]; /* as in the API's sync.reason, from no_route on */

/* wanted: the media type of a good answer. ret_code: the code of the hub's problem document, else "". */
enum sync_result sync_result_of(const struct http_client_response *a, const char *wanted, char ret_code[static 40]);
/* Whether another address of the same hub may work. */
bool sync_result_try_next(enum sync_result r);

#endif
