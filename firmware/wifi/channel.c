/* channel.c - a weight for each of the three channels; the smallest wins.
 *
 * An access point takes airtime wherever it is received, however strongly, so its weight grows with the decibels and
 * not with the power. One that is off by less than 20 MHz overlaps in part, and counts by that part.
 */
#include "wifi/channel.h"

#define WIDTH_MHZ   20
#define WEAK_DBM    (-95) /* not received any more */
#define STRONG_DBM  (-35) /* stronger is not busier */
#define SURVEY_FULL 1200  /* a channel that is always busy weighs as one access point of full strength */

static const int choices[] = {1, 6, 11};

uint32_t channel_seed(const char *booth_id)
{
  uint32_t seed = 2166136261U; /* FNV-1a */
  for (; *booth_id; booth_id++)
    seed = (seed ^ (uint8_t)*booth_id) * 16777619U;
  return seed ^ seed >> 16;
}

int channel_seeded(uint32_t seed)
{
  return choices[seed % array_len(choices)];
}

int channel_stagger_ms(uint32_t seed)
{
  return (int)(seed / array_len(choices) % (CHANNEL_STAGGER_MS + 1));
}

int channel_freq_mhz(int channel)
{
  return 2407 + 5 * channel;
}

int channel_of_freq(int freq_mhz)
{
  if (freq_mhz == 2484)
    return 14;
  int from = freq_mhz > 5000 && freq_mhz < 5900 ? 5000 : freq_mhz > 2407 && freq_mhz <= 2472 ? 2407 : 0;
  return from && (freq_mhz - from) % 5 == 0 ? (freq_mhz - from) / 5 : 0;
}

static int overlap_mhz(int a_mhz, int b_mhz)
{
  int apart = a_mhz > b_mhz ? a_mhz - b_mhz : b_mhz - a_mhz;
  return max(WIDTH_MHZ - apart, 0);
}

static int64_t channel_weight(int channel, const struct channel_bss *bss, size_t n_bss,
                              const struct channel_survey *surveys, size_t n_surveys)
{
  int freq_mhz = channel_freq_mhz(channel);
  int64_t sum = 0;
  for (size_t i = 0; i < n_bss; i++)
    sum += overlap_mhz(freq_mhz, bss[i].freq_mhz) * (min(max(bss[i].signal_dbm, WEAK_DBM), STRONG_DBM) - WEAK_DBM);
  for (size_t i = 0; i < n_surveys; i++)
    if (surveys[i].freq_mhz == freq_mhz && surveys[i].listened_ms > 0)
      sum += (int64_t)((double)min(surveys[i].busy_ms, surveys[i].listened_ms) / (double)surveys[i].listened_ms *
                       SURVEY_FULL);
  return sum;
}

int channel_choose(const struct channel_bss *bss, size_t n_bss, const struct channel_survey *surveys, size_t n_surveys,
                   uint32_t seed)
{
  int best = 0;
  int64_t least = INT64_MAX;
  for (size_t i = 0; i < array_len(choices); i++) {
    int channel = choices[(seed + i) % array_len(choices)]; /* the seed's choice comes first: others must be better */
    int64_t w = channel_weight(channel, bss, n_bss, surveys, n_surveys);
    if (w < least) {
      least = w;
      best = channel;
    }
  }
  return best;
}
