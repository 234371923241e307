/* config.h - the keys of boothd.conf(5).
 * Not thread-safe: read by the main thread, at start and on SIGHUP.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/config_table.h"

enum { TRUST_AUTO, TRUST_YES, TRUST_NO };
enum { PANEL_NONE, PANEL_SIM, PANEL_GPIO };
enum { NO, YES };

/* Strings are not NULL unless noted. */
struct config {
  char *state_dir;
  char *listen;
  char *socket;
  char *web_dir;
  char *names;
  char *staff_pin;   /* NULL = generate one */
  char *manager_pin; /* likewise */
  char *timezone;
  char *country;
  char *wifi_interface; /* "" = no Wi-Fi of its own */
  char *wifi_ssid;
  char *wifi_passphrase; /* NULL = generate one */
  char *wifi_channel;
  int captive_probes; /* NO, YES */
  int share_uplink;   /* NO, YES */
  char *booth_name;
  int panel; /* PANEL_... */
  char *button_line;
  char *led_line;
  char *buzzer_line;
  char *hub;
  char *hub_ca;
  int trust_clock; /* TRUST_... */
  char *machine_id;
  char *pii_keep_h;
  char *nightly;
};

/* Defaults, then the file (NULL = none), then n_set "KEY=VALUE" strings; the last wins. 0; -EINVAL with *ret_error
 * (exit status 78). *ret needs config_done() either way. */
int config_load(const char *path, const char *const *set, size_t n_set, struct config *ret,
                struct config_error *ret_error) must_check;
void config_done(struct config *c);
void config_usage(struct buf *b); /* one line a key, for --help */

/* The keys, for a program that reads them into a struct of its own. */
const struct config_table *config_keys(void);

/* A GPIO line of the panel: "CHIP-LABEL/LINE", with ",low" if it is active low. Chip "*" is any that has the line. */
struct config_gpio_line {
  char chip[LIMIT_GPIO_NAME + 1];
  char line[LIMIT_GPIO_NAME + 1];
  bool low;
};
/* 0 or -EINVAL; also for "", which means that nothing is connected. */
int config_parse_gpio_line(const char *text, struct config_gpio_line *ret) must_check;

/* "04:00-06:00" as minutes since midnight. 0 or -EINVAL. */
int config_parse_window(const char *text, int *ret_from_min, int *ret_to_min) must_check;

/* Checks the URL of a hub: NULL, or what it must be. */
const char *config_check_url(const char *s);

#endif
