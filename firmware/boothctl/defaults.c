/* defaults.c - a suggestion may be wrong: setup shows it in brackets, and it can be corrected. */
#include "boothctl/defaults.h"

#include "base/clock.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <unistd.h>

#define ZONES       "zoneinfo/"
#define ZONE_TAB    "/usr/share/zoneinfo/zone1970.tab"
#define MAX_FILE    (64 * 1024)
#define FIRST_RADIO "wlan0"

char *default_name(const struct ctl *c, const struct config_edit *given)
{
  char host[LIMIT_BOOTH + 1] = "";
  return gethostname(host, sizeof host - 1) < 0 || !*host ? xstrdup("booth") : xstrdup(host);
}

char *default_timezone(const struct ctl *c, const struct config_edit *given)
{
  char target[PATH_MAX];
  autofree char *link = ctl_path(c, "/etc/localtime");
  ssize_t n = readlink(link, target, sizeof target - 1);
  target[max(n, 0)] = '\0';
  const char *zone = strstr(target, ZONES);
  return zone && clock_timezone_known(zone + strlen(ZONES)) ? xstrdup(zone + strlen(ZONES)) : xstrdup("UTC");
}

static char *two_capitals(const char *s)
{
  bool are = s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z';
  return are ? xstrdup((const char[]){s[0], s[1], '\0'}) : NULL;
}

/* A line of the table is "KR\t+3733+12658\tAsia/Seoul"; of several countries the first is the zone's own. */
static char *country_of_zone(const char *zone)
{
  autobuf struct buf table = {0};
  if (file_read(ZONE_TAB, MAX_FILE, &table) < 0 || !table.data)
    return NULL;
  for (char *rest = table.data, *line; (line = strsep(&rest, "\n"));) {
    char *field = line;
    for (int i = 0; i < 2; i++)
      strsep(&field, "\t");
    const char *its = strsep(&field, "\t");
    if (its && strcmp(its, zone) == 0)
      return two_capitals(line);
  }
  return NULL;
}

char *default_country(const struct ctl *c, const struct config_edit *given)
{
  const char *zone = config_edit_get(given, "timezone");
  const char *language = getenv("LANG"); // NOLINT(concurrency-mt-unsafe): one thread
  char *country = zone ? country_of_zone(zone) : NULL;
  if (!country && language && strlen(language) >= 5 && language[2] == '_')
    country = two_capitals(language + 3);
  return country;
}

/* The first radio; a Pi's own where there is none, because it may not have appeared yet. */
char *default_interface(const struct ctl *c, const struct config_edit *given)
{
  char found[NAME_MAX + 1] = "";
  autofree char *folder = ctl_path(c, "/sys/class/net");
  DIR *d = opendir(folder);
  for (const struct dirent *e; d && (e = readdir(d));) { // NOLINT(concurrency-mt-unsafe): one thread
    autobuf struct buf radio = {0};
    buf_fmt(&radio, "%s/%s/phy80211", folder, e->d_name);
    if (access(radio.data, F_OK) == 0 && (!*found || strcmp(e->d_name, found) < 0))
      util_copy(found, sizeof found, e->d_name);
  }
  if (d)
    closedir(d);
  return xstrdup(*found ? found : FIRST_RADIO);
}

/* A Raspberry Pi has a panel unless told otherwise: an unwired pin does no harm. */
char *default_panel(const struct ctl *c, const struct config_edit *given)
{
  autobuf struct buf model = {0};
  autofree char *path = ctl_path(c, "/proc/device-tree/model");
  bool pi = file_read(path, MAX_FILE, &model) == 0 && model.data && strstr(model.data, "Raspberry Pi");
  return xstrdup(pi ? "gpio" : "none");
}

char *default_address(void)
{
  struct ifaddrs *all;
  char text[INET_ADDRSTRLEN];
  char *found = NULL;
  if (getifaddrs(&all) < 0)
    return NULL;
  for (const struct ifaddrs *a = all; a && !found; a = a->ifa_next)
    if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET && (a->ifa_flags & (IFF_UP | IFF_LOOPBACK)) == IFF_UP) {
      struct sockaddr_in address;
      memcpy(&address, a->ifa_addr, sizeof address);
      found = inet_ntop(AF_INET, &address.sin_addr, text, sizeof text) ? xstrdup(text) : NULL;
    }
  freeifaddrs(all);
  return found;
}
