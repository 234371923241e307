/* vectors.h - tests/fixtures/bundle.json, by name. The fixture is made by tests/fixtures/make_bundle.c. */
#ifndef VECTORS_H
#define VECTORS_H

#include "base/file.h"
#include "base/random.h"
#include "protocol/bundle.h"

static struct json *vectors;

static inline int vectors_load(void **state)
{
  autobuf struct buf text = {0};
  struct json_error e = {{0}, {0}};
  if (random_start() < 0 || file_read("tests/fixtures/bundle.json", 1 << 20, &text) < 0)
    return -1;
  return json_parse(text.data, text.len, &vectors, &e);
}

static inline int vectors_free(void **state)
{
  json_free(vectors);
  return 0;
}

static inline const char *text_of(const struct json *object, const char *name)
{
  const char *text = json_string(json_get(object, name));
  if (!text)
    fail_msg("the vectors have no text %s", name);
  return text;
}

/* Bytes of a member in hexadecimal. */
static inline void bytes_of(const struct json *object, const char *name, void *to, size_t n)
{
  if (util_unhex(to, n, text_of(object, name)) < 0)
    fail_msg("the vectors' %s is not %zu bytes", name, n);
}

static inline struct bundle_keys keys_of(const char *party)
{
  const struct json *j = json_get(json_get(vectors, "keys"), party);
  struct bundle_keys k;
  bytes_of(j, "sign_public", k.sign_public, sizeof k.sign_public);
  bytes_of(j, "sign_secret", k.sign_secret, sizeof k.sign_secret);
  bytes_of(j, "open_public", k.open_public, sizeof k.open_public);
  bytes_of(j, "open_secret", k.open_secret, sizeof k.open_secret);
  return k;
}

#endif
