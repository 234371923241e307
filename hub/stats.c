#include "hub/stats.h"

const char *const outcome_names[OUTCOMES] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_CONFLICT] = "conflict",
    [OUTCOME_BAD_BUNDLE] = "bad_bundle",
    [OUTCOME_UNKNOWN_KEY] = "unknown_key",
    [OUTCOME_REVOKED] = "revoked",
    [OUTCOME_RETIRED] = "retired",
    [OUTCOME_UNAVAILABLE] = "unavailable",
};
