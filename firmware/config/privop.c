/* privop.c - to add an errand is a row here, and what it does in boothd-root/privops.c. */
#include "config/privop.h"

const struct errand_spec errand_specs[ERRANDS] = {
    [ERRAND_AP_RESTART] = {"ap-restart"},
    [ERRAND_RADIO_RELOAD] = {"radio-reload"},
    [ERRAND_RADIO_REBIND] = {"radio-rebind"},
    [ERRAND_REBOOT] = {"reboot"},
    [ERRAND_CLOCK_SET] = {"clock-set", true, LIMIT_CLOCK_LOW_MS, LIMIT_CLOCK_HIGH_MS},
};
