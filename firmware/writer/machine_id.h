/* machine_id.h - how the machine calls itself, so that a database that was carried to another one notices. Any thread.
 */
#ifndef WRITER_MACHINE_ID_H
#define WRITER_MACHINE_ID_H

#include "base/util.h"

/* configured: "auto" = the board's serial number, else the system's id; anything else is taken as it is. NULL if the
 * machine has neither. The caller frees. */
char *machine_id_find(const char *configured);

#endif
