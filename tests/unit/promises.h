/* promises.h - random commands, each with an idempotency key of its own, and their answers; and the check of a database
 * against them: it is whole, the journal has no gap and replays to the tickets, and each command that was acknowledged
 * is there exactly once, none in part.
 */
#ifndef UNIT_PROMISES_H
#define UNIT_PROMISES_H

#include "booth_fixture.h"

#define PROMISES 4000

struct promise {
  struct command command; /* without what it owns */
  bool answered;
  int code;
  int64_t event, ticket;
  long at; /* the caller's: when it was answered */
};

struct promises {
  struct promise list[PROMISES];
  size_t n;
  uint64_t random;
};

static inline uint64_t promises_random(struct promises *p, uint64_t sides)
{
  p->random ^= p->random << 13;
  p->random ^= p->random >> 7;
  p->random ^= p->random << 17;
  return (p->random >> 11) % sides;
}

/* The request of a promise: the same each time. */
static inline struct writer_request *promise_request(const struct promises *p, size_t i)
{
  struct writer_request *r = writer_request_new(WRITER_COMMAND, NULL);
  char name[32];
  snprintf(name, sizeof name, "name-%zu", i);
  r->command = p->list[i].command;
  if (r->command.kind == CMD_ISSUE)
    r->command.person = person_new(name, "010-1234-5678", NULL);
  r->has_key = true;
  memcpy(r->key.hash, &i, sizeof i);
  memcpy(r->key.fingerprint, &i, sizeof r->key.fingerprint);
  return r;
}

/* A command that staff might give; a third of them are refused. */
static inline size_t promises_add(struct promises *p)
{
  static const enum command_kind kinds[] = {CMD_ISSUE,   CMD_ISSUE,   CMD_ISSUE,  CMD_CALL_NEXT, CMD_CALL, CMD_SEAT,
                                            CMD_NO_SHOW, CMD_REQUEUE, CMD_PHONED, CMD_UNDO,      CMD_EDIT};
  size_t i = p->n++;
  struct promise *w = &p->list[i];
  assert_true(i < PROMISES);
  struct command c = {.kind = p->n < 5 ? CMD_ISSUE : kinds[promises_random(p, array_len(kinds))],
                      .actor = 7,
                      .party_size = (uint16_t)(1 + promises_random(p, 9)),
                      .position = (enum position)promises_random(p, 4),
                      .after = (uint32_t)promises_random(p, 5),
                      .edits = EDIT_PARTY,
                      .token = {(int64_t)i + 1, 1}};
  util_copy(c.line, sizeof c.line, promises_random(p, 4) ? "a" : "b");
  const struct promise *other = &p->list[promises_random(p, p->n)];
  if (c.kind == CMD_UNDO)
    c.undo = max(other->event, (INT64_C(1) << 32) + 1);
  else if (c.kind != CMD_ISSUE && c.kind != CMD_CALL_NEXT)
    c.ticket = max(other->ticket, 1);
  *w = (struct promise){.command = c};
  return i;
}

static inline void promise_answer(struct promises *p, struct writer_request *r)
{
  size_t i;
  memcpy(&i, r->key.hash, sizeof i);
  p->list[i].answered = r->refusal != REFUSE_STORAGE;
  p->list[i].code = r->refusal;
  p->list[i].event = r->event;
  p->list[i].ticket = r->ticket.id;
  writer_request_free(r);
}

/* So many commands at once, all answered in some way. */
static inline void promises_post(struct promises *p, struct booth *b, size_t n)
{
  for (size_t i = 0; i < n; i++)
    assert_int_equal(writer_post(b->writer, promise_request(p, promises_add(p))), 0);
  for (struct writer_request *r = booth_wait(b, n), *next; r; r = next) {
    next = (struct writer_request *)r->mail.next;
    promise_answer(p, r);
  }
}

/* Commands with an unknown outcome are repeated with their keys: now it is known. */
static inline void promises_retry(struct promises *p, struct booth *b)
{
  for (size_t i = 0; i < p->n; i++) {
    if (p->list[i].answered)
      continue;
    promise_answer(p, booth_call(b, promise_request(p, i)));
    assert_true(p->list[i].answered);
  }
}

/* --- the examination; the booth runs --- */

static const char *const examination[] = {
    "SELECT integrity_check = 'ok' FROM pragma_integrity_check",
    /* no gap */
    "SELECT min(n = last) FROM (SELECT count(*) AS n, max(id & 4294967295) AS last FROM event GROUP BY id >> 32)",
    /* no command twice, none without its event, no ticket's event without a command */
    "SELECT count(key) = count(DISTINCT key) FROM command",
    "SELECT count(*) = 0 FROM command WHERE id NOT IN (SELECT id FROM event)",
    "SELECT count(*) = 0 FROM (SELECT count(text ->> '$.ticket.id') AS tickets, max(id IN (SELECT id FROM command)) AS"
    " known FROM event GROUP BY id >> 32, text ->> '$.cmd') WHERE tickets AND NOT known",
    /* what the journal says last of each ticket is what the table says */
    "WITH last AS (SELECT text ->> '$.ticket.id' AS id, max(id) AS event, text -> '$.ticket' AS t FROM event"
    "  WHERE text ->> '$.ticket.id' GROUP BY 1)"
    " SELECT (SELECT count(*) FROM ticket) = count(*) FROM last JOIN ticket ON ticket.id = last.id WHERE"
    " state = CASE t ->> 'state' WHEN 'waiting' THEN 0 WHEN 'called' THEN 1 WHEN 'seated' THEN 2 WHEN 'no_show' THEN 3"
    "  ELSE 4 END AND version = t ->> 'version' AND party_size = t ->> 'party_size' AND calls = t ->> 'calls' AND"
    " line = t ->> 'line' AND label = t ->> 'number' AND rank = t ->> 'rank' + 0 AND held_at = t ->> 'held_at' AND"
    " call_event = t ->> 'call_event' AND (event >> 32 < (SELECT max(ordinal) FROM epoch) OR" /* which forgets undos */
    "  (undo_transition = t ->> '$.undo[0]' AND undo_phoned = t ->> '$.undo[1]' AND undo_edit = t ->> '$.undo[2]'))",
    "SELECT count(*) = (SELECT count(DISTINCT text ->> '$.ticket.id') FROM event) FROM ticket",
    /* and no guest who waits has lost their name */
    "SELECT count(*) = 0 FROM ticket WHERE state < 2 AND id NOT IN (SELECT ticket FROM person WHERE name IS NOT NULL)",
};

/* until: those that were answered later than that need not be there. How many that should be there are not. */
static inline size_t promises_missing(const struct promises *p, const struct booth *b, long until)
{
  autofree char *path = booth_path(b, "booth.db");
  autofree bool *seen = xcalloc(p->n + 1, sizeof *seen);
  sqlite3 *db = NULL;
  sqlite3_stmt *q = NULL;
  size_t missing = 0;
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(
                       db, "SELECT id, key, ticket FROM command WHERE key IS NOT NULL AND actor <> -3" /* the hub's */,
                       -1, &q, NULL),
                   SQLITE_OK);
  while (sqlite3_step(q) == SQLITE_ROW) {
    size_t i;
    memcpy(&i, sqlite3_column_blob(q, 1), sizeof i);
    assert_true(i < p->n);
    const struct promise *w = &p->list[i];
    assert_true(!w->answered || w->code == REFUSE_NONE);
    seen[i] = !w->answered || (w->event == sqlite3_column_int64(q, 0) && w->ticket == sqlite3_column_int64(q, 2));
  }
  sqlite3_finalize(q);
  sqlite3_close(db);
  for (size_t i = 0; i < p->n; i++)
    missing += p->list[i].answered && p->list[i].code == REFUSE_NONE && p->list[i].at <= until && !seen[i];
  return missing;
}

/* NULL, or the rule that does not hold. */
static inline const char *booth_broken_rule(const struct booth *b)
{
  for (size_t i = 0; i < array_len(examination); i++)
    if (booth_sql(b, examination[i]) != 1)
      return examination[i];
  return NULL;
}

#endif
