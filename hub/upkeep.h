/* upkeep.h - what is thrown away with time, once an hour: by one job of the pool, however many processes ask. */
#ifndef HUB_UPKEEP_H
#define HUB_UPKEEP_H

#include "hub/job.h"

struct job *upkeep_job(void);

#endif
