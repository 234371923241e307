/* config_edit.h - boothd.conf as its writer sees it: which keys are given, with which text. One thread.
 *
 * Beside boothd's keys there is hub_code, the code to enrol with: a file for setup may have it, boothd.conf never does.
 */
#ifndef BOOTHCTL_CONFIG_EDIT_H
#define BOOTHCTL_CONFIG_EDIT_H

#include "config/config.h"

#define CONFIG_HUB_CODE "hub_code"

struct conf {
  char *value[64]; /* in the order of config_keys(), and hub_code; NULL = not given */
};

/* Each line is checked as boothd does it, but that all is there. 0; -EINVAL with *ret_error. */
int config_edit_read(const char *path, struct conf *ret, struct config_error *ret_error) must_check;
void config_edit_done(struct conf *c);
#define autoedit cleanup(config_edit_done)

const char *config_edit_get(const struct conf *c, const char *key);
void config_edit_set(struct conf *c, const char *key, const char *value); /* NULL = not given */
void config_edit_merge(struct conf *c, const struct conf *over);          /* what that gives goes before */
/* As boothd would read it. 0; -EINVAL with *ret_error; *ret needs config_done() either way. */
int config_edit_load(const struct conf *c, struct config *ret, struct config_error *ret_error) must_check;
/* NULL, or what the value must be; in *room. */
const char *config_edit_check(const char *key, const char *value, struct config_error *room);
/* The file: `before` ("" = none) with these values in it. What they do not name stays as it was, comments included. */
void config_edit_text(const struct conf *c, const char *before, struct buf *to);

#endif
