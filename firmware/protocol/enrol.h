/* enrol.h - how a booth and a hub learn each other's keys: a code that a person carries from the hub to the booth, and
 * two signed messages. Pure except for random bytes; any thread after random_start().
 *
 * A code is XXXX-XXXX-XXXX-XXXX.YYYY-YYYY-YYYY-YYYY, Crockford base32: 80 random bits by which the hub knows the booth,
 * and the first 80 bits of the BLAKE2b-256 of the hub's Ed25519 public key, by which the booth knows the hub.
 */
#ifndef PROTOCOL_ENROL_H
#define PROTOCOL_ENROL_H

#include "base/buf.h"
#include "base/json.h"

/* --- the code --- */

#define ENROL_HALF 16 /* characters of a half without its dashes: upper case, no I L O U */
#define ENROL_CODE 40 /* a whole code as text, with its NUL */

struct enrol_code {
  char secret[ENROL_HALF + 1];
  char fingerprint[ENROL_HALF + 1]; /* of the hub's public key */
};
void enrol_code_make(const uint8_t hub_sign_key[static 32], struct enrol_code *ret);
void enrol_code_text(char to[static ENROL_CODE], const struct enrol_code *c);
/* As people type it: any case, I L O for 1 1 0, dashes and blanks anywhere. 0 or -EINVAL. */
int enrol_code_read(const char *text, struct enrol_code *ret) must_check;
bool enrol_code_is_of(const struct enrol_code *c, const uint8_t hub_sign_key[static 32]);

/* --- booth → hub --- */

/* name and version are for people: UTF-8 without control characters. */
struct enrol_request {
  char secret[ENROL_HALF + 1];
  uint8_t sign_key[32];
  uint8_t open_key[32];
  uint8_t signature[64];
  char name[LIMIT_BOOTH * 4 + 1];
  char version[LIMIT_DEVICE * 4 + 1];
};
void enrol_request_sign(struct enrol_request *r, const uint8_t booth_secret[static 64]);
void enrol_request_write(const struct enrol_request *r, struct buf *ret); /* appends a JSON object */
/* Reads and verifies. 0; -EINVAL: a member is missing or invalid; -EBADMSG: not signed by its sign_key. */
int enrol_request_read(const struct json *object, struct enrol_request *ret) must_check;

/* --- hub → booth --- */

/* The signature covers the booth's sign_key, too, so the answer is valid for this booth alone. */
struct enrol_answer {
  uint8_t booth[16];
  uint8_t sign_key[32];
  uint8_t open_key[32];
  uint8_t signature[64];
  uint16_t key;       /* number of the hub's two keys */
  int64_t generation; /* UTC ms */
};
void enrol_answer_sign(struct enrol_answer *a, const uint8_t booth_sign_key[static 32],
                       const uint8_t hub_secret[static 64]);
void enrol_answer_write(const struct enrol_answer *a, struct buf *ret);
/* Reads it and verifies signature and fingerprint. As above; -EBADMSG also if the code is of another hub. */
int enrol_answer_read(const struct json *object, const struct enrol_code *c, const uint8_t booth_sign_key[static 32],
                      struct enrol_answer *ret) must_check;

#endif
