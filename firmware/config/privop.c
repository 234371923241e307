/* privop.c - a new operation needs a row here and a handler in boothd-root/privops.c. */
#include "config/privop.h"

const struct privop_spec privop_specs[PRIVOPS] = {
    [PRIVOP_AP_RESTART] = {"ap-restart"},
    [PRIVOP_RADIO_RELOAD] = {"radio-reload"},
    [PRIVOP_RADIO_REBIND] = {"radio-rebind"},
    [PRIVOP_REBOOT] = {"reboot"},
    [PRIVOP_CLOCK_SET] = {"clock-set", true, LIMIT_CLOCK_EARLIEST_MS, LIMIT_CLOCK_LATEST_MS},
};
