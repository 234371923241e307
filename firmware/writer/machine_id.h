/* machine_id.h - an identifier of the machine, used to detect that the database was moved to other hardware. Any
 * thread.
 */
#ifndef WRITER_MACHINE_ID_H
#define WRITER_MACHINE_ID_H

#include "base/util.h"

/* configured: "auto" = the hardware's serial number, else the system's machine id; any other text is returned as is.
 * NULL if the machine has neither. The caller frees. */
char *machine_id_find(const char *configured);

#endif
