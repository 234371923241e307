/* defaults.h - the answers that setup suggests, from what the machine knows. Each returns a text that the caller frees,
 * or NULL. given: the answers so far.
 */
#ifndef BOOTHCTL_DEFAULTS_H
#define BOOTHCTL_DEFAULTS_H

#include "boothctl/config_edit.h"
#include "boothctl/ctl.h"

char *default_name(const struct ctl *c, const struct config_edit *given);
char *default_timezone(const struct ctl *c, const struct config_edit *given);
char *default_country(const struct ctl *c, const struct config_edit *given); /* of the time zone or the language */
char *default_interface(const struct ctl *c, const struct config_edit *given);
char *default_panel(const struct ctl *c, const struct config_edit *given);

/* The address at which other networks reach the booth. */
char *default_address(void);

#endif
