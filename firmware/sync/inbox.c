/* inbox.c - turns items of the hub's inbox into requests to the writer, which runs each command and moves the inbox's
 * position in one transaction. All are posted before waiting for the first, so that they share a commit. If one fails,
 * those after it are refused as out of order, and the hub sends them again.
 */
#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "sync/internal.h"

static const char *get_text(const struct json *item, const char *name)
{
  return json_string(json_get(item, name));
}

/* A text of at most `most` code points without control characters, or none. */
static bool read_text(const struct json *item, const char *name, int most, const char **ret)
{
  *ret = get_text(item, name);
  if (!*ret)
    return true;
  for (const char *c = *ret; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7f)
      return false;
  return utf8_length(*ret, strlen(*ret)) <= most;
}

/* --- one function per type: fills the request; false = a member is missing or invalid --- */

static bool fill_join(struct sync *s, const struct json *item, struct writer_request *q)
{
  const char *name, *phone, *note, *line;
  int64_t party;
  if (!json_get_int(item, "party_size", 1, LIMIT_PARTY, &party) || !read_text(item, "name", LIMIT_NAME, &name) ||
      !read_text(item, "phone", LIMIT_PHONE, &phone) || !read_text(item, "note", LIMIT_NOTE, &note) ||
      !read_text(item, "line", LIMIT_LINE_ID, &line) ||
      (line && !util_copy(q->command.line, sizeof q->command.line, line)))
    return false;
  q->command.kind = CMD_ISSUE;
  q->command.source = SOURCE_HUB;
  q->command.party_size = (uint16_t)party;
  q->command.person = person_new(name, phone, note);
  return true;
}

static bool read_join(const struct json *item, struct writer_request *q)
{
  q->item.has_join = json_get_hex(item, "join", q->item.join, 16);
  return q->item.has_join;
}

static bool fill_cancel(struct sync *s, const struct json *item, struct writer_request *q)
{
  q->command.kind = CMD_CANCEL;
  return read_join(item, q);
}

static bool fill_defer(struct sync *s, const struct json *item, struct writer_request *q)
{
  int64_t after;
  if (!read_join(item, q) || !json_get_int(item, "after", 0, LIMIT_ACTIVE, &after))
    return false;
  q->command.kind = CMD_REQUEUE;
  q->command.position = POSITION_AFTER;
  q->command.after = (uint32_t)after;
  return true;
}

static bool fill_delivery(struct sync *s, const struct json *item, struct writer_request *q)
{
  static const enum delivery states[] = {DELIVERY_PENDING, DELIVERY_DELIVERED, DELIVERY_FAILED};
  const char *state = get_text(item, "state");
  q->command.kind = CMD_DELIVERY;
  for (size_t i = 0; state && i < array_len(states); i++)
    if (strcmp(delivery_names[states[i]], state) == 0)
      q->command.delivery = (uint8_t)states[i];
  return q->command.delivery && json_get_int(item, "ticket", 1, INT64_C(1) << 53, &q->command.ticket) &&
         json_get_int(item, "seq", 1, UINT32_MAX, &q->item.call_seq) &&
         json_get_hex(item, "epoch", q->item.call_epoch, 16);
}

static bool fill_message(struct sync *s, const struct json *item, struct writer_request *q)
{
  const char *text;
  if (!read_text(item, "text", LIMIT_MESSAGE, &text) || !text)
    return false;
  q->command.kind = CMD_MESSAGE;
  q->command.message = xnew(struct notice);
  q->command.message->at = clock_wall_ms();
  return util_copy(q->command.message->text, sizeof q->command.message->text, text);
}

/* The file is written before the item is passed: after a crash between the two, the item comes again and changes
 * nothing. */
static bool fill_keys(struct sync *s, const struct json *item, struct writer_request *q)
{
  struct enrolment e = s->enrolment;
  struct hub_key k;
  int64_t number;
  q->command.kind = CMD_KINDS;
  if (!json_get_int(item, "key", 1, UINT16_MAX, &number) || !json_get_hex(item, "sign_key", k.sign_key, 32) ||
      !json_get_hex(item, "open_key", k.open_key, 32))
    return false;
  k.number = (uint16_t)number;
  if (enrolment_rotate(&e, &k) != 0)
    return true; /* known already, or older */
  if (enrolment_save(s->state_dir, &e) < 0) {
    q->item.n = 0; /* out of order: it comes again */
    return true;
  }
  s->enrolment = e;
  log_info("hub_keys", "key=%d", k.number);
  return true;
}

static const struct {
  const char *type;
  bool (*fill)(struct sync *s, const struct json *item, struct writer_request *q);
} types[] = {
    {"remote.join", fill_join},  {"remote.cancel", fill_cancel}, {"remote.defer", fill_defer},
    {"delivery", fill_delivery}, {"message", fill_message},      {"hub.keys", fill_keys},
};

/* --- an item --- */

static void refuse_item(struct writer_request *q, const char *code)
{
  util_copy(q->item.refused, sizeof q->item.refused, code);
}

/* NULL: it has no number or no id. */
static struct writer_request *read_item(struct sync *s, const struct json *item, int64_t generation)
{
  struct writer_request *q = writer_request_new(WRITER_INBOX, NULL);
  const char *type = get_text(item, "type"), *until = get_text(item, "valid_until");
  size_t i = 0;
  q->item.generation = generation;
  if (!json_get_int(item, "n", 1, INT64_C(1) << 53, &q->item.n) || !json_get_hex(item, "id", q->item.id, 16)) {
    writer_request_free(q);
    return NULL;
  }
  while (type && i < array_len(types) && strcmp(types[i].type, type) != 0)
    i++;
  if (!type || !util_copy(q->item.type, sizeof q->item.type, type))
    util_copy(q->item.type, sizeof q->item.type, "unknown");
  if (until && text_parse_time(until, &q->item.valid_until) < 0)
    refuse_item(q, "bad_item");
  else if (!type || i == array_len(types))
    refuse_item(q, "unknown_type");
  else if (!types[i].fill(s, item, q))
    refuse_item(q, "bad_item");
  return q;
}

size_t sync_handle_inbox(struct sync *s, const struct json *answer, int64_t generation, int64_t passed)
{
  size_t posted = 0, done = 0, through = 0;
  const struct json *item = json_at(json_get(answer, "inbox"), 0);
  for (; item && posted < LIMIT_ITEMS; item = json_next(item)) {
    int64_t n;
    if (json_get_int(item, "n", 1, INT64_C(1) << 53, &n) && n <= passed)
      continue;
    struct writer_request *q = read_item(s, item, generation);
    if (!q || q->item.n != passed + 1) { /* a gap: the next exchange begins before it */
      writer_request_free(q);
      break;
    }
    q->home = s->home;
    if (writer_post(s->writer, q) < 0) {
      writer_request_free(q);
      break;
    }
    passed++;
    posted++;
  }
  while (done < posted && mailbox_wait(s->home, 1, -1))
    for (struct mail *m = mailbox_take_all(s->home, 0), *next; m; m = next, done++) {
      struct writer_request *q = (struct writer_request *)m;
      next = m->next;
      through += q->refusal == REFUSE_NONE;
      if (q->refusal != REFUSE_NONE)
        log_warn("item_not_passed", "n=%lld code=%s", (long long)q->item.n, refusal_names[q->refusal]);
      writer_request_free(q);
    }
  return through;
}
