/* config.h - the start-up keys of boothd.conf(5).
 * Not thread-safe: read at start and on SIGHUP by the main thread.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/config_table.h"

enum { TRUST_AUTO, TRUST_YES, TRUST_NO };
enum { PANEL_NONE, PANEL_SIM, PANEL_GPIO };
enum { NO, YES };

struct config {
  char *state_dir, *listen, *socket, *web_dir, *names;
  char *staff_pin, *manager_pin, *wifi_passphrase; /* NULL = make random ones */
  char *timezone, *country, *wifi_interface, *wifi_ssid, *wifi_channel, *booth_name;
  int captive_probes, share_uplink; /* NO, YES */
  int panel;
  char *button_line, *led_line, *buzzer_line;
  char *hub, *hub_ca;
  int trust_clock;
  char *board, *pii_keep_h, *nightly;
};

/* Defaults, then the file (NULL = none), then n_set "KEY=VALUE" strings; the last wins.
 * 0; -EINVAL with *ret_error (exit status 78); *ret needs config_done() either way. */
int config_load(const char *path, const char *const *set, size_t n_set, struct config *ret,
                struct config_error *ret_error) must_check;
void config_done(struct config *c);
void config_usage(struct buf *b); /* one line a key, for --help */

/* A wire of the panel: "CHIP-LABEL/LINE", a chip "*" for any that has such a line, and ",low" where the line is pulled
 * to ground to mean yes. -EINVAL; "" is no wire and is not asked about. */
struct config_gpio_line {
  char chip[LIMIT_GPIO_NAME + 1], line[LIMIT_GPIO_NAME + 1];
  bool low;
};
int config_parse_gpio_line(const char *text, struct config_gpio_line *ret) must_check;
/* The keys, for who reads them into something of his own. */
const struct config_table *config_keys(void);

/* An address of a hub: NULL, or what it must be. */
const char *config_check_url(const char *s);
/* "04:00-06:00" as minutes since midnight. 0 or -EINVAL. */
int config_parse_window(const char *text, int *ret_from_min, int *ret_to_min) must_check;

#endif
