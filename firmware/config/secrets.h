/* secrets.h - the PINs and the Wi-Fi passphrase, which are kept out of the database, its backups and the log.
 *
 * state_dir/secrets, mode 0600, lines "key = value"; created at the first start from the configuration or at random.
 * Later the API changes the PINs; the configuration key wifi_passphrase, where given, overrides the file.
 * Main loads them before threads start; the loop changes them, and the worker writes the file.
 */
#ifndef CONFIG_SECRETS_H
#define CONFIG_SECRETS_H

#include "config/config.h"

struct secrets {
  char staff_pin[LIMIT_PIN_MAX + 1];
  char manager_pin[LIMIT_PIN_MAX + 1];
  char wifi_passphrase[64];
};

/* Reads the file; boothd-root does, too. 0; -ENOENT: there is none; -EBADMSG: it is invalid; or -errno. */
int secrets_read(const struct config *c, struct secrets *ret) must_check;
/* Reads the file, or creates it and sets *ret_made. 0; -EBADMSG: it is invalid (and stays); or -errno. */
int secrets_load(const struct config *c, struct secrets *ret, bool *ret_made) must_check;
/* The content of the file. */
void secrets_text(const struct secrets *s, struct buf *b);
/* 4 to 12 digits. */
bool secrets_pin_ok(const char *pin);

#endif
