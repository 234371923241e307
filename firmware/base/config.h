/* config.h - the start-up keys of boothd.conf(5): one table gives parsing, defaults, checks and --help.
 * Not thread-safe: read at start and on SIGHUP by the main thread.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/buf.h"

enum { TRUST_AUTO, TRUST_YES, TRUST_NO };
enum { PANEL_NONE, PANEL_SIM, PANEL_GPIO };

struct config {
  char *state_dir, *listen, *socket, *web_dir, *names;
  char *staff_pin, *manager_pin, *wifi_passphrase; /* NULL = make random ones */
  char *timezone, *country, *wifi_ssid, *wifi_channel, *booth_name;
  int panel;
  char *button_line, *led_line, *buzzer_line;
  char *hub, *hub_ca;
  int trust_clock;
};

struct config_error {
  char key[32]; /* "" if the file itself is at fault */
  char detail[160];
};

/* Defaults, then the file (NULL = none), then n_set "KEY=VALUE" strings; the last wins.
 * 0; -EINVAL with *ret_error (exit status 78); *ret needs config_done() either way. */
int config_load(const char *path, const char *const *set, size_t n_set, struct config *ret,
                struct config_error *ret_error) must_check;
void config_done(struct config *c);
void config_usage(struct buf *b); /* one line a key, for --help */

#endif
