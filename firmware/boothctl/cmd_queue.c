/* cmd_queue.c - the commands on the queue. A person names a ticket by its number, the daemon by its id, because numbers
 * repeat each day. The number is looked up in the snapshot; if it is ambiguous, nothing is done.
 */
#include "base/json.h"
#include "base/json_write.h"
#include "boothctl/client.h"
#include "boothctl/format_queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#define TICKETS "/api/v1/tickets"

/* --- which ticket is meant --- */

/* "12" and "A-12" both name the ticket A-12. */
static bool has_number(const struct json *ticket, const char *number)
{
  const char *shown = json_text_or_empty(ticket, "number"), *dash = strrchr(shown, '-');
  return strcasecmp(shown, number) == 0 || (dash && strcmp(dash + 1, number) == 0);
}

/* Lower is better: active tickets, then those of today, then older ones; among these a full match first. */
static int match_rank(const struct json *ticket, const char *number, const char *day)
{
  bool full = strcasecmp(json_text_or_empty(ticket, "number"), number) == 0;
  int age = ticket_is_active(ticket) ? 0 : strcmp(json_text_or_empty(ticket, "day"), day) == 0 ? 1 : 2;
  return 2 * age + !full;
}

static int print_candidates(const struct json *tickets, const char *number, int best, const char *day)
{
  ctl_print_error("%s may be any of these; name one by its #id:", number);
  for (const struct json *t = json_at(tickets, 0); t; t = json_next(t)) {
    if (!has_number(t, number) || match_rank(t, number, day) != best)
      continue;
    autobuf struct buf b = {0};
    format_ticket(&b, t);
    fprintf(stderr, "  #%" PRId64 "  %s  %s\n", json_int_or_zero(t, "id"), b.data, json_text_or_empty(t, "day"));
  }
  return CTL_REFUSED;
}

static int find_ticket(struct ctl *c, const char *word, int64_t *ret_id)
{
  if (*word == '#')
    return util_parse_i64(word + 1, 1, INT64_MAX, ret_id) < 0 ? ctl_usage_error("%s is no ticket's id", word) : 0;
  autoanswer struct answer a = {0};
  int r = client_get(c, API_QUEUE, &a);
  if (r)
    return r;
  const struct json *tickets = json_get(a.json, "tickets");
  const char *day = json_text_or_empty(a.json, "day");
  int best = INT32_MAX, found = 0;
  for (const struct json *t = json_at(tickets, 0); t; t = json_next(t)) {
    int mine = has_number(t, word) ? match_rank(t, word, day) : INT32_MAX;
    if (mine < best) {
      best = mine;
      found = 0;
      *ret_id = json_int_or_zero(t, "id");
    }
    found += mine == best && mine != INT32_MAX;
  }
  if (found > 1)
    return print_candidates(tickets, word, best, day);
  if (found == 0)
    ctl_print_error("%s is not in the list (an older ticket is named by its #id)", word);
  return found ? 0 : CTL_REFUSED;
}

/* --- commands --- */

/* What a command did, in one line. Returns 0. */
static int print_result(struct ctl *c, const struct answer *a)
{
  if (c->options[OPT_JSON])
    return answer_print(a);
  const struct json *ticket = json_get(a->json, "ticket");
  if (json_get(ticket, "id")) {
    autobuf struct buf b = {0};
    format_ticket(&b, ticket);
    printf("%s  (seq %" PRId64 ")\n", b.data, json_int_or_zero(a->json, "seq"));
  } else {
    printf("done  (seq %" PRId64 ")\n", json_int_or_zero(a->json, "seq"));
  }
  return 0;
}

static int change_and_print(struct ctl *c, const char *method, const char *path, const char *body)
{
  autoanswer struct answer a = {0};
  int r = client_change(c, method, path, body, &a);
  return r ? r : print_result(c, &a);
}

static int change_ticket(struct ctl *c, const char *method, const char *action, const char *body)
{
  int64_t id = 0;
  char path[80];
  int r = find_ticket(c, c->words[0], &id);
  if (r)
    return r;
  snprintf(path, sizeof path, TICKETS "/%" PRId64 "%s", id, action);
  return change_and_print(c, method, path, body);
}

int cmd_call(struct ctl *c)
{
  return change_ticket(c, "POST", "/call", NULL);
}

int cmd_seat(struct ctl *c)
{
  return change_ticket(c, "POST", "/seat", NULL);
}

int cmd_no_show(struct ctl *c)
{
  return change_ticket(c, "POST", "/no-show", NULL);
}

int cmd_cancel(struct ctl *c)
{
  return change_ticket(c, "POST", "/cancel", NULL);
}

int cmd_phoned(struct ctl *c)
{
  return change_ticket(c, "POST", "/phoned", NULL);
}

/* Options that are JSON members; "" becomes null, which clears. */
static void add_members(struct buf *b, const struct ctl *c)
{
  static const struct {
    enum option option;
    const char *member;
  } members[] = {{OPT_LINE, "line"}, {OPT_NAME, "name"}, {OPT_PHONE, "phone"}, {OPT_NOTE, "note"}};
  for (size_t i = 0; i < array_len(members); i++) {
    const char *value = c->options[members[i].option];
    if (value)
      json_str(b, members[i].member, *value ? value : NULL);
  }
}

static int parse_party(const char *word, int64_t *ret)
{
  return util_parse_i64(word, 1, LIMIT_PARTY, ret) < 0
             ? ctl_usage_error("a party is 1 to %d, not %s", LIMIT_PARTY, word)
             : 0;
}

int cmd_issue(struct ctl *c)
{
  autobuf struct buf b = {0};
  int64_t party = 0;
  int r = parse_party(c->words[0], &party);
  if (r)
    return r;
  json_open(&b, NULL, '{');
  json_int(&b, "party_size", party);
  add_members(&b, c);
  json_close(&b, '}');
  return change_and_print(c, "POST", TICKETS, b.data);
}

int cmd_edit(struct ctl *c)
{
  autobuf struct buf b = {0};
  int64_t party = 0;
  json_open(&b, NULL, '{');
  if (c->options[OPT_PARTY]) {
    int r = parse_party(c->options[OPT_PARTY], &party);
    if (r)
      return r;
    json_int(&b, "party_size", party);
  }
  add_members(&b, c);
  json_close(&b, '}');
  if (b.len == 2)
    return ctl_usage_error("edit needs --party, --name, --phone or --note");
  return change_ticket(c, "PATCH", "", b.data);
}

int cmd_call_next(struct ctl *c)
{
  autobuf struct buf b = {0};
  json_open(&b, NULL, '{');
  add_members(&b, c);
  json_close(&b, '}');
  return change_and_print(c, "POST", "/api/v1/call-next", b.data);
}

int cmd_requeue(struct ctl *c)
{
  static const char *const positions[] = {"keep", "front", "back"};
  autobuf struct buf b = {0};
  const char *where = c->words[1];
  int64_t after = 0;
  json_open(&b, NULL, '{');
  for (size_t i = 0; i < array_len(positions) && c->n_words == 2; i++)
    if (strcmp(where, positions[i]) == 0)
      json_str(&b, "position", where);
  if (c->n_words == 3 && strcmp(where, "after") == 0 && util_parse_i64(c->words[2], 0, LIMIT_ACTIVE, &after) == 0)
    json_int(&b, "after", after);
  json_close(&b, '}');
  if (b.len == 2)
    return ctl_usage_error("a ticket is put back to keep, front, back or after N");
  return change_ticket(c, "POST", "/requeue", b.data);
}

int cmd_undo(struct ctl *c)
{
  char body[40] = "{}";
  int64_t seq = 0;
  if (c->n_words && util_parse_i64(c->words[0], 1, INT64_MAX, &seq) < 0)
    return ctl_usage_error("%s is no seq", c->words[0]);
  if (c->n_words)
    snprintf(body, sizeof body, "{\"seq\":%" PRId64 "}", seq);
  return change_and_print(c, "POST", "/api/v1/undo", body);
}

int cmd_intake(struct ctl *c)
{
  autobuf struct buf b = {0}, text = {0};
  autoanswer struct answer a = {0};
  const char *state = c->words[0], *span = c->options[OPT_FOR];
  int64_t ms = 0;
  if (strcmp(state, "open") != 0 && strcmp(state, "paused") != 0 && strcmp(state, "closed") != 0)
    return ctl_usage_error("intake is open, paused or closed");
  if (span && (strcmp(state, "paused") != 0 || ctl_parse_duration(span, &ms) < 0 || ms < 1000))
    return ctl_usage_error("--for goes with paused, as --for 10m");
  json_open(&b, NULL, '{');
  json_str(&b, "state", state);
  if (span)
    json_int(&b, "resume_after_s", ms / 1000);
  json_close(&b, '}');
  int r = client_change(c, "PUT", "/api/v1/intake", b.data, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  format_intake(&text, json_get(a.json, "intake"));
  printf("intake %s\n", text.data ? text.data : "");
  return 0;
}

int cmd_queue(struct ctl *c)
{
  autoanswer struct answer a = {0};
  autotable struct table t = {.columns = QUEUE_COLUMNS, .right = QUEUE_RIGHT};
  int r = client_get(c, API_QUEUE, &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  format_queue(&t, a.json, c->options[OPT_ALL] ? QUEUE_ALL : QUEUE_ACTIVE, c->options[OPT_LINE], a.date_ms);
  table_print(&t);
  return 0;
}
