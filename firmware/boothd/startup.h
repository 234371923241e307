/* startup.h - prepares state directory, secrets and settings before the first thread starts. */
#ifndef BOOTHD_STARTUP_H
#define BOOTHD_STARTUP_H

#include "config/secrets.h"
#include "queue/settings.h"

struct config;

/* Makes and locks the state directory, and reads or makes the secrets. -EBADMSG: they are invalid. */
int startup_state(const struct config *c, struct secrets *ret) must_check;
struct settings startup_settings(const struct config *c); /* of a new booth */

#endif
