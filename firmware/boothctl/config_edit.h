/* config_edit.h - boothd.conf as setup edits it: which keys are given, and with which text. One thread.
 *
 * Beside boothd's keys there is hub_code, the code to enrol with. A file for setup may have it; boothd.conf never does.
 */
#ifndef BOOTHCTL_CONFIG_EDIT_H
#define BOOTHCTL_CONFIG_EDIT_H

#include "config/config.h"

#define CONFIG_HUB_CODE "hub_code"

struct config_edit {
  char *value[64]; /* in the order of config_keys(), then hub_code; NULL = not given */
};

/* Checks each line as boothd does; keys that boothd requires may be missing. 0; -EINVAL with *ret_error. */
int config_edit_read(const char *path, struct config_edit *ret, struct config_error *ret_error) must_check;
void config_edit_done(struct config_edit *e);
#define autoedit cleanup(config_edit_done)

const char *config_edit_get(const struct config_edit *e, const char *key);
void config_edit_set(struct config_edit *e, const char *key, const char *value); /* NULL = not given */
/* Sets all that `over` gives. */
void config_edit_merge(struct config_edit *e, const struct config_edit *over);

/* The configuration as boothd will load it. 0; -EINVAL with *ret_error. *ret needs config_done() either way. */
int config_edit_load(const struct config_edit *e, struct config *ret, struct config_error *ret_error) must_check;
/* NULL, or what the value must be; the text may lie in *room. */
const char *config_edit_check(const char *key, const char *value, struct config_error *room);
/* The file `before` ("" = none) with these values. All else in it stays, comments included. */
void config_edit_text(const struct config_edit *e, const char *before, struct buf *to);

#endif
