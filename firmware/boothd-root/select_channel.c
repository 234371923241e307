/* select_channel.c - the interface is a station during the scan. Whatever fails, there is a channel: a Wi-Fi on a busy
 * one is better than none.
 */
#include "boothd-root/select_channel.h"

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "wifi/nl80211.h"

#define SCAN_MS   4000
#define BOOTED_MS 120000 /* forty booths are switched on together, but later each restarts alone */

static int set_link(const char *interface, bool up)
{
  struct ifreq q = {0};
  if (!util_copy(q.ifr_name, sizeof q.ifr_name, interface))
    return -EINVAL;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  int r = ioctl(fd, SIOCGIFFLAGS, &q) < 0 ? -errno : 0;
  if (r == 0) {
    q.ifr_flags = (short)(up ? q.ifr_flags | IFF_UP : q.ifr_flags & ~IFF_UP);
    r = ioctl(fd, SIOCSIFFLAGS, &q) < 0 ? -errno : 0;
  }
  close(fd);
  return r;
}

static int choose_channel(struct nl80211 *n, unsigned index, uint32_t seed, int *ret_channel)
{
  struct channel_bss heard[LIMIT_SCAN_RESULTS];
  struct channel_survey surveys[LIMIT_SURVEYS];
  size_t n_heard = 0, n_surveys = 0;
  int r = nl80211_scan_results(n, index, heard, array_len(heard), &n_heard);
  if (r < 0)
    return r;
  r = nl80211_survey(n, index, surveys, array_len(surveys), &n_surveys);
  if (r < 0)
    n_surveys = 0; /* few drivers report any */
  n_heard = min(n_heard, array_len(heard));
  n_surveys = min(n_surveys, array_len(surveys));
  *ret_channel = channel_choose(heard, n_heard, surveys, n_surveys, seed);
  log_info("channel", "channel=%d heard=%zu surveys=%zu", *ret_channel, n_heard, n_surveys);
  return 0;
}

static int scan_and_choose(struct nl80211 *n, const char *interface, uint32_t seed, int *ret_channel)
{
  struct nl80211_interface i;
  int r = nl80211_interface(n, interface, &i);
  if (r < 0)
    return r;
  r = set_link(interface, false);
  if (r == 0 && i.type != NL80211_STATION)
    r = nl80211_become_station(n, i.index);
  if (r == 0)
    r = set_link(interface, true);
  if (r == 0)
    r = nl80211_scan(n, i.index, SCAN_MS);
  if (r == 0)
    r = choose_channel(n, i.index, seed, ret_channel);
  return r;
}

static int scan(const char *interface, uint32_t seed, int *ret_channel)
{
  struct nl80211 *n;
  int r = nl80211_open(&n);
  if (r < 0)
    return r;
  r = scan_and_choose(n, interface, seed, ret_channel);
  nl80211_close(n);
  int down = set_link(interface, false);
  if (down < 0)
    log_warn("link_not_down", "interface=%s error=\"%s\"", interface, strerrordesc_np(-down));
  return r;
}

int select_channel(const char *interface, const char *setting, const char *booth_id, int *ret_channel)
{
  int64_t fixed;
  if (util_parse_i64(setting, 1, 13, &fixed) == 0) {
    *ret_channel = (int)fixed;
    return 0;
  }
  const uint32_t seed = channel_seed(booth_id);
  const int stagger_ms = clock_mono_ms() < BOOTED_MS ? channel_stagger_ms(seed) : 0;
  nanosleep(&(struct timespec){stagger_ms / 1000, stagger_ms % 1000 * 1000000L}, NULL);
  int r = scan(interface, seed, ret_channel);
  if (r == 0)
    return 0;
  *ret_channel = channel_seeded(seed);
  log_warn("channel_not_heard", "channel=%d error=\"%s\"", *ret_channel, strerrordesc_np(-r));
  return 1;
}
