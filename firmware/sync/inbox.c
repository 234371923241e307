/* inbox.c - the hub's wishes become commands of the writer, which passes each item and moves the inbox's position
 * in one transaction. All are posted before the first is waited for, so that they share a commit; should that fail, the
 * rest is refused as not being its turn, and the hub sends them again.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "sync/internal.h"

static const char *text_of(const struct json *item, const char *name)
{
  return json_string(json_get(item, name));
}

/* A text of at most so many code points without control characters, or none. */
static bool read_text(const struct json *item, const char *name, int most, const char **ret)
{
  *ret = text_of(item, name);
  if (!*ret)
    return true;
  for (const char *c = *ret; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7f)
      return false;
  return utf8_length(*ret, strlen(*ret)) <= most;
}

static bool read_id(const struct json *item, const char *name, uint8_t to[16])
{
  const char *hex = text_of(item, name);
  return hex && util_unhex(to, 16, hex) == 0;
}

static bool read_int(const struct json *item, const char *name, int64_t low, int64_t high, int64_t *ret)
{
  const struct json *j = json_get(item, name);
  double v = json_number(j);
  *ret = (int64_t)v;
  return j && !json_string(j) && v >= (double)low && v <= (double)high && (double)*ret == v;
}

/* ---- each type: fills the command; false = its members are not what they must be ---- */

static bool join(struct sync *s, const struct json *item, struct request *r)
{
  const char *name, *phone, *note, *line;
  int64_t party;
  (void)s;
  if (!read_int(item, "party_size", 1, LIMIT_PARTY, &party) || !read_text(item, "name", LIMIT_NAME, &name) ||
      !read_text(item, "phone", LIMIT_PHONE, &phone) || !read_text(item, "note", LIMIT_NOTE, &note) ||
      !read_text(item, "line", LIMIT_LINE_ID, &line) ||
      (line && !util_copy(r->command.line, sizeof r->command.line, line)))
    return false;
  r->command.kind = CMD_ISSUE;
  r->command.source = SOURCE_HUB;
  r->command.party_size = (uint16_t)party;
  r->command.person = person_new(name, phone, note);
  return true;
}

static bool of_join(const struct json *item, struct request *r)
{
  r->item.has_join = read_id(item, "join", r->item.join);
  return r->item.has_join;
}

static bool cancel(struct sync *s, const struct json *item, struct request *r)
{
  (void)s;
  r->command.kind = CMD_CANCEL;
  return of_join(item, r);
}

static bool defer(struct sync *s, const struct json *item, struct request *r)
{
  int64_t after;
  (void)s;
  if (!of_join(item, r) || !read_int(item, "after", 0, LIMIT_ACTIVE, &after))
    return false;
  r->command.kind = CMD_REQUEUE;
  r->command.position = POSITION_AFTER;
  r->command.after = (uint32_t)after;
  return true;
}

static bool delivery(struct sync *s, const struct json *item, struct request *r)
{
  static const enum delivery states[] = {DELIVERY_PENDING, DELIVERY_DELIVERED, DELIVERY_FAILED};
  const char *state = text_of(item, "state");
  (void)s;
  r->command.kind = CMD_DELIVERY;
  for (size_t i = 0; state && i < array_len(states); i++)
    if (strcmp(delivery_names[states[i]], state) == 0)
      r->command.delivery = (uint8_t)states[i];
  return r->command.delivery && read_int(item, "ticket", 1, INT64_C(1) << 53, &r->command.ticket) &&
         read_int(item, "seq", 1, UINT32_MAX, &r->item.call_seq) && read_id(item, "epoch", r->item.call_epoch);
}

static bool message(struct sync *s, const struct json *item, struct request *r)
{
  const char *text;
  (void)s;
  if (!read_text(item, "text", LIMIT_MESSAGE, &text) || !text)
    return false;
  r->command.kind = CMD_MESSAGE;
  r->command.message = xnew(struct notice);
  r->command.message->at = clock_wall_ms();
  return util_copy(r->command.message->text, sizeof r->command.message->text, text);
}

/* The file is written before the item is passed: should we end between the two, it comes again and changes nothing. */
static bool keys(struct sync *s, const struct json *item, struct request *r)
{
  struct enrolment e = s->enrolment;
  struct hub_key k;
  int64_t number;
  const char *sign = text_of(item, "sign_key"), *open = text_of(item, "open_key");
  r->command.kind = CMD_KINDS;
  if (!read_int(item, "key", 1, UINT16_MAX, &number) || !sign || util_unhex(k.sign_key, 32, sign) < 0 || !open ||
      util_unhex(k.open_key, 32, open) < 0)
    return false;
  k.number = (uint16_t)number;
  if (enrolment_rotate(&e, &k) != 0)
    return true; /* known already, or gone by */
  if (enrolment_save(s->state_dir, &e) < 0) {
    r->item.n = 0; /* not now */
    return true;
  }
  s->enrolment = e;
  log_info("hub_keys", "key=%d", k.number);
  return true;
}

static const struct {
  const char *type;
  bool (*fill)(struct sync *s, const struct json *item, struct request *r);
} types[] = {{"remote.join", join},  {"remote.cancel", cancel}, {"remote.defer", defer},
             {"delivery", delivery}, {"message", message},      {"hub.keys", keys}};

/* ---- an item ---- */

static void refuse(struct request *r, const char *code)
{
  util_copy(r->item.refused, sizeof r->item.refused, code);
}

/* NULL: not even its place in the order can be told. */
static struct request *read_item(struct sync *s, const struct json *item, int64_t generation)
{
  struct request *r = request_new(REQUEST_INBOX, NULL);
  const char *type = text_of(item, "type"), *until = text_of(item, "valid_until");
  size_t i = 0;
  r->item.generation = generation;
  if (!read_int(item, "n", 1, INT64_C(1) << 53, &r->item.n) || !read_id(item, "id", r->item.id)) {
    request_free(r);
    return NULL;
  }
  while (type && i < array_len(types) && strcmp(types[i].type, type) != 0)
    i++;
  if (!type || !util_copy(r->item.type, sizeof r->item.type, type))
    util_copy(r->item.type, sizeof r->item.type, "unknown");
  if (until && text_parse_time(until, &r->item.valid_until) < 0)
    refuse(r, "bad_item");
  else if (!type || i == array_len(types))
    refuse(r, "unknown_type");
  else if (!types[i].fill(s, item, r))
    refuse(r, "bad_item");
  return r;
}

size_t sync_handle_inbox(struct sync *s, const struct json *answer, int64_t generation, int64_t passed)
{
  size_t posted = 0, done = 0, through = 0;
  const struct json *item = json_at(json_get(answer, "inbox"), 0);
  for (; item && posted < LIMIT_ITEMS; item = json_next(item)) {
    int64_t n;
    if (read_int(item, "n", 1, INT64_C(1) << 53, &n) && n <= passed)
      continue; /* had it */
    struct request *r = read_item(s, item, generation);
    if (!r || r->item.n != passed + 1) { /* a gap: the hub begins before it the next time */
      request_free(r);
      break;
    }
    r->home = s->home;
    if (writer_post(s->writer, r) < 0) {
      request_free(r);
      break;
    }
    passed++;
    posted++;
  }
  while (done < posted && mailbox_wait(s->home, 1, -1))
    for (struct mail *m = mailbox_take_all(s->home, 0), *next; m; m = next, done++) {
      struct request *r = (struct request *)m;
      next = m->next;
      through += r->refusal == REFUSE_NONE;
      if (r->refusal != REFUSE_NONE)
        log_warn("item_not_passed", "n=%lld code=%s", (long long)r->item.n, refusal_names[r->refusal]);
      request_free(r);
    }
  return through;
}
