#include "hub/ingest/exchange_request.h"

#include "hub/ingest/event_parse.h"

#define MOST (INT64_C(1) << 48) /* of a seq: no booth gets there, and sums stay sums */

static const char *read_integers(const struct json *j, struct exchange_request *m)
{
  const struct {
    const char *name;
    int64_t low, high;
    int64_t *to;
  } stats[] = {
      {"sent_mono_ms", 0, MOST, &m->sent_mono_ms},
      {"first_seq", 0, MOST, &m->first_seq},
      {"head_seq", 0, MOST, &m->head_seq},
      {"cursor", 0, MOST, &m->cursor},
      {"oldest_seq", 0, MOST, &m->oldest_seq},
      {"inbox_ack", 0, MOST, &m->inbox_ack},
      {"generation", 0, INT64_C(1) << 53, &m->generation},
  };
  for (size_t i = 0; i < array_len(stats); i++)
    if (!json_get_int(j, stats[i].name, stats[i].low, stats[i].high, stats[i].to))
      return stats[i].name;
  return NULL;
}

static const char *read_parent(const struct json *j, struct exchange_request *m)
{
  const struct json *parent = json_get(j, "parent");
  m->has_parent = parent && !json_is_null(parent);
  if (m->has_parent && (!json_get_hex(parent, "epoch", m->parent, sizeof m->parent) ||
                        !json_get_int(parent, "seq", 0, MOST, &m->parent_seq)))
    return "parent";
  return NULL;
}

/* A booth without any event, or with all compacted, may say 0 or head + 1; beyond that nothing can be missing. */
static const char *read_events(const struct json *j, struct exchange_request *m)
{
  m->events = json_get(j, "events");
  m->people = json_get(j, "people");
  m->digests = json_get(j, "digests");
  m->n_events = json_size(m->events);
  m->first_seq = max(m->first_seq, 1);
  m->last_seq = m->first_seq + (int64_t)m->n_events - 1;
  m->oldest_seq = min(max(m->oldest_seq, 1), m->head_seq + 1);
  for (const struct json *e = json_at(m->events, 0); e; e = json_next(e))
    if (!json_string(e))
      return "events";
  return m->n_events && m->last_seq > m->head_seq ? "head_seq" : NULL;
}

const char *exchange_request_read(const struct json *body, struct exchange_request *ret)
{
  struct exchange_request m = {0};
  const char *wrong = read_integers(body, &m);
  if (wrong)
    return wrong;
  if (!json_get_hex(body, "epoch", m.epoch, sizeof m.epoch))
    return "epoch";
  if (!json_get_text(body, "boot", m.boot, sizeof m.boot))
    return "boot";
  if (!json_get_text(body, "version", m.version, sizeof m.version))
    return "version";
  wrong = read_parent(body, &m);
  if (!wrong)
    wrong = read_events(body, &m);
  if (!wrong)
    *ret = m;
  return wrong;
}
