/* maintenance.h - what is thrown away with time, once an hour: by one job of the pool, however many processes ask. */
#ifndef HUB_MODEL_MAINTENANCE_H
#define HUB_MODEL_MAINTENANCE_H

#include "hub/api/job.h"

struct job *maintenance_job(void);

#endif
