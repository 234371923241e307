/* monitor.h - a thread that samples the state of the booth's radio, every few seconds and on each event of the kernel.
 *
 * A driver whose firmware has stopped may not answer for seconds. That blocks this thread alone; the loop notices
 * missing samples.
 */
#ifndef WIFI_MONITOR_H
#define WIFI_MONITOR_H

#include "base/mailbox.h"
#include "wifi/nl80211.h"
#include "wifi/recovery.h"

struct radio_sample {
  struct mail mail;       /* first */
  enum radio_state state; /* never RADIO_SILENT, which needs more than one sample */
  char ssid[NL80211_SSID];
  int freq_mhz;      /* 0 = no channel */
  char driver[32];   /* "" = unknown */
  int limit;         /* of stations; 0 = unknown */
  size_t n_stations; /* at most LIMIT_STATIONS of them are listed */
  struct nl80211_station stations[LIMIT_STATIONS];
};

struct monitor;
int monitor_start(const char *interface, struct monitor **ret) must_check;
/* Where it puts its samples; the receiver frees them. */
struct mailbox *monitor_samples(const struct monitor *m);
/* Ends the thread. If a driver blocks it for longer than a second, it runs until the process ends. NULL allowed. */
void monitor_stop(struct monitor *m);

#endif
