/* secrets.h - what must not be in the database, its backups or logs: PINs and the Wi-Fi passphrase.
 *
 * state_dir/secrets, 0600, "key = value" lines; made at the first start from the start-up keys or at random. From then
 * on PINs are changed through the API, and the passphrase by its start-up key: where that is given, it is what counts.
 * Loaded by main before threads start; changed by the loop, which hands the text to the worker to write.
 */
#ifndef CONFIG_SECRETS_H
#define CONFIG_SECRETS_H

#include "config/config.h"

struct secrets {
  char staff_pin[LIMIT_PIN_MAX + 1], manager_pin[LIMIT_PIN_MAX + 1];
  char wifi_passphrase[64];
};

/* What is there already; -ENOENT, or as below. boothd-root reads it, too. */
int secrets_read(const struct config *c, struct secrets *ret) must_check;
/* 0; -EBADMSG: the file is there but not understood (never overwritten); else why it cannot be made. */
int secrets_load(const struct config *c, struct secrets *ret, bool *ret_made) must_check;
void secrets_text(const struct secrets *s, struct buf *b);
bool secrets_pin_ok(const char *pin); /* 4 to 12 digits */

#endif
