/* enrolment.c - two small files: state_dir/enrolment, written atomically; state_dir/enrolment.new has the keys of an
 * attempt until its answer is saved, so that the request can be repeated if the answer is lost.
 */
#include "sync/enrolment.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json_write.h"
#include "store/files.h"

#define FILE_NAME "enrolment"
#define NEW_NAME  "enrolment.new"

/* Members that are bytes, hex in the file. */
static const struct {
  const char *name;
  size_t offset;
  size_t size;
  bool is_new; /* known before the answer */
} members[] = {
#define MEMBER(name, member, is_new)                                                                                   \
  {name, offsetof(struct enrolment, member), sizeof(((struct enrolment *)0)->member), is_new}
    MEMBER("code", code, true),
    MEMBER("sign_public", own.sign_public, true),
    MEMBER("sign_secret", own.sign_secret, true),
    MEMBER("open_public", own.open_public, true),
    MEMBER("open_secret", own.open_secret, true),
    MEMBER("booth", booth, false),
#undef MEMBER
};

static void add_hex(struct buf *b, const char *key, const void *bytes, size_t n)
{
  char hex[2 * 64 + 1];
  util_hex(hex, bytes, n);
  json_str(b, key, hex);
}

static void write_members(struct buf *b, const struct enrolment *e, bool is_new)
{
  for (size_t i = 0; i < array_len(members); i++)
    if (members[i].is_new || !is_new)
      add_hex(b, members[i].name, (const char *)e + members[i].offset, members[i].size);
}

static int read_members(struct enrolment *e, const struct json *j, bool is_new)
{
  for (size_t i = 0; i < array_len(members); i++) {
    if (is_new && !members[i].is_new)
      continue;
    if (!json_get_hex(j, members[i].name, (char *)e + members[i].offset, members[i].size))
      return -EBADMSG;
  }
  return 0;
}

static int read_hub(struct enrolment *e, const struct json *j)
{
  const struct json *keys = json_get(j, "keys");
  e->n_keys = keys ? json_size(keys) : 0;
  if (!json_get_text(j, "hub", e->hub, sizeof e->hub) || !*e->hub || e->n_keys == 0 || e->n_keys > LIMIT_HUB_KEYS)
    return -EBADMSG;
  for (size_t i = 0; i < e->n_keys; i++) {
    const struct json *k = json_at(keys, i);
    e->keys[i].number = (uint16_t)json_number(json_get(k, "key"));
    if (!json_get_hex(k, "sign_key", e->keys[i].sign_key, 32) || !json_get_hex(k, "open_key", e->keys[i].open_key, 32))
      return -EBADMSG;
  }
  return 0;
}

static int load_file(const char *state_dir, const char *name, bool is_new, struct enrolment *ret)
{
  autofree char *path = files_path(state_dir, "%s", name);
  autobuf struct buf text = {0};
  cleanup(json_freep) struct json *j = NULL;
  struct json_error unused;
  struct enrolment e = {0};
  int r = file_read(path, LIMIT_JSON, &text);
  if (r < 0)
    return r;
  if (text.len == 0 || json_parse(text.data, text.len, &j, &unused) < 0)
    return -EBADMSG;
  r = read_members(&e, j, is_new);
  if (r == 0 && !is_new)
    r = read_hub(&e, j);
  if (r == 0)
    *ret = e;
  return r;
}

int enrolment_load(const char *state_dir, struct enrolment *ret)
{
  return load_file(state_dir, FILE_NAME, false, ret);
}

int enrolment_save(const char *state_dir, const struct enrolment *e)
{
  autobuf struct buf b = {0};
  json_open(&b, NULL, '{');
  json_str(&b, "hub", e->hub);
  write_members(&b, e, false);
  json_open(&b, "keys", '[');
  for (size_t i = 0; i < e->n_keys; i++) {
    json_open(&b, NULL, '{');
    json_int(&b, "key", e->keys[i].number);
    add_hex(&b, "sign_key", e->keys[i].sign_key, 32);
    add_hex(&b, "open_key", e->keys[i].open_key, 32);
    json_close(&b, '}');
  }
  json_close(&b, ']');
  json_close(&b, '}');
  buf_str(&b, "\n");
  return files_write(state_dir, FILE_NAME, b.data);
}

/* --- an attempt --- */

static bool has_code(const struct enrolment *e, const uint8_t code[32])
{
  return hash_equal(e->code, code, sizeof e->code);
}

int enrolment_begin(const char *state_dir, const struct enrol_code *c, struct enrolment *ret)
{
  uint8_t code[32];
  hash_sum(code, c->secret, ENROL_HALF);
  if (load_file(state_dir, FILE_NAME, false, ret) == 0 && has_code(ret, code))
    return 0;
  if (load_file(state_dir, NEW_NAME, true, ret) == 0 && has_code(ret, code))
    return 0;
  *ret = (struct enrolment){0};
  memcpy(ret->code, code, sizeof code);
  bundle_keys_make(&ret->own);
  autobuf struct buf b = {0};
  json_open(&b, NULL, '{');
  write_members(&b, ret, true);
  json_close(&b, '}');
  buf_str(&b, "\n");
  return files_write(state_dir, NEW_NAME, b.data);
}

void enrolment_request(const struct enrolment *e, const struct enrol_code *c, const char *name, struct buf *ret)
{
  struct enrol_request r = {0};
  memcpy(r.secret, c->secret, sizeof r.secret);
  memcpy(r.sign_key, e->own.sign_public, sizeof r.sign_key);
  memcpy(r.open_key, e->own.open_public, sizeof r.open_key);
  util_copy(r.name, sizeof r.name, name);
  util_copy(r.version, sizeof r.version, BOOTHD_VERSION);
  enrol_request_sign(&r, e->own.sign_secret);
  enrol_request_write(&r, ret);
}

int enrolment_answer(struct enrolment *e, const struct enrol_code *c, const char *hub, const char *text, size_t n)
{
  cleanup(json_freep) struct json *j = NULL;
  struct json_error unused;
  struct enrol_answer a;
  if (n == 0 || json_parse(text, n, &j, &unused) < 0 || enrol_answer_read(j, c, e->own.sign_public, &a) < 0 ||
      !util_copy(e->hub, sizeof e->hub, hub))
    return -EBADMSG;
  memcpy(e->booth, a.booth, sizeof e->booth);
  e->keys[0].number = a.key;
  memcpy(e->keys[0].sign_key, a.sign_key, 32);
  memcpy(e->keys[0].open_key, a.open_key, 32);
  e->n_keys = 1;
  return 0;
}

void enrolment_finish(const char *state_dir)
{
  autofree char *path = files_path(state_dir, "%s", NEW_NAME);
  unlink(path);
}

/* --- the hub's keys --- */

const struct hub_key *enrolment_hub(const struct enrolment *e)
{
  return &e->keys[e->n_keys - 1];
}

const struct hub_key *enrolment_sender(const struct enrolment *e, const uint8_t key[32])
{
  for (size_t i = e->n_keys; i-- > 0;)
    if (hash_equal(e->keys[i].sign_key, key, 32))
      return &e->keys[i];
  return NULL;
}

int enrolment_rotate(struct enrolment *e, const struct hub_key *k)
{
  const struct hub_key *now = enrolment_hub(e);
  if (k->number <= now->number)
    return k->number == now->number && memcmp(k, now, sizeof *k) == 0 ? 1 : -EINVAL;
  if (e->n_keys == LIMIT_HUB_KEYS)
    memmove(e->keys, e->keys + 1, --e->n_keys * sizeof *e->keys);
  e->keys[e->n_keys++] = *k;
  return 0;
}
