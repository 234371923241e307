#include "hub/ingest/exchange_request.h"

#define MAX_SEQ (INT64_C(1) << 48) /* no booth reaches it, and the sum of two does not overflow */

static const char *read_integers(const struct json *j, struct exchange_request *q)
{
  const struct {
    const char *name;
    int64_t high;
    int64_t *to;
  } members[] = {
      {"sent_mono_ms", MAX_SEQ, &q->sent_mono_ms},
      {"first_seq", MAX_SEQ, &q->first_seq},
      {"head_seq", MAX_SEQ, &q->head_seq},
      {"cursor", MAX_SEQ, &q->cursor},
      {"oldest_seq", MAX_SEQ, &q->oldest_seq},
      {"inbox_ack", MAX_SEQ, &q->inbox_ack},
      {"generation", INT64_C(1) << 53, &q->generation},
  };
  for (size_t i = 0; i < array_len(members); i++)
    if (!json_get_int(j, members[i].name, 0, members[i].high, members[i].to))
      return members[i].name;
  return NULL;
}

static const char *read_parent(const struct json *j, struct exchange_request *q)
{
  const struct json *parent = json_get(j, "parent");
  q->has_parent = parent && !json_is_null(parent);
  if (!q->has_parent)
    return NULL;
  bool valid = json_get_hex(parent, "epoch", q->parent, sizeof q->parent) &&
               json_get_int(parent, "seq", 0, MAX_SEQ, &q->parent_seq);
  return valid ? NULL : "parent";
}

/* A booth without events, or that compacted all, may send 0 or head_seq + 1 as its oldest; higher is meaningless. */
static const char *read_events(const struct json *j, struct exchange_request *q)
{
  q->events = json_get(j, "events");
  q->people = json_get(j, "people");
  q->digests = json_get(j, "digests");
  q->n_events = json_size(q->events);
  q->first_seq = max(q->first_seq, 1);
  q->last_seq = q->first_seq + (int64_t)q->n_events - 1;
  q->oldest_seq = min(max(q->oldest_seq, 1), q->head_seq + 1);
  for (const struct json *e = json_at(q->events, 0); e; e = json_next(e))
    if (!json_string(e))
      return "events";
  return q->n_events && q->last_seq > q->head_seq ? "head_seq" : NULL;
}

const char *exchange_request_read(const struct json *body, struct exchange_request *ret)
{
  struct exchange_request q = {0};
  const char *wrong = read_integers(body, &q);
  if (wrong)
    return wrong;
  if (!json_get_hex(body, "epoch", q.epoch, sizeof q.epoch))
    return "epoch";
  if (!json_get_text(body, "boot", q.boot, sizeof q.boot))
    return "boot";
  if (!json_get_text(body, "version", q.version, sizeof q.version))
    return "version";
  wrong = read_parent(body, &q);
  if (wrong)
    return wrong;
  wrong = read_events(body, &q);
  if (wrong)
    return wrong;
  *ret = q;
  return NULL;
}
