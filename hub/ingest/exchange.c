/* exchange.c - an exchange looks up the sender, then verifies, opens, inflates and parses its bundle. Then one
 * transaction, which locks the booth's row, stores the events and reads the answer; so concurrent bundles of one booth
 * are handled one after the other, in whichever process.
 *
 * Before any expensive work one statement finds the booth, the state of its key and the hub's key that the bundle is
 * sealed to. The answer is signed by the hub's key of the same number, which the booth has pinned.
 */
#include "hub/ingest/exchange.h"

#include <errno.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "hub/ingest/compare.h"
#include "hub/ingest/journal.h"
#include "hub/model/generation.h"
#include "hub/model/inbox.h"

#define DAY_MS INT64_C(86400000)

static const char SQL_PEER[] =
    "SELECT b.n, k.state, k.open_public, h.sign_public, h.sign_secret, h.open_public, h.open_secret "
    "FROM booth b JOIN booth_key k ON k.booth = b.n AND k.sign_public = $2 LEFT JOIN hub_key h "
    "ON h.n = $3 AND coalesce(h.retired_at, $4) >= $4 - $5 WHERE b.id = $1";
static const char SQL_CONTACT[] = "UPDATE booth SET seen_at = $2, direct_at = coalesce($3, direct_at), version = $4, "
                                  "exchanges = exchanges + 1 WHERE n = $1";

const char *const outcome_names[OUTCOMES] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_CONFLICT] = "conflict",
    [OUTCOME_BAD_BUNDLE] = "bad_bundle",
    [OUTCOME_UNKNOWN_KEY] = "unknown_key",
    [OUTCOME_REVOKED] = "revoked",
    [OUTCOME_RETIRED] = "retired",
    [OUTCOME_UNAVAILABLE] = "unavailable",
};

/* The box that sent the bundle. */
struct peer {
  int64_t booth;
  bool retired;         /* another box has replaced it */
  uint8_t open_key[32]; /* the answer is sealed to it */
  struct bundle_header head;
  struct bundle_keys keys; /* the hub's that the bundle is sealed to */
};

/* --- the sender --- */

static bool read_keys(const struct pg_rows *rows, struct bundle_keys *ret)
{
  return pg_get_bytes(rows, 0, 3, ret->sign_public, sizeof ret->sign_public) &&
         pg_get_bytes(rows, 0, 4, ret->sign_secret, sizeof ret->sign_secret) &&
         pg_get_bytes(rows, 0, 5, ret->open_public, sizeof ret->open_public) &&
         pg_get_bytes(rows, 0, 6, ret->open_secret, sizeof ret->open_secret);
}

static int find_peer(struct pg *db, const struct bundle_header *head, struct peer *ret, enum outcome *ret_outcome)
{
  autorows struct pg_rows *rows = NULL;
  struct pg_args a = {0};
  pg_bytes(&a, head->booth, sizeof head->booth);
  pg_bytes(&a, head->sender, sizeof head->sender);
  pg_int(&a, head->key);
  pg_int(&a, clock_wall_ms());
  pg_int(&a, LIMIT_HUB_KEY_H * INT64_C(3600000));
  int r = pg_query(db, SQL_PEER, &a, &rows);
  if (r < 0)
    return r;
  ret->head = *head;
  if (pg_count(rows) == 0) {
    *ret_outcome = OUTCOME_UNKNOWN_KEY;
  } else if (strcmp(pg_get(rows, 0, 1), "revoked") == 0) {
    *ret_outcome = OUTCOME_REVOKED;
  } else if (!read_keys(rows, &ret->keys) || !pg_get_bytes(rows, 0, 2, ret->open_key, sizeof ret->open_key)) {
    *ret_outcome = OUTCOME_BAD_BUNDLE;
  } else {
    ret->booth = pg_get_int(rows, 0, 0);
    ret->retired = strcmp(pg_get(rows, 0, 1), "retired") == 0;
    *ret_outcome = OUTCOME_OK;
  }
  return 0;
}

/* --- the transaction --- */

/* A booth that knows more about the hub than the hub itself has talked to a later state of this database: the database
 * was restored. */
static int detect_restore(struct pg *db, const struct exchange_request *q, const struct epoch *e, struct inbox *i)
{
  bool ahead = q->generation == i->generation && (q->cursor > e->acked || q->inbox_ack > i->head);
  bool later = q->generation > i->generation && q->generation <= clock_wall_ms() + DAY_MS;
  if (!ahead && !later)
    return 0;
  log_warn("restored", "booth_cursor=%lld cursor=%lld booth_inbox=%lld inbox=%lld", (long long)q->cursor,
           (long long)e->acked, (long long)q->inbox_ack, (long long)i->head);
  int r = generation_raise(db, i->generation, q->generation);
  return r < 0 ? r : inbox_lock(db, i->booth, i);
}

static int record_contact(const struct exchange *x, struct pg *db, const struct exchange_request *q, int64_t booth)
{
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_int(&a, x->arrived);
  pg_int_or_null(&a, x->courier ? 0 : x->arrived);
  pg_text(&a, q->version);
  return pg_do(db, SQL_CONTACT, &a, NULL);
}

static void begin_answer(struct buf *b, const struct peer *p, const struct exchange_request *q)
{
  char id[33];
  json_open(b, NULL, '{');
  util_hex(id, p->head.id, sizeof p->head.id);
  json_str(b, "for", id);
  util_hex(id, q->epoch, sizeof q->epoch);
  json_str(b, "epoch", id);
}

static void end_answer(struct buf *b, const struct epoch *e, const struct inbox *i, int64_t from, int64_t conflict)
{
  json_int(b, "generation", i->generation);
  json_int(b, "acked_seq", conflict ? min(e->acked, conflict - 1) : e->acked);
  json_int(b, "inbox_from", from);
  json_time(b, "hub_time", clock_wall_ms());
  if (conflict)
    json_int(b, "conflict_seq", conflict);
  else
    json_null(b, "conflict_seq");
  json_close(b, '}');
}

/* Stores the events of the request and acknowledges the inbox. Only the booth's present box has an inbox: a retired one
 * gets no items, and its acknowledgements change nothing. */
static int store_request(struct exchange *x, struct pg *db, const struct peer *p, const struct exchange_request *q,
                         struct epoch *e, struct inbox *i, int64_t *ret_conflict)
{
  struct ingest_result result;
  int r = detect_restore(db, q, e, i);
  if (r < 0)
    return r;
  r = journal_ingest(db, p->booth, i->generation, q, e, &result);
  if (r < 0)
    return r;
  x->outcome = result.conflict ? OUTCOME_CONFLICT : OUTCOME_OK;
  x->events = result.stored;
  x->duplicates = result.duplicates;
  x->quarantined = result.quarantined;
  *ret_conflict = result.conflict;
  if (p->retired)
    return 0;
  return inbox_ack(db, i, q->generation == i->generation ? q->inbox_ack : 0);
}

static int serve_request(struct exchange *x, struct pg *db, const struct peer *p, const struct exchange_request *q,
                         struct buf *ret)
{
  struct inbox inbox = {0};
  struct epoch epoch = {0};
  int64_t conflict;
  int r = inbox_lock(db, p->booth, &inbox);
  if (r < 0)
    return r;
  r = epoch_find_or_make(db, p->booth, q, !p->retired, &epoch);
  if (r < 0)
    return r;
  if (epoch.n == 0) {
    x->outcome = OUTCOME_RETIRED;
    return 0;
  }
  r = store_request(x, db, p, q, &epoch, &inbox, &conflict);
  if (r < 0)
    return r;
  int64_t acked = q->generation == inbox.generation ? q->inbox_ack : 0;
  begin_answer(ret, p, q);
  r = compare_days(db, &epoch, q->digests, ret);
  if (r < 0)
    return r;
  r = inbox_page(db, &inbox, p->retired ? inbox.head : acked, ret);
  if (r < 0)
    return r;
  r = record_contact(x, db, q, p->booth);
  if (r < 0)
    return r;
  end_answer(ret, &epoch, &inbox, acked + 1, conflict);
  return 0;
}

static int run_transaction(struct exchange *x, struct pg *db, const struct peer *p, const struct exchange_request *q,
                           struct buf *ret_answer)
{
  autobuf struct buf answer = {0};
  int r = pg_begin(db);
  if (r < 0)
    return r;
  r = serve_request(x, db, p, q, &answer);
  if (r < 0 || x->outcome == OUTCOME_RETIRED)
    return r;
  r = pg_commit(db);
  if (r < 0)
    return r;
  struct bundle_header head = {.kind = BUNDLE_TO_BOOTH, .key = 1};
  memcpy(head.booth, p->head.booth, sizeof head.booth);
  r = bundle_seal(&head, p->keys.sign_secret, p->open_key, answer.data, answer.len, ret_answer);
  x->bytes_out = ret_answer->len;
  return r == 0 ? 0 : -EPROTO;
}

/* --- an exchange --- */

/* NULL, or what is wrong with the bundle. *ret borrows from *ret_body, which the caller frees. */
static const char *open_bundle(const struct exchange *x, const struct peer *p, struct exchange_request *ret,
                               struct json **ret_body)
{
  const char *why = "form";
  if (bundle_open(x->bytes, x->n, &p->keys, ret_body, &why) != 0)
    return why;
  why = exchange_request_read(*ret_body, ret);
  if (!why)
    ret->heard_offset = x->courier ? 0 : x->arrived - ret->sent_mono_ms;
  return why;
}

static int handle_bundle(struct exchange *x, struct pg *db, struct buf *ret_answer)
{
  struct bundle_header head;
  x->outcome = OUTCOME_BAD_BUNDLE;
  if (bundle_parse_header(x->bytes, x->n, &head) < 0 || head.kind != BUNDLE_TO_HUB)
    return 0;
  struct peer p;
  int r = find_peer(db, &head, &p, &x->outcome);
  if (r < 0 || x->outcome != OUTCOME_OK)
    return r;
  struct exchange_request q;
  struct json *body = NULL;
  const char *why = open_bundle(x, &p, &q, &body);
  if (why) {
    x->outcome = OUTCOME_BAD_BUNDLE;
    log_warn("bad_bundle", "booth=%lld why=\"%s\"", (long long)p.booth, why);
  } else {
    r = run_transaction(x, db, &p, &q, ret_answer);
  }
  json_free(body);
  return r;
}

int exchange_run(struct exchange *x, struct pg *db, struct buf *ret_answer)
{
  int64_t began = clock_mono_us();
  int r = handle_bundle(x, db, ret_answer);
  x->us = (uint64_t)(clock_mono_us() - began);
  return r;
}
