/* command_request.h - builds, submits and answers commands of the queue. Loop thread only. */
#ifndef API_COMMAND_REQUEST_H
#define API_COMMAND_REQUEST_H

#include "api/api.h"

/* Makes a command with the request's device, Idempotency-Key and If-Match. NULL: the request was refused. */
struct writer_request *api_command(struct http_request *r, enum command_kind kind);
/* Submits it; it is answered by api_answer_command(). */
void api_submit_command(struct http_request *r, struct writer_request *take_request);
void api_answer_command(struct pending *p, struct writer_request *r);
void api_answer_refusal(struct pending *p, struct writer_request *r); /* by r->refusal */

#endif
