/* channel.h - which of the three channels of 2.4 GHz that do not overlap (1, 6, 11) is the least busy. Pure.
 *
 * Forty booths that start together must not all choose the same one: equals are told apart by the booth's own seed, and
 * they start at different moments.
 */
#ifndef WIFI_CHANNEL_H
#define WIFI_CHANNEL_H

#include "base/util.h"

#define CHANNEL_STAGGER_MS 1500 /* latest start of a look round after a boot */

struct channel_bss { /* an access point nearby, of 20 MHz */
  int freq_mhz, signal_dbm;
};
struct channel_survey { /* how long a channel was found busy while it was listened to */
  int freq_mhz;
  uint64_t listened_ms, busy_ms;
};

uint32_t channel_seed(const char *booth_id);
int channel_seeded(uint32_t seed);     /* 1, 6 or 11, evenly over the booths */
int channel_stagger_ms(uint32_t seed); /* 0 to CHANNEL_STAGGER_MS */
/* 1, 6 or 11: whatever else is on the air, weighed by its signal and by how much of it overlaps, and the time that the
 * surveys (there may be none) found busy. */
int channel_choose(const struct channel_bss *heard, size_t n_heard, const struct channel_survey *surveys,
                   size_t n_surveys, uint32_t seed);
/* The middle of a channel from 1 to 13. */
int channel_freq_mhz(int channel);
/* 1 to 14, those of 5 GHz too; 0 = none that is known. */
int channel_of_freq(int freq_mhz);

#endif
