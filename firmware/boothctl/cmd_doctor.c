/* cmd_doctor.c - a check is a row. It examines one thing and gives one sentence: that it is all right, or what is wrong
 * and what to do. boothd is asked for what only it knows; the rest is examined here, because boothd itself may be what
 * is wrong.
 */
#include "boothctl/doctor.h"

#include "base/json_write.h"
#include "boothctl/exec.h"
#include "boothctl/table.h"
#include "boothctl/term.h"
#include "boothctl/tr.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_MS 5000

const struct json *doctor_member(const struct doctor_ctx *ctx, const char *member)
{
  return json_get(ctx->system.json, member);
}

bool doctor_has_wifi(const struct doctor_ctx *ctx)
{
  return ctx->configured && *ctx->config.wifi_interface;
}

static const char *const result_names[] = {[CHECK_OK] = "ok", [CHECK_FAIL] = "problem", [CHECK_SKIP] = "skipped"};

/* --- the files --- */

static enum check_result check_config(struct doctor_ctx *ctx, struct buf *text)
{
  struct config_error error = {0};
  autofree char *path = ctl_path(ctx->c, CTL_CONFIG_FILE);
  if (access(path, R_OK) < 0) {
    if (errno == EACCES) {
      buf_str(text, tr("Only root may read the configuration: call it with sudo.",
                       "설정은 관리자만 읽을 수 있습니다. sudo로 실행하십시오."));
      return CHECK_SKIP;
    }
    buf_fmt(text, tr("There is no %s yet: sudo boothctl setup", "%s 파일이 아직 없습니다: sudo boothctl setup"), path);
    return CHECK_FAIL;
  }
  if (config_load(path, NULL, 0, &ctx->config, &error) < 0) {
    buf_fmt(text,
            tr("%s is not understood (%s: %s): correct it, or sudo boothctl setup",
               "%s 파일에 오류가 있습니다 (%s: %s). 고치거나 sudo boothctl setup을 실행하십시오"),
            path, error.key, error.detail);
    return CHECK_FAIL;
  }
  ctx->configured = true;
  buf_fmt(text, tr("%s is valid.", "%s 파일이 올바릅니다."), path);
  return CHECK_OK;
}

/* boothd reads its configuration through its group. */
static bool has_group_of_boothd(const struct doctor_ctx *ctx, const struct stat *st)
{
  const struct group *group = ctx->c->options[OPT_ROOT] ? NULL : getgrnam("boothd"); // NOLINT(concurrency-mt-unsafe)
  return !group || st->st_gid == group->gr_gid;
}

static enum check_result check_permissions(struct doctor_ctx *ctx, struct buf *text)
{
  static const struct {
    const char *name; /* NULL: the configuration; else in state_dir */
    mode_t forbidden;
  } files[] = {{NULL, 027}, {"", 077}, {"/secrets", 077}, {"/identity", 077}};
  struct stat st;
  int seen = 0;
  for (size_t i = 0; i < array_len(files) && ctx->configured; i++) {
    autobuf struct buf below = {0};
    buf_fmt(&below, "%s%s", files[i].name ? ctx->config.state_dir : CTL_CONFIG_FILE,
            files[i].name ? files[i].name : "");
    autofree char *path = ctl_path(ctx->c, below.data);
    if (stat(path, &st) < 0)
      continue;
    seen++;
    if (st.st_mode & files[i].forbidden)
      buf_fmt(text,
              tr("Others may read or change %s, which holds secrets: sudo chmod %o %s",
                 "비밀이 든 %s 파일을 다른 사용자가 읽거나 바꿀 수 있습니다: sudo chmod %o %s"),
              path, st.st_mode & 0777 & ~files[i].forbidden, path);
    else if (!files[i].name && !has_group_of_boothd(ctx, &st))
      buf_fmt(text,
              tr("boothd may not read %s: sudo chgrp boothd %s",
                 "boothd가 %s 파일을 읽을 수 없습니다: sudo chgrp boothd %s"),
              path, path);
    if (text->len)
      return CHECK_FAIL;
  }
  if (seen)
    buf_str(text, tr("Secrets are readable by the booth alone.", "비밀은 부스만 읽을 수 있습니다."));
  return seen ? CHECK_OK : CHECK_SKIP;
}

/* --- the services --- */

static const struct {
  const char *unit;
  bool wifi;
} units[] = {{"boothd.socket", false},          {"boothd.service", false},         {"boothd-privop.path", false},
             {"boothd-nightly.timer", false},   {"boothd-network.service", false}, {"boothd-clock.service", false},
             {"boothd-firewall.service", true}, {"boothd-ap.service", true},       {"boothd-lan.service", true}};

static enum check_result check_services(struct doctor_ctx *ctx, struct buf *text)
{
  const char *argv[array_len(units) + 3] = {EXEC_SYSTEMCTL, "is-active"};
  autobuf struct buf output = {0};
  int n = 0;
  if (!ctl_systemd_runs(ctx->c) || !ctx->configured)
    return CHECK_SKIP;
  for (size_t i = 0; i < array_len(units); i++)
    if (!units[i].wifi || doctor_has_wifi(ctx))
      argv[2 + n++] = units[i].unit;
  if (exec_run(argv, RUN_MS, &output) < 0 || !output.data) {
    buf_str(text, tr("systemctl does not answer: restart the machine.",
                     "systemctl이 대답하지 않습니다. 기기를 다시 시작하십시오."));
    return CHECK_FAIL;
  }
  char *rest = output.data, *state;
  for (int i = 0; i < n && (state = strsep(&rest, "\n")); i++)
    if (strcmp(state, "active") != 0) {
      buf_fmt(text,
              tr("%s is %s: journalctl -u %s tells why; sudo systemctl restart boothd.target",
                 "%s 상태: %s. 까닭은 journalctl -u %s, 다시 시작은 sudo systemctl restart boothd.target"),
              argv[2 + i], state, argv[2 + i]);
      return CHECK_FAIL;
    }
  buf_fmt(text, tr("All %d parts run.", "%d개 서비스가 모두 작동합니다."), n);
  return CHECK_OK;
}

static enum check_result check_boothd(struct doctor_ctx *ctx, struct buf *text)
{
  char span[24];
  if (!ctx->system.json) {
    const char *socket = ctx->c->options[OPT_SOCKET];
    if (ctx->error == -EACCES) {
      buf_fmt(text, tr("No permission to use %s: run it with sudo.", "%s 권한이 없습니다. sudo로 실행하십시오."),
              socket);
      return CHECK_SKIP;
    }
    buf_fmt(text,
            tr("boothd does not answer at %s (%s): journalctl -u boothd tells why.",
               "boothd가 %s에서 대답하지 않습니다 (%s). 까닭: journalctl -u boothd"),
            socket, strerrordesc_np(-ctx->error));
    return CHECK_FAIL;
  }
  term_duration(span, json_int_or_zero(ctx->system.json, "uptime_s") * 1000);
  buf_fmt(text, tr("boothd %s answers, up %s.", "boothd %s 작동 중, %s 동안."),
          json_text_or_empty(ctx->system.json, "version"), span);
  return CHECK_OK;
}

static enum check_result check_watchdog(struct doctor_ctx *ctx, struct buf *text)
{
  static const char *const argv[] = {EXEC_SYSTEMCTL, "show", "--value", "--property=RuntimeWatchdogUSec", NULL};
  autobuf struct buf output = {0};
  if (!ctl_systemd_runs(ctx->c) || access("/dev/watchdog0", F_OK) < 0 || exec_run(argv, RUN_MS, &output) != 0 ||
      !output.data)
    return CHECK_SKIP;
  bool armed = *output.data >= '1' && *output.data <= '9';
  buf_str(text, armed ? tr("The hardware watchdog is armed.", "하드웨어 감시 장치가 켜져 있습니다.")
                      : tr("The hardware watchdog is not armed yet: restart the machine once.",
                           "하드웨어 감시 장치가 꺼져 있습니다. 기기를 한 번 다시 시작하십시오."));
  return armed ? CHECK_OK : CHECK_FAIL;
}

/* --- the table --- */

static const struct {
  const char *name;
  const char *korean;
  enum check_result (*check)(struct doctor_ctx *ctx, struct buf *text);
} checks[] = {
    {"config", "설정", check_config},       {"permissions", "권한", check_permissions},
    {"services", "서비스", check_services}, {"boothd", "boothd", check_boothd},
    {"storage", "저장", check_storage},     {"backup", "백업", check_backup},
    {"clock", "시계", check_clock},         {"attention", "알림", check_banner},
    {"hardware", "기기", check_hardware},   {"panel", "패널", check_panel},
    {"country", "나라", check_country},     {"rfkill", "무선 차단", check_rfkill},
    {"radio", "와이파이", check_radio},     {"address", "주소", check_address},
    {"lan", "DHCP·DNS", check_lan},         {"firewall", "방화벽", check_firewall},
    {"uplink", "인터넷", check_uplink},     {"hub", "허브", check_hub},
    {"watchdog", "감시", check_watchdog},
};

static void get_system(struct doctor_ctx *ctx)
{
  ctx->error = client_try_get(ctx->c, API_SYSTEM, &ctx->system);
  if (ctx->error == 0 && (ctx->system.status != 200 || !ctx->system.json))
    ctx->error = -EPROTO;
  if (ctx->error < 0)
    answer_done(&ctx->system);
}

int cmd_doctor(struct ctl *c)
{
  static const char *const marks[][2] = {[CHECK_OK] = {"ok", "정상"}, [CHECK_FAIL] = {"PROBLEM", "문제"}};
  struct doctor_ctx ctx = {.c = c};
  autobuf struct buf json = {0};
  autotable struct table t = {.columns = 3};
  int failed = 0;
  get_system(&ctx);
  json_open(&json, NULL, '[');
  for (size_t i = 0; i < array_len(checks); i++) {
    autobuf struct buf text = {0};
    enum check_result result = checks[i].check(&ctx, &text);
    failed += result == CHECK_FAIL;
    json_open(&json, NULL, '{');
    json_str(&json, "name", checks[i].name);
    json_str(&json, "result", result_names[result]);
    json_str(&json, "text", text.len ? text.data : NULL);
    json_close(&json, '}');
    if (!text.len)
      continue;
    table_add(&t, result == CHECK_SKIP ? "-" : tr(marks[result][0], marks[result][1]));
    table_add(&t, tr(checks[i].name, checks[i].korean));
    table_add(&t, text.data);
  }
  json_close(&json, ']');
  if (c->options[OPT_JSON])
    printf("{\"ok\":%s,\"checks\":%s}\n", failed ? "false" : "true", json.data);
  else
    table_print(&t);
  config_done(&ctx.config);
  answer_done(&ctx.system);
  return failed ? CTL_REFUSED : 0;
}
