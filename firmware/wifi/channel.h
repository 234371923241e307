/* channel.h - which of the three channels of 2.4 GHz that do not overlap (1, 6, 11) is the least busy. Pure.
 *
 * Forty booths that start together must not all choose the same one: among equally busy channels the booth's seed
 * decides, and booths scan at different times.
 */
#ifndef WIFI_CHANNEL_H
#define WIFI_CHANNEL_H

#include "base/util.h"

#define CHANNEL_STAGGER_MS 1500 /* latest start of the scan after a boot */

/* An access point nearby, 20 MHz wide. */
struct channel_bss {
  int freq_mhz;
  int signal_dbm;
};
/* How long a channel was busy while the radio listened to it. */
struct channel_survey {
  int freq_mhz;
  uint64_t listened_ms;
  uint64_t busy_ms;
};

uint32_t channel_seed(const char *booth_id);
int channel_seeded(uint32_t seed);     /* 1, 6 or 11, evenly over the booths */
int channel_stagger_ms(uint32_t seed); /* 0 to CHANNEL_STAGGER_MS */
/* 1, 6 or 11. Access points count by signal and overlap; surveys, of which there may be none, by their busy time. */
int channel_choose(const struct channel_bss *bss, size_t n_bss, const struct channel_survey *surveys, size_t n_surveys,
                   uint32_t seed);
/* The centre of a channel from 1 to 13. */
int channel_freq_mhz(int channel);
/* 1 to 14, or one of 5 GHz; 0 = unknown. */
int channel_of_freq(int freq_mhz);

#endif
