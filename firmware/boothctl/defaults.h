/* defaults.h - what setup offers before it asks: what the machine already knows. Each returns a text that the caller
 * frees, or NULL. given: the answers so far.
 */
#ifndef BOOTHCTL_DEFAULTS_H
#define BOOTHCTL_DEFAULTS_H

#include "boothctl/config_edit.h"
#include "boothctl/ctl.h"

char *default_name(const struct ctl *c, const struct conf *given);
char *default_timezone(const struct ctl *c, const struct conf *given);
char *default_country(const struct ctl *c, const struct conf *given); /* of the time zone, or of the language */
char *default_interface(const struct ctl *c, const struct conf *given);
char *default_panel(const struct ctl *c, const struct conf *given);
char *default_address(void); /* by which other networks than its own reach the booth */

#endif
