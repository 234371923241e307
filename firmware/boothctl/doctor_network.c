/* doctor_network.c - the checks of the radio and of what is behind it. */
#include "boothctl/doctor.h"

#include "base/file.h"
#include "boothctl/exec.h"
#include "boothctl/tr.h"
#include "config/ap_network.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define MOST   (256 * 1024)
#define RUN_MS 5000 /* a program that is asked */

static bool read_flag(const struct doctor_ctx *p, const char *folder, const char *name, const char *file,
                      char ret[static 16])
{
  autobuf struct buf below = {0}, text = {0};
  buf_fmt(&below, "%s/%s/%s", folder, name, file);
  autofree char *path = ctl_path(p->c, below.data);
  if (file_read(path, 64, &text) < 0 || !text.data)
    return false;
  text.data[strcspn(text.data, "\n")] = '\0';
  return util_copy(ret, 16, text.data);
}

/* A radio that is switched off: by a switch (hard), or by software, which is how one without a country begins. */
enum check_result check_rfkill(struct doctor_ctx *p, struct buf *b)
{
  static const char at[] = "/sys/class/rfkill";
  autofree char *folder = ctl_path(p->c, at);
  DIR *d = doctor_has_wifi(p) ? opendir(folder) : NULL;
  enum check_result v = CHECK_SKIP;
  for (const struct dirent *e; d && v != CHECK_FAIL && (e = readdir(d));) { // NOLINT(concurrency-mt-unsafe): one thread
    char type[16], soft[16], hard[16];
    if (!read_flag(p, at, e->d_name, "type", type) || strcmp(type, "wlan") != 0 ||
        !read_flag(p, at, e->d_name, "soft", soft) || !read_flag(p, at, e->d_name, "hard", hard))
      continue;
    bool off = *soft != '0' || *hard != '0';
    v = off ? CHECK_FAIL : CHECK_OK;
    if (off)
      buf_str(b, *hard != '0'
                     ? tr("The radio is off by a switch of the machine: switch it on.",
                          "기기의 스위치로 무선이 꺼져 있습니다. 켜십시오.")
                     : tr("The radio is blocked: set the country (sudo boothctl setup), or: sudo rfkill unblock wlan",
                          "무선이 막혀 있습니다. 나라를 정하거나 (sudo boothctl setup): sudo rfkill unblock wlan"));
  }
  if (d)
    closedir(d);
  if (v == CHECK_OK)
    buf_str(b, tr("The radio is not blocked.", "무선이 막혀 있지 않습니다."));
  return v;
}

enum check_result check_country(struct doctor_ctx *p, struct buf *b)
{
  if (!doctor_has_wifi(p))
    return CHECK_SKIP;
  if (!*p->config.country)
    buf_str(b, tr("The radio does not know its country: sudo boothctl setup",
                  "나라가 정해지지 않았습니다: sudo boothctl setup"));
  else
    buf_fmt(b, "%s", p->config.country);
  return *p->config.country ? CHECK_OK : CHECK_FAIL;
}

enum check_result check_radio(struct doctor_ctx *p, struct buf *b)
{
  const struct json *radio = doctor_member(p, "radio");
  const char *state = json_text_or_empty(radio, "state");
  if (!doctor_has_wifi(p) || !p->system.json)
    return CHECK_SKIP;
  if (strcmp(state, "up") != 0) {
    buf_fmt(
        b,
        tr("The booth's Wi-Fi is not up (%s): it is being restarted by itself; if that does not help, restart the "
           "machine.",
           "부스 와이파이가 켜지지 않았습니다 (%s). 스스로 다시 시도합니다. 그래도 안 되면 기기를 다시 시작하십시오."),
        *state ? state : "?");
    return CHECK_FAIL;
  }
  buf_fmt(b, tr("%s is up on channel %" PRId64 ", %zu phones", "%s, 채널 %" PRId64 ", 기기 %zu대"),
          json_text_or_empty(radio, "ssid"), json_int_or_zero(radio, "channel"),
          json_size(json_get(radio, "stations")));
  buf_str(b, ".");
  return CHECK_OK;
}

enum check_result check_address(struct doctor_ctx *p, struct buf *b)
{
  struct ifaddrs *all;
  struct in_addr ours;
  bool found = false;
  if (!doctor_has_wifi(p) || p->c->options[OPT_ROOT] || inet_pton(AF_INET, AP_ADDRESS, &ours) != 1 ||
      getifaddrs(&all) < 0)
    return CHECK_SKIP;
  for (const struct ifaddrs *a = all; a; a = a->ifa_next)
    if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET && strcmp(a->ifa_name, p->config.wifi_interface) == 0) {
      struct sockaddr_in address;
      memcpy(&address, a->ifa_addr, sizeof address);
      found = found || address.sin_addr.s_addr == ours.s_addr;
    }
  freeifaddrs(all);
  if (found)
    buf_fmt(b, tr("%s has %s.", "%s 주소: %s."), p->config.wifi_interface, AP_ADDRESS);
  else
    buf_fmt(b,
            tr("%s has not got the booth's address %s: sudo systemctl restart boothd-ap",
               "%s에 부스 주소 %s가 없습니다: sudo systemctl restart boothd-ap"),
            p->config.wifi_interface, AP_ADDRESS);
  return found ? CHECK_OK : CHECK_FAIL;
}

/* Lines of /proc/net/udp: "  12: 0140530A:0035 00000000:0000 07 ..."; an address is the bytes of a register. */
static bool listens(const char *table, uint32_t address, unsigned port)
{
  for (const char *line = strchr(table, '\n'); line; line = strchr(line + 1, '\n')) {
    unsigned at, its_port;
    if (sscanf(line, "%*u: %8x:%4x", &at, &its_port) == 2 && its_port == port && (at == address || at == 0))
      return true;
  }
  return false;
}

enum check_result check_lan(struct doctor_ctx *p, struct buf *b)
{
  struct in_addr ours;
  autobuf struct buf table = {0};
  autofree char *path = ctl_path(p->c, "/proc/net/udp");
  if (!doctor_has_wifi(p) || inet_pton(AF_INET, AP_ADDRESS, &ours) != 1 || file_read(path, MOST, &table) < 0 ||
      !table.data)
    return CHECK_SKIP;
  bool names = listens(table.data, ours.s_addr, 53), addresses = listens(table.data, ours.s_addr, 67);
  if (!names || !addresses) {
    buf_fmt(b,
            tr("Phones get no %s: sudo systemctl restart boothd-lan",
               "휴대전화가 %s 받지 못합니다: sudo systemctl restart boothd-lan"),
            names ? tr("addresses (DHCP)", "주소를 (DHCP)") : tr("names (DNS)", "이름을 (DNS)"));
    return CHECK_FAIL;
  }
  buf_str(b, tr("Phones get addresses and names.", "휴대전화가 주소와 이름을 받습니다."));
  return CHECK_OK;
}

enum check_result check_firewall(struct doctor_ctx *p, struct buf *b)
{
  static const char *const argv[] = {EXEC_NFT, "list", "table", "inet", "boothd", NULL};
  autobuf struct buf said = {0};
  if (!doctor_has_wifi(p) || !ctl_systemd_runs(p->c) || geteuid() != 0)
    return CHECK_SKIP;
  int r = exec_run(argv, RUN_MS, &said);
  buf_str(b, r == 0 ? tr("The firewall is loaded.", "방화벽이 켜져 있습니다.")
                    : tr("The firewall is not loaded: sudo systemctl restart boothd-firewall",
                         "방화벽이 꺼져 있습니다: sudo systemctl restart boothd-firewall"));
  return r == 0 ? CHECK_OK : CHECK_FAIL;
}
