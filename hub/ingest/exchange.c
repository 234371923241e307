/* exchange.c - order of work: look up, verify, open, inflate, parse; then one transaction, under the booth's row,
 * stores what came and reads what goes, so that bundles of one booth that come at once, to whichever process, take
 * turns.
 *
 * Who the booth is, in which state its key is, and which of our keys it sealed to, is one statement before any of the
 * work that costs. The answer is signed by the key of that same number: the booth shows by it which one it has pinned.
 */
#include "hub/ingest/exchange.h"

#include <errno.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "hub/ingest/compare.h"
#include "hub/ingest/journal.h"
#include "hub/model/inbox.h"

#define DAY_MS INT64_C(86400000)

static const char SQL_WHO[] =
    "SELECT b.n, k.state, k.open_public, h.sign_public, h.sign_secret, h.open_public, h.open_secret "
    "FROM booth b JOIN booth_key k ON k.booth = b.n AND k.sign_public = $2 LEFT JOIN hub_key h "
    "ON h.n = $3 AND coalesce(h.retired_at, $4) >= $4 - $5 WHERE b.id = $1";
static const char SQL_SEEN[] = "UPDATE booth SET seen_at = $2, direct_at = coalesce($3, direct_at), version = $4, "
                               "exchanges = exchanges + 1 WHERE n = $1";

struct peer {
  int64_t booth;
  bool retired;
  uint8_t open_key[32];
  struct bundle_header head;
  struct bundle_keys keys; /* ours, that it used */
};

/* --- who asks --- */

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
  int r = pg_query(db, SQL_WHO, &a, &rows);
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

/* --- what it says --- */

/* A booth that knows more of us than we do has spoken with a later state of this database. */
static int detect_restore(struct pg *db, const struct exchange_request *m, const struct epoch *e, struct inbox *i)
{
  bool ahead = m->generation == i->generation && (m->cursor > e->acked || m->inbox_ack > i->head);
  bool later = m->generation > i->generation && m->generation <= clock_wall_ms() + DAY_MS;
  if (!ahead && !later)
    return 0;
  log_warn("restored", "told_cursor=%lld cursor=%lld told_inbox=%lld inbox=%lld", (long long)m->cursor,
           (long long)e->acked, (long long)m->inbox_ack, (long long)i->head);
  int r = inbox_raise(db, i->generation, m->generation);
  return r < 0 ? r : inbox_settle(db, i->booth, i);
}

static int record_contact(const struct exchange *x, struct pg *db, const struct exchange_request *m, int64_t booth)
{
  struct pg_args a = {0};
  pg_int(&a, booth);
  pg_int(&a, x->arrived);
  pg_int_or_null(&a, x->courier ? 0 : x->arrived);
  pg_text(&a, m->version);
  return pg_do(db, SQL_SEEN, &a, NULL);
}

static void begin_answer(struct buf *b, const struct peer *p, const struct exchange_request *m)
{
  char id[33];
  json_open(b, NULL, '{');
  util_hex(id, p->head.id, sizeof p->head.id);
  json_str(b, "for", id);
  util_hex(id, m->epoch, sizeof m->epoch);
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

/* The inbox is that of the booth's present box: a retired one is given nothing of it, and what it did moves nothing. */
static int serve(struct exchange *x, struct pg *db, const struct peer *p, const struct exchange_request *m,
                 struct buf *ret)
{
  struct ingest_result stats = {0};
  struct inbox inbox = {0};
  struct epoch epoch = {0};
  int r = inbox_settle(db, p->booth, &inbox);
  if (r == 0)
    r = epoch_find(db, p->booth, m, !p->retired, &epoch);
  if (r < 0)
    return r;
  if (epoch.n == 0) {
    x->outcome = OUTCOME_RETIRED;
    return 0;
  }
  r = detect_restore(db, m, &epoch, &inbox);
  if (r == 0)
    r = journal_ingest(db, p->booth, inbox.generation, m, &epoch, &stats);
  int64_t passed = m->generation == inbox.generation ? m->inbox_ack : 0;
  if (r == 0 && !p->retired)
    r = inbox_ack(db, &inbox, passed);
  begin_answer(ret, p, m);
  if (r == 0)
    r = compare_days(db, &epoch, m->digests, ret);
  if (r == 0)
    r = inbox_page(db, &inbox, p->retired ? inbox.head : passed, ret);
  if (r == 0)
    r = record_contact(x, db, m, p->booth);
  end_answer(ret, &epoch, &inbox, passed + 1, stats.conflict);
  x->outcome = stats.conflict ? OUTCOME_CONFLICT : OUTCOME_OK;
  x->events = stats.stored;
  x->events_again = stats.duplicates;
  x->quarantined = stats.quarantined;
  return r;
}

static int in_transaction(struct exchange *x, struct pg *db, const struct peer *p, const struct exchange_request *m,
                          struct buf *ret_answer)
{
  autobuf struct buf members = {0};
  struct bundle_header head = {.kind = BUNDLE_TO_BOOTH, .key = 1};
  int r = pg_begin(db);
  if (r == 0)
    r = serve(x, db, p, m, &members);
  if (r < 0 || x->outcome == OUTCOME_RETIRED)
    return r;
  r = pg_commit(db);
  if (r < 0)
    return r;
  memcpy(head.booth, p->head.booth, sizeof head.booth);
  r = bundle_seal(&head, p->keys.sign_secret, p->open_key, members.data, members.len, ret_answer);
  x->bytes_out = ret_answer->len;
  return r == 0 ? 0 : -EPROTO;
}

static int work(struct exchange *x, struct pg *db, struct buf *ret_answer)
{
  struct peer p;
  struct bundle_header head;
  struct exchange_request m;
  struct json *body = NULL;
  const char *why = "form";
  x->outcome = OUTCOME_BAD_BUNDLE;
  if (bundle_parse_header(x->bytes, x->n, &head) < 0 || head.kind != BUNDLE_TO_HUB)
    return 0;
  int r = find_peer(db, &head, &p, &x->outcome);
  if (r < 0 || x->outcome != OUTCOME_OK)
    return r;
  if (bundle_open(x->bytes, x->n, &p.keys, &body, &why) == 0 && !(why = exchange_request_read(body, &m))) {
    m.heard_offset = x->courier ? 0 : x->arrived - m.sent_mono_ms;
    r = in_transaction(x, db, &p, &m, ret_answer);
  } else {
    x->outcome = OUTCOME_BAD_BUNDLE;
    log_warn("bad_bundle", "booth=%lld why=\"%s\"", (long long)p.booth, why);
  }
  json_free(body);
  return r;
}

int exchange_run(struct exchange *x, struct pg *db, struct buf *ret_answer)
{
  int64_t began = clock_mono_us();
  int r = work(x, db, ret_answer);
  x->us = (uint64_t)(clock_mono_us() - began);
  return r;
}

const struct exchange_refusal *exchange_refusal(enum outcome o)
{
  static const struct exchange_refusal refusals[OUTCOMES] = {
      [OUTCOME_BAD_BUNDLE] = {400, "This is no bundle for this hub, or not as its sender made it."},
      [OUTCOME_UNKNOWN_KEY] = {401, "The sender's key is not registered for this booth."},
      [OUTCOME_REVOKED] = {403, "This box's keys were revoked. Enrol it again."},
      [OUTCOME_RETIRED] = {403, "Another box was enrolled for this booth; this one may only finish what it had begun."},
  };
  return refusals[o].status ? &refusals[o] : NULL;
}

void exchange_count(const struct exchange *x, enum outcome o, struct stats *n)
{
  n->exchanges[o]++;
  n->bytes_in += x->n;
  n->courier += x->courier;
  n->exchange_us += x->us;
  if (o == OUTCOME_UNAVAILABLE)
    return;
  n->bytes_out += x->bytes_out;
  n->events += x->events;
  n->events_again += x->events_again;
  n->quarantined += x->quarantined;
}
