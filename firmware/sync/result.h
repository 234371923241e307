/* result.h - what an attempt to reach the hub came to, told from what came back. Pure. */
#ifndef SYNC_RESULT_H
#define SYNC_RESULT_H

#include "sync/http_client.h"

/* Of several addresses that failed in turn, the one further down says more. */
enum outcome {
  OUTCOME_OK,
  OUTCOME_STOPPED, /* by ourselves */
  OUTCOME_NO_ROUTE,
  OUTCOME_NO_ANSWER,
  OUTCOME_HUB_ERROR,   /* the hub failed, or said what cannot be understood */
  OUTCOME_CAPTIVE,     /* a page that asks for a sign-in or sends us elsewhere */
  OUTCOME_BLOCKED,     /* a refusal that is not the hub's */
  OUTCOME_CERTIFICATE, /* TLS does not show that it is the hub */
  OUTCOME_BUSY,        /* the hub asks for patience */
  OUTCOME_CREDENTIALS, /* the hub does not take this booth */
  OUTCOME_CONFLICT,    /* the hub has another history of this epoch */
  OUTCOMES
};
extern const char *const sync_result_names[OUTCOMES]; /* as in the API's sync.reason, from no_route on */

/* wanted: the media type of a good answer. ret_code is the problem's code, "" if it is not the hub's. */
enum outcome sync_result_of(const struct http_client_response *a, const char *wanted, char ret_code[static 40]);
/* Another address of the same hub may do better. */
bool sync_result_try_next(enum outcome o);

#endif
