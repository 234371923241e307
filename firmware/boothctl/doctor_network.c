/* doctor_network.c - the checks of the booth's own network, from the radio to the firewall. Only check_radio asks
 * boothd. */
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

#define MAX_FILE (256 * 1024)
#define RUN_MS   5000

static bool read_flag(const struct doctor_ctx *ctx, const char *folder, const char *name, const char *file,
                      char ret[static 16])
{
  autobuf struct buf below = {0}, text = {0};
  buf_fmt(&below, "%s/%s/%s", folder, name, file);
  autofree char *path = ctl_path(ctx->c, below.data);
  if (file_read(path, 64, &text) < 0 || !text.data)
    return false;
  text.data[strcspn(text.data, "\n")] = '\0';
  return util_copy(ret, 16, text.data);
}

/* A hard block is a switch of the machine; a soft block is set by software, also while no country is set. */
enum check_result check_rfkill(struct doctor_ctx *ctx, struct buf *text)
{
  static const char rfkill[] = "/sys/class/rfkill";
  autofree char *folder = ctl_path(ctx->c, rfkill);
  DIR *d = doctor_has_wifi(ctx) ? opendir(folder) : NULL;
  enum check_result result = CHECK_SKIP;
  for (const struct dirent *e;
       d && result != CHECK_FAIL && (e = readdir(d));) { // NOLINT(concurrency-mt-unsafe): one thread
    char type[16], soft[16], hard[16];
    if (!read_flag(ctx, rfkill, e->d_name, "type", type) || strcmp(type, "wlan") != 0 ||
        !read_flag(ctx, rfkill, e->d_name, "soft", soft) || !read_flag(ctx, rfkill, e->d_name, "hard", hard))
      continue;
    bool off = *soft != '0' || *hard != '0';
    result = off ? CHECK_FAIL : CHECK_OK;
    if (off)
      buf_str(text,
              *hard != '0'
                  ? tr("The radio is off by a switch of the machine: switch it on.",
                       "기기의 스위치로 무선이 꺼져 있습니다. 켜십시오.")
                  : tr("The radio is blocked: set the country (sudo boothctl setup), or: sudo rfkill unblock wlan",
                       "무선이 막혀 있습니다. 나라를 정하거나 (sudo boothctl setup): sudo rfkill unblock wlan"));
  }
  if (d)
    closedir(d);
  if (result == CHECK_OK)
    buf_str(text, tr("The radio is not blocked.", "무선이 막혀 있지 않습니다."));
  return result;
}

enum check_result check_country(struct doctor_ctx *ctx, struct buf *text)
{
  if (!doctor_has_wifi(ctx))
    return CHECK_SKIP;
  if (!*ctx->config.country)
    buf_str(text, tr("The radio does not know its country: sudo boothctl setup",
                     "나라가 정해지지 않았습니다: sudo boothctl setup"));
  else
    buf_fmt(text, "%s", ctx->config.country);
  return *ctx->config.country ? CHECK_OK : CHECK_FAIL;
}

enum check_result check_radio(struct doctor_ctx *ctx, struct buf *text)
{
  const struct json *radio = doctor_member(ctx, "radio");
  const char *state = json_text_or_empty(radio, "state");
  if (!doctor_has_wifi(ctx) || !ctx->system.json)
    return CHECK_SKIP;
  if (strcmp(state, "up") != 0) {
    buf_fmt(
        text,
        tr("The booth's Wi-Fi is not up (%s): it is being restarted by itself; if that does not help, restart the "
           "machine.",
           "부스 와이파이가 켜지지 않았습니다 (%s). 스스로 다시 시도합니다. 그래도 안 되면 기기를 다시 시작하십시오."),
        *state ? state : "?");
    return CHECK_FAIL;
  }
  buf_fmt(text, tr("%s is up on channel %" PRId64 ", %zu phones", "%s, 채널 %" PRId64 ", 기기 %zu대"),
          json_text_or_empty(radio, "ssid"), json_int_or_zero(radio, "channel"),
          json_size(json_get(radio, "stations")));
  buf_str(text, ".");
  return CHECK_OK;
}

enum check_result check_address(struct doctor_ctx *ctx, struct buf *text)
{
  struct ifaddrs *all;
  struct in_addr ours;
  bool found = false;
  if (!doctor_has_wifi(ctx) || ctx->c->options[OPT_ROOT] || inet_pton(AF_INET, AP_ADDRESS, &ours) != 1 ||
      getifaddrs(&all) < 0)
    return CHECK_SKIP;
  for (const struct ifaddrs *a = all; a; a = a->ifa_next)
    if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET && strcmp(a->ifa_name, ctx->config.wifi_interface) == 0) {
      struct sockaddr_in address;
      memcpy(&address, a->ifa_addr, sizeof address);
      found = found || address.sin_addr.s_addr == ours.s_addr;
    }
  freeifaddrs(all);
  if (found)
    buf_fmt(text, tr("%s has %s.", "%s 주소: %s."), ctx->config.wifi_interface, AP_ADDRESS);
  else
    buf_fmt(text,
            tr("%s has not got the booth's address %s: sudo systemctl restart boothd-ap",
               "%s에 부스 주소 %s가 없습니다: sudo systemctl restart boothd-ap"),
            ctx->config.wifi_interface, AP_ADDRESS);
  return found ? CHECK_OK : CHECK_FAIL;
}

/* A line of /proc/net/udp is "  12: 0140530A:0035 00000000:0000 07 ...", the address in the byte order of the machine.
 */
static bool has_listener(const char *table, uint32_t address, unsigned port)
{
  for (const char *line = strchr(table, '\n'); line; line = strchr(line + 1, '\n')) {
    unsigned line_address, line_port;
    if (sscanf(line, "%*u: %8x:%4x", &line_address, &line_port) == 2 && line_port == port &&
        (line_address == address || line_address == 0))
      return true;
  }
  return false;
}

enum check_result check_lan(struct doctor_ctx *ctx, struct buf *text)
{
  struct in_addr ours;
  autobuf struct buf table = {0};
  autofree char *path = ctl_path(ctx->c, "/proc/net/udp");
  if (!doctor_has_wifi(ctx) || inet_pton(AF_INET, AP_ADDRESS, &ours) != 1 || file_read(path, MAX_FILE, &table) < 0 ||
      !table.data)
    return CHECK_SKIP;
  bool names = has_listener(table.data, ours.s_addr, 53);
  bool addresses = has_listener(table.data, ours.s_addr, 67);
  if (!names || !addresses) {
    buf_fmt(text,
            tr("Phones get no %s: sudo systemctl restart boothd-lan",
               "휴대전화가 %s 받지 못합니다: sudo systemctl restart boothd-lan"),
            names ? tr("addresses (DHCP)", "주소를 (DHCP)") : tr("names (DNS)", "이름을 (DNS)"));
    return CHECK_FAIL;
  }
  buf_str(text, tr("Phones get addresses and names.", "휴대전화가 주소와 이름을 받습니다."));
  return CHECK_OK;
}

enum check_result check_firewall(struct doctor_ctx *ctx, struct buf *text)
{
  static const char *const argv[] = {EXEC_NFT, "list", "table", "inet", "boothd", NULL};
  autobuf struct buf output = {0};
  if (!doctor_has_wifi(ctx) || !ctl_systemd_runs(ctx->c) || geteuid() != 0)
    return CHECK_SKIP;
  int r = exec_run(argv, RUN_MS, &output);
  buf_str(text, r == 0 ? tr("The firewall is loaded.", "방화벽이 켜져 있습니다.")
                       : tr("The firewall is not loaded: sudo systemctl restart boothd-firewall",
                            "방화벽이 꺼져 있습니다: sudo systemctl restart boothd-firewall"));
  return r == 0 ? CHECK_OK : CHECK_FAIL;
}
