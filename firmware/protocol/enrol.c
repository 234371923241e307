/* enrol.c - signatures cover bytes of a fixed layout, because the JSON that carries them can be written in many ways.
 * Each kind of message begins with its own word and a NUL, so a signature of one kind is never valid for another.
 */
#include "protocol/enrol.h"

#include <errno.h>

#include "base/hash.h"
#include "base/json_write.h"
#include "base/random.h"
#include "base/seal.h"
#include "base/text.h"

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char request_word[] = "boothd enrol 1", answer_word[] = "boothd enrolled 1"; /* the NUL counts */

/* --- the code --- */

static void put_half(char to[static ENROL_HALF + 1], const uint8_t bytes[static 10])
{
  uint64_t bits = 0;
  int n = 0;
  for (size_t i = 0; i < 10; i++) {
    bits = bits << 8 | bytes[i];
    for (n += 8; n >= 5; n -= 5)
      *to++ = digits[bits >> (n - 5) & 31];
  }
  *to = '\0';
}

static void put_fingerprint(char to[static ENROL_HALF + 1], const uint8_t hub_sign_key[static 32])
{
  uint8_t sum[HASH_SUM];
  hash_sum(sum, hub_sign_key, 32);
  put_half(to, sum);
}

void enrol_code_make(const uint8_t hub_sign_key[static 32], struct enrol_code *ret)
{
  uint8_t random[10];
  random_bytes(random, sizeof random);
  put_half(ret->secret, random);
  put_fingerprint(ret->fingerprint, hub_sign_key);
}

static char *put_dashed(char *to, const char *half)
{
  for (size_t i = 0; i < ENROL_HALF; i++) {
    if (i && i % 4 == 0)
      *to++ = '-';
    *to++ = half[i];
  }
  return to;
}

void enrol_code_text(char to[static ENROL_CODE], const struct enrol_code *c)
{
  to = put_dashed(to, c->secret);
  *to++ = '.';
  *put_dashed(to, c->fingerprint) = '\0';
}

/* The digit that a person means by this character; '\0' = none. */
static char digit_meant(char c)
{
  if (c >= 'a' && c <= 'z')
    c = (char)(c - 'a' + 'A');
  c = c == 'I' || c == 'L' ? '1' : c == 'O' ? '0' : c;
  return c && strchr(digits, c) ? c : '\0';
}

/* Reads one half, up to the character that ends it. Returns where it ended; NULL if it is invalid. */
static const char *read_half(const char *at, char end, char ret[static ENROL_HALF + 1])
{
  size_t n = 0;
  for (; *at && *at != end; at++) {
    if (*at == '-' || *at == ' ')
      continue;
    char c = digit_meant(*at);
    if (!c || n == ENROL_HALF)
      return NULL;
    ret[n++] = c;
  }
  ret[n] = '\0';
  return n == ENROL_HALF && *at == end ? at : NULL;
}

int enrol_code_read(const char *text, struct enrol_code *ret)
{
  struct enrol_code c;
  const char *at = read_half(text, '.', c.secret);
  if (!at || !read_half(at + 1, '\0', c.fingerprint))
    return -EINVAL;
  *ret = c;
  return 0;
}

bool enrol_code_is_of(const struct enrol_code *c, const uint8_t hub_sign_key[static 32])
{
  char fingerprint[ENROL_HALF + 1];
  put_fingerprint(fingerprint, hub_sign_key);
  return strcmp(fingerprint, c->fingerprint) == 0;
}

/* --- members that are bytes: hex in the JSON --- */

struct member {
  const char *name;
  size_t offset;
  size_t n;
};

static void write_members(const struct member *m, size_t n_members, const void *from, struct buf *b)
{
  char text[129];
  for (; n_members--; m++) {
    util_hex(text, (const char *)from + m->offset, m->n);
    json_str(b, m->name, text);
  }
}

static bool read_members(const struct json *object, const struct member *m, size_t n_members, void *to)
{
  for (; n_members--; m++)
    if (!json_get_hex(object, m->name, (char *)to + m->offset, m->n))
      return false;
  return true;
}

/* --- booth → hub --- */

static const struct member request_members[] = {
    {"sign_key", offsetof(struct enrol_request, sign_key), 32},
    {"open_key", offsetof(struct enrol_request, open_key), 32},
    {"signature", offsetof(struct enrol_request, signature), 64},
};

static void put_request(struct buf *b, const struct enrol_request *r)
{
  buf_add(b, request_word, sizeof request_word);
  buf_add(b, r->secret, ENROL_HALF);
  buf_add(b, r->sign_key, sizeof r->sign_key);
  buf_add(b, r->open_key, sizeof r->open_key);
}

void enrol_request_sign(struct enrol_request *r, const uint8_t booth_secret[static 64])
{
  autobuf struct buf message = {0};
  put_request(&message, r);
  seal_sign(r->signature, message.data, message.len, booth_secret);
}

void enrol_request_write(const struct enrol_request *r, struct buf *ret)
{
  json_open(ret, NULL, '{');
  json_str(ret, "code", r->secret);
  write_members(request_members, array_len(request_members), r, ret);
  json_str(ret, "name", r->name);
  json_str(ret, "version", r->version);
  json_close(ret, '}');
}

static bool read_text(const struct json *j, int most, char *to, size_t size)
{
  const char *text = json_string(j);
  if (!text || utf8_length(text, strlen(text)) > most)
    return false;
  for (const char *c = text; *c; c++)
    if ((unsigned char)*c < ' ' || *c == 0x7f)
      return false;
  return util_copy(to, size, text);
}

int enrol_request_read(const struct json *object, struct enrol_request *ret)
{
  struct enrol_request r = {0};
  autobuf struct buf message = {0};
  const char *secret = json_string(json_get(object, "code"));
  if (!secret || !read_half(secret, '\0', r.secret) ||
      !read_members(object, request_members, array_len(request_members), &r) ||
      !read_text(json_get(object, "name"), LIMIT_BOOTH, r.name, sizeof r.name) ||
      !read_text(json_get(object, "version"), LIMIT_DEVICE, r.version, sizeof r.version))
    return -EINVAL;
  put_request(&message, &r);
  if (!seal_verify(r.signature, message.data, message.len, r.sign_key))
    return -EBADMSG;
  *ret = r;
  return 0;
}

/* --- hub → booth --- */

static const struct member answer_members[] = {
    {"booth", offsetof(struct enrol_answer, booth), 16},
    {"sign_key", offsetof(struct enrol_answer, sign_key), 32},
    {"open_key", offsetof(struct enrol_answer, open_key), 32},
    {"signature", offsetof(struct enrol_answer, signature), 64},
};

static void put_answer(struct buf *b, const struct enrol_answer *a, const uint8_t booth_sign_key[static 32])
{
  uint8_t key[2], generation[8];
  util_put_number(key, sizeof key, a->key);
  util_put_number(generation, sizeof generation, (uint64_t)a->generation);
  buf_add(b, answer_word, sizeof answer_word);
  buf_add(b, booth_sign_key, 32);
  buf_add(b, a->booth, sizeof a->booth);
  buf_add(b, key, sizeof key);
  buf_add(b, a->sign_key, sizeof a->sign_key);
  buf_add(b, a->open_key, sizeof a->open_key);
  buf_add(b, generation, sizeof generation);
}

void enrol_answer_sign(struct enrol_answer *a, const uint8_t booth_sign_key[static 32],
                       const uint8_t hub_secret[static 64])
{
  autobuf struct buf message = {0};
  put_answer(&message, a, booth_sign_key);
  seal_sign(a->signature, message.data, message.len, hub_secret);
}

void enrol_answer_write(const struct enrol_answer *a, struct buf *ret)
{
  json_open(ret, NULL, '{');
  write_members(answer_members, array_len(answer_members), a, ret);
  json_int(ret, "key", a->key);
  json_int(ret, "generation", a->generation);
  json_close(ret, '}');
}

int enrol_answer_read(const struct json *object, const struct enrol_code *c, const uint8_t booth_sign_key[static 32],
                      struct enrol_answer *ret)
{
  struct enrol_answer a = {0};
  autobuf struct buf message = {0};
  int64_t key;
  if (!read_members(object, answer_members, array_len(answer_members), &a) ||
      !json_get_int(object, "key", 1, UINT16_MAX, &key) ||
      !json_get_int(object, "generation", 1, INT64_MAX, &a.generation))
    return -EINVAL;
  a.key = (uint16_t)key;
  put_answer(&message, &a, booth_sign_key);
  if (!enrol_code_is_of(c, a.sign_key) || !seal_verify(a.signature, message.data, message.len, a.sign_key))
    return -EBADMSG;
  *ret = a;
  return 0;
}
