/* startup.h - what is done before there is any thread: the process, its state directory, a new booth's first settings.
 */
#ifndef BOOTHD_STARTUP_H
#define BOOTHD_STARTUP_H

#include "config/secrets.h"
#include "queue/settings.h"

struct config;

void startup_process(void);                                                /* signals and file modes */
int startup_state(const struct config *c, struct secrets *ret) must_check; /* makes and locks the directory; -errno */
struct settings startup_settings(const struct config *c);

#endif
