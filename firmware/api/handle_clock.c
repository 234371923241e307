#include "api/command_request.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "base/text.h"
#include "system/clock_sync.h"

static void refuse_offer(struct http_request *r)
{
  api_refuse(r, REFUSE_WRONG_STATE, NULL, "The clock is trusted already, or that time is behind it or too far ahead.",
             NULL);
}

static void answer_repeated_offer(struct pending *p, struct writer_request *r)
{
  if (r->refusal == REFUSE_NOT_FOUND)
    refuse_offer(p->http);
  else
    api_answer_command(p, r);
}

/* An offer is also refused after its own repeat has set the clock; its key then finds the repeat's answer. */
static void offer_clock(struct http_request *r, struct writer_request *take_command, int64_t wall_ms)
{
  struct api *api = api_of(r);
  take_command->command.old_wall_ms = clock_wall_ms();
  if (clock_sync_offer(api->parts->clock, wall_ms) == 0) {
    api->clock_set(api->context);
    api_submit_command(r, take_command);
  } else if (take_command->has_key) {
    take_command->kind = WRITER_KEY;
    api_submit(r, take_command, answer_repeated_offer);
  } else {
    writer_request_free(take_command);
    refuse_offer(r);
  }
}

static void continue_offer(struct pending *p, struct writer_request *r)
{
  if (r->refusal == REFUSE_NOT_FOUND)
    offer_clock(p->http, take(p->next_request), p->offered_ms);
  else
    api_answer_command(p, r);
}

/* Looks for the answer to an earlier offer with this key. A repeat does not set the clock: its time has passed by then.
 */
static void find_earlier_offer(struct http_request *r, struct writer_request *take_command, int64_t wall_ms)
{
  struct writer_request *q = writer_request_new(WRITER_KEY, NULL);
  q->command.kind = CMD_CLOCK;
  memcpy(q->key.hash, take_command->key.hash, sizeof q->key.hash);
  memcpy(q->key.fingerprint, take_command->key.fingerprint, sizeof q->key.fingerprint);
  struct pending *p = api_submit(r, q, continue_offer);
  if (!p) {
    writer_request_free(take_command);
    return;
  }
  p->next_request = take_command;
  p->offered_ms = wall_ms;
}

void api_clock_post(struct http_request *r)
{
  struct clock_body {
    const char *now;
  } body = {0};
  static const struct json_field fields[] = {
      {"now", JSON_STRING, offsetof(struct clock_body, now), .low = 20, .high = 32, .required = true},
  };
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, fields, array_len(fields), &body, &parsed))
    return;
  int64_t wall_ms;
  if (text_parse_time(body.now, &wall_ms) < 0) {
    http_refuse(r, HTTP_INVALID_FIELD, "now", "A time looks like 2026-09-11T10:03:07.250Z.");
    return;
  }
  struct writer_request *q = api_command(r, CMD_CLOCK);
  if (!q)
    return;
  if (q->has_key)
    find_earlier_offer(r, q, wall_ms);
  else
    offer_clock(r, q, wall_ms);
}
