/* cmd_doctor.c - every check is a row, looks at one thing and says one sentence: how it is, or what is wrong and what
 * to do about it. What boothd knows is asked of boothd; what can be seen without it is looked at here, because boothd
 * may be what is wrong. A check that has nothing to look at is left out.
 */
#include "boothctl/doctor.h"

#include "base/file.h"
#include "base/json_write.h"
#include "boothctl/exec.h"
#include "boothctl/format_queue.h"
#include "boothctl/table.h"
#include "config/ap_network.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_MS 5000 /* a program that is asked */
#define MOST   (256 * 1024)

static const char *const result_names[] = {[FINE] = "ok", [PROBLEM] = "problem", [NOTHING] = "skipped"};

static bool has_wifi(const struct doctor_ctx *p)
{
  return p->configured && *p->config.wifi_interface;
}

/* ---- the files ---- */

static enum check_result check_config(struct doctor_ctx *p, struct buf *b)
{
  struct config_error error = {0};
  autofree char *path = ctl_path(p->c, CTL_CONFIG_FILE);
  if (access(path, R_OK) < 0) {
    int missing = errno;
    if (missing == EACCES) {
      buf_str(b, tr("Only root may read the configuration: call it with sudo.",
                    "설정은 관리자만 읽을 수 있습니다. sudo로 실행하십시오."));
      return NOTHING;
    }
    buf_fmt(b, tr("There is no %s yet: sudo boothctl setup", "%s 파일이 아직 없습니다: sudo boothctl setup"), path);
    return PROBLEM;
  }
  if (config_load(path, NULL, 0, &p->config, &error) < 0) {
    buf_fmt(b,
            tr("%s is not understood (%s: %s): correct it, or sudo boothctl setup",
               "%s 파일에 오류가 있습니다 (%s: %s). 고치거나 sudo boothctl setup을 실행하십시오"),
            path, error.key, error.detail);
    return PROBLEM;
  }
  p->configured = true;
  buf_fmt(b, tr("%s is valid.", "%s 파일이 올바릅니다."), path);
  return FINE;
}

/* boothd belongs to no other group than its own: that is how it reads its configuration. */
static bool is_for_boothd(const struct doctor_ctx *p, const struct stat *st)
{
  const struct group *group = p->c->options[OPT_ROOT] ? NULL : getgrnam("boothd"); // NOLINT(concurrency-mt-unsafe)
  return !group || st->st_gid == group->gr_gid;
}

static enum check_result check_permissions(struct doctor_ctx *p, struct buf *b)
{
  static const struct {
    const char *name; /* NULL: the configuration; else in state_dir */
    mode_t forbidden;
  } files[] = {{NULL, 027}, {"", 077}, {"/secrets", 077}, {"/identity", 077}};
  struct stat st;
  int seen = 0;
  for (size_t i = 0; i < array_len(files) && p->configured; i++) {
    autobuf struct buf below = {0};
    buf_fmt(&below, "%s%s", files[i].name ? p->config.state_dir : CTL_CONFIG_FILE, files[i].name ? files[i].name : "");
    autofree char *path = ctl_path(p->c, below.data);
    if (stat(path, &st) < 0)
      continue;
    seen++;
    if (st.st_mode & files[i].forbidden)
      buf_fmt(b,
              tr("Others may read or change %s, which holds secrets: sudo chmod %o %s",
                 "비밀이 든 %s 파일을 다른 사용자가 읽거나 바꿀 수 있습니다: sudo chmod %o %s"),
              path, st.st_mode & 0777 & ~files[i].forbidden, path);
    else if (!files[i].name && !is_for_boothd(p, &st))
      buf_fmt(b,
              tr("boothd may not read %s: sudo chgrp boothd %s",
                 "boothd가 %s 파일을 읽을 수 없습니다: sudo chgrp boothd %s"),
              path, path);
    if (b->len)
      return PROBLEM;
  }
  if (seen)
    buf_str(b, tr("Secrets are readable by the booth alone.", "비밀은 부스만 읽을 수 있습니다."));
  return seen ? FINE : NOTHING;
}

/* ---- the services ---- */

static const struct {
  const char *unit;
  bool wifi;
} units[] = {{"boothd.socket", false},          {"boothd.service", false},         {"boothd-privop.path", false},
             {"boothd-nightly.timer", false},   {"boothd-network.service", false}, {"boothd-clock.service", false},
             {"boothd-firewall.service", true}, {"boothd-ap.service", true},       {"boothd-lan.service", true}};

static enum check_result check_services(struct doctor_ctx *p, struct buf *b)
{
  const char *argv[array_len(units) + 3] = {EXEC_SYSTEMCTL, "is-active"};
  autobuf struct buf said = {0};
  int n = 0;
  if (!ctl_systemd_runs(p->c) || !p->configured)
    return NOTHING;
  for (size_t i = 0; i < array_len(units); i++)
    if (!units[i].wifi || has_wifi(p))
      argv[2 + n++] = units[i].unit;
  if (exec_run(argv, RUN_MS, &said) < 0 || !said.data) {
    buf_str(b, tr("systemctl does not answer: restart the machine.",
                  "systemctl이 대답하지 않습니다. 기기를 다시 시작하십시오."));
    return PROBLEM;
  }
  char *rest = said.data, *state;
  for (int i = 0; i < n && (state = strsep(&rest, "\n")); i++)
    if (strcmp(state, "active") != 0) {
      buf_fmt(b,
              tr("%s is %s: journalctl -u %s tells why; sudo systemctl restart boothd.target",
                 "%s 상태: %s. 까닭은 journalctl -u %s, 다시 시작은 sudo systemctl restart boothd.target"),
              argv[2 + i], state, argv[2 + i]);
      return PROBLEM;
    }
  buf_fmt(b, tr("All %d parts run.", "%d개 서비스가 모두 작동합니다."), n);
  return FINE;
}

static enum check_result check_boothd(struct doctor_ctx *p, struct buf *b)
{
  char span[24];
  if (!p->system.json) {
    const char *socket = p->c->options[OPT_SOCKET];
    if (p->error == -EACCES) {
      buf_fmt(b, tr("%s is not yours to ask: call it with sudo.", "%s 권한이 없습니다. sudo로 실행하십시오."), socket);
      return NOTHING;
    }
    buf_fmt(b,
            tr("boothd does not answer at %s (%s): journalctl -u boothd tells why.",
               "boothd가 %s에서 대답하지 않습니다 (%s). 까닭: journalctl -u boothd"),
            socket, strerrordesc_np(-p->error));
    return PROBLEM;
  }
  term_duration(span, json_int_or_zero(p->system.json, "uptime_s") * 1000);
  buf_fmt(b, tr("boothd %s answers, up %s.", "boothd %s 작동 중, %s 동안."),
          json_text_or_empty(p->system.json, "version"), span);
  return FINE;
}

static enum check_result check_watchdog(struct doctor_ctx *p, struct buf *b)
{
  static const char *const argv[] = {EXEC_SYSTEMCTL, "show", "--value", "--property=RuntimeWatchdogUSec", NULL};
  autobuf struct buf said = {0};
  if (!ctl_systemd_runs(p->c) || access("/dev/watchdog0", F_OK) < 0 || exec_run(argv, RUN_MS, &said) != 0 || !said.data)
    return NOTHING;
  bool armed = *said.data >= '1' && *said.data <= '9';
  buf_str(b, armed ? tr("The hardware watchdog is armed.", "하드웨어 감시 장치가 켜져 있습니다.")
                   : tr("The hardware watchdog is not armed yet: restart the machine once.",
                        "하드웨어 감시 장치가 꺼져 있습니다. 기기를 한 번 다시 시작하십시오."));
  return armed ? FINE : PROBLEM;
}

/* ---- the radio, and what is behind it ---- */

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
static enum check_result check_rfkill(struct doctor_ctx *p, struct buf *b)
{
  static const char at[] = "/sys/class/rfkill";
  autofree char *folder = ctl_path(p->c, at);
  DIR *d = has_wifi(p) ? opendir(folder) : NULL;
  enum check_result v = NOTHING;
  for (const struct dirent *e; d && v != PROBLEM && (e = readdir(d));) { // NOLINT(concurrency-mt-unsafe): one thread
    char type[16], soft[16], hard[16];
    if (!read_flag(p, at, e->d_name, "type", type) || strcmp(type, "wlan") != 0 ||
        !read_flag(p, at, e->d_name, "soft", soft) || !read_flag(p, at, e->d_name, "hard", hard))
      continue;
    bool off = *soft != '0' || *hard != '0';
    v = off ? PROBLEM : FINE;
    if (off)
      buf_str(b, *hard != '0'
                     ? tr("The radio is off by a switch of the machine: switch it on.",
                          "기기의 스위치로 무선이 꺼져 있습니다. 켜십시오.")
                     : tr("The radio is blocked: set the country (sudo boothctl setup), or: sudo rfkill unblock wlan",
                          "무선이 막혀 있습니다. 나라를 정하거나 (sudo boothctl setup): sudo rfkill unblock wlan"));
  }
  if (d)
    closedir(d);
  if (v == FINE)
    buf_str(b, tr("The radio is not blocked.", "무선이 막혀 있지 않습니다."));
  return v;
}

static enum check_result check_country(struct doctor_ctx *p, struct buf *b)
{
  if (!has_wifi(p))
    return NOTHING;
  if (!*p->config.country)
    buf_str(b, tr("The radio does not know its country: sudo boothctl setup",
                  "나라가 정해지지 않았습니다: sudo boothctl setup"));
  else
    buf_fmt(b, "%s", p->config.country);
  return *p->config.country ? FINE : PROBLEM;
}

static enum check_result check_radio(struct doctor_ctx *p, struct buf *b)
{
  const struct json *radio = doctor_member(p, "radio");
  const char *state = json_text_or_empty(radio, "state");
  if (!has_wifi(p) || !p->system.json)
    return NOTHING;
  if (strcmp(state, "up") != 0) {
    buf_fmt(
        b,
        tr("The booth's Wi-Fi is not up (%s): it is being restarted by itself; if that does not help, restart the "
           "machine.",
           "부스 와이파이가 켜지지 않았습니다 (%s). 스스로 다시 시도합니다. 그래도 안 되면 기기를 다시 시작하십시오."),
        *state ? state : "?");
    return PROBLEM;
  }
  buf_fmt(b, tr("%s is up on channel %" PRId64 ", %zu phones", "%s, 채널 %" PRId64 ", 기기 %zu대"),
          json_text_or_empty(radio, "ssid"), json_int_or_zero(radio, "channel"),
          json_size(json_get(radio, "stations")));
  buf_str(b, ".");
  return FINE;
}

static enum check_result check_address(struct doctor_ctx *p, struct buf *b)
{
  struct ifaddrs *all;
  struct in_addr ours;
  bool found = false;
  if (!has_wifi(p) || p->c->options[OPT_ROOT] || inet_pton(AF_INET, AP_ADDRESS, &ours) != 1 || getifaddrs(&all) < 0)
    return NOTHING;
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
  return found ? FINE : PROBLEM;
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

static enum check_result check_lan(struct doctor_ctx *p, struct buf *b)
{
  struct in_addr ours;
  autobuf struct buf table = {0};
  autofree char *path = ctl_path(p->c, "/proc/net/udp");
  if (!has_wifi(p) || inet_pton(AF_INET, AP_ADDRESS, &ours) != 1 || file_read(path, MOST, &table) < 0 || !table.data)
    return NOTHING;
  bool names = listens(table.data, ours.s_addr, 53), addresses = listens(table.data, ours.s_addr, 67);
  if (!names || !addresses) {
    buf_fmt(b,
            tr("Phones get no %s: sudo systemctl restart boothd-lan",
               "휴대전화가 %s 받지 못합니다: sudo systemctl restart boothd-lan"),
            names ? tr("addresses (DHCP)", "주소를 (DHCP)") : tr("names (DNS)", "이름을 (DNS)"));
    return PROBLEM;
  }
  buf_str(b, tr("Phones get addresses and names.", "휴대전화가 주소와 이름을 받습니다."));
  return FINE;
}

static enum check_result check_firewall(struct doctor_ctx *p, struct buf *b)
{
  static const char *const argv[] = {EXEC_NFT, "list", "table", "inet", "boothd", NULL};
  autobuf struct buf said = {0};
  if (!has_wifi(p) || !ctl_systemd_runs(p->c) || geteuid() != 0)
    return NOTHING;
  int r = exec_run(argv, RUN_MS, &said);
  buf_str(b, r == 0 ? tr("The firewall is loaded.", "방화벽이 켜져 있습니다.")
                    : tr("The firewall is not loaded: sudo systemctl restart boothd-firewall",
                         "방화벽이 꺼져 있습니다: sudo systemctl restart boothd-firewall"));
  return r == 0 ? FINE : PROBLEM;
}

/* ---- the table ---- */

static const struct {
  const char *name, *korean;
  enum check_result (*look)(struct doctor_ctx *p, struct buf *b);
} checks[] = {
    {"config", "설정", check_config},       {"permissions", "권한", check_permissions},
    {"services", "서비스", check_services}, {"boothd", "boothd", check_boothd},
    {"storage", "저장", check_storage},     {"backup", "백업", check_backup},
    {"clock", "시계", check_clock},         {"attention", "알림", check_banner},
    {"board", "기기", check_hardware},      {"panel", "패널", check_panel},
    {"country", "나라", check_country},     {"rfkill", "무선 차단", check_rfkill},
    {"radio", "와이파이", check_radio},     {"address", "주소", check_address},
    {"lan", "DHCP·DNS", check_lan},         {"firewall", "방화벽", check_firewall},
    {"uplink", "인터넷", check_uplink},     {"hub", "허브", check_hub},
    {"watchdog", "감시", check_watchdog},
};

static void ask_boothd(struct doctor_ctx *p)
{
  p->error = client_try_get(p->c, "/api/v1/system", &p->system);
  if (p->error == 0 && (p->system.status != 200 || !p->system.json))
    p->error = -EPROTO;
  if (p->error < 0)
    answer_done(&p->system);
}

int cmd_doctor(struct ctl *c)
{
  static const char *const marks[][2] = {[FINE] = {"ok", "정상"}, [PROBLEM] = {"PROBLEM", "문제"}};
  struct doctor_ctx p = {.c = c};
  autobuf struct buf json = {0};
  autotable struct table t = {.columns = 3};
  int problems = 0;
  ask_boothd(&p);
  json_open(&json, NULL, '[');
  for (size_t i = 0; i < array_len(checks); i++) {
    autobuf struct buf said = {0};
    enum check_result v = checks[i].look(&p, &said);
    problems += v == PROBLEM;
    json_open(&json, NULL, '{');
    json_str(&json, "name", checks[i].name);
    json_str(&json, "result", result_names[v]);
    json_str(&json, "text", said.len ? said.data : NULL);
    json_close(&json, '}');
    if (!said.len)
      continue;
    table_add(&t, v == NOTHING ? "-" : tr(marks[v][0], marks[v][1]));
    table_add(&t, tr(checks[i].name, checks[i].korean));
    table_add(&t, said.data);
  }
  json_close(&json, ']');
  if (c->options[OPT_JSON])
    printf("{\"ok\":%s,\"checks\":%s}\n", problems ? "false" : "true", json.data);
  else
    table_print(&t);
  config_done(&p.config);
  answer_done(&p.system);
  return problems ? CTL_REFUSED : 0;
}
