/* cmd_setup.c - makes a machine a booth: a few answers, checked as boothd does, are written to boothd.conf in one step;
 * then the booth is started, and what its label says is printed.
 *
 * It can be cancelled at any question, because nothing changes before the last answer, and repeated at any time: it
 * begins with the present values. A file can give the answers, for many booths.
 */
#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "boothctl/client.h"
#include "boothctl/defaults.h"
#include "boothctl/exec.h"
#include "boothctl/install_links.h"
#include "boothctl/setup.h"
#include "boothctl/table.h"
#include "boothctl/term.h"
#include "boothctl/tr.h"
#include "config/ap_network.h"
#include "config/secrets.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SYSTEMCTL_MS 90000
#define ANSWER_MS    20000 /* until boothd answers */
#define POLL_MS      200
#define TARGET       "boothd.target"

/* --- the present and the new configuration --- */

static int print_config_error(const char *file, const struct config_error *e)
{
  if (*e->key)
    ctl_print_error("%s: %s: %s", file, e->key, e->detail);
  else
    ctl_print_error("%s", e->detail);
  return CTL_REFUSED;
}

static bool file_exists(const struct ctl *c, const char *folder, const char *name)
{
  autobuf struct buf below = {0};
  buf_fmt(&below, "%s/%s", folder, name);
  autofree char *path = ctl_path(c, below.data);
  return access(path, F_OK) == 0;
}

static int read_current(struct setup *s, const char *path)
{
  struct config_error error = {0};
  int r = file_read(path, LIMIT_CONFIG, &s->before);
  if (r < 0 && r != -ENOENT) {
    ctl_print_error("%s: %s", path, strerrordesc_np(-r));
    return CTL_REFUSED;
  }
  if (r == 0 && config_edit_read(path, &s->config, &error) < 0)
    return print_config_error(path, &error);
  const char *file = s->c->options[OPT_FILE];
  if (file && config_edit_read(file, &s->given, &error) < 0)
    return print_config_error(file, &error);
  config_edit_merge(&s->config, &s->given);
  const char *state_dir = config_edit_get(&s->config, "state_dir");
  if (!state_dir)
    state_dir = "/var/lib/boothd";
  s->made = file_exists(s->c, state_dir, "secrets");
  s->enrolled = file_exists(s->c, state_dir, "enrolment");
  return 0;
}

/* The pins of docs/wiring.md, on any chip that has them. */
static const char *const gpio_lines[][2] = {
    {"button_line", "*/GPIO17,low"}, {"led_line", "*/GPIO27"}, {"buzzer_line", "*/GPIO22"}};

/* Checks the whole, as boothd will read it, and what the machine needs beyond that. */
static int check_all(struct setup *s, struct config *ret)
{
  struct config_error error = {0};
  const char *panel = config_edit_get(&s->config, "panel");
  for (size_t i = 0; i < array_len(gpio_lines) && panel && strcmp(panel, "gpio") == 0; i++)
    if (!config_edit_get(&s->config, gpio_lines[i][0]))
      config_edit_set(&s->config, gpio_lines[i][0], gpio_lines[i][1]);
  int r = config_edit_load(&s->config, ret, &error);
  if (r == 0 && *ret->wifi_interface && !*ret->country)
    r = config_refuse(&error, "country", "is required for the radio, as country = KR");
  return r < 0 ? print_config_error(CTL_CONFIG_FILE, &error) : 0;
}

/* --- the file --- */

static int confirm_replace(const struct setup *s, const char *path)
{
  char answer[LIMIT_CONFIG_LINE];
  if (!s->before.len || s->c->options[OPT_YES])
    return 0;
  printf(tr("Replace %s? (yes, no) [no]: ", "%s 파일을 바꿀까요? (예, 아니오) [아니오]: "), path);
  int r = setup_read_line(answer);
  return r ? r : setup_is_yes(answer) ? 0 : setup_cancelled();
}

/* The file is created with its group, so that boothd can read it at any moment. */
static int write_file(const struct setup *s, const char *path, const struct buf *text)
{
  const struct group *group = s->c->options[OPT_ROOT] ? NULL : getgrnam("boothd"); // NOLINT(concurrency-mt-unsafe)
  autofree char *folder = xstrdup(path);
  *strrchr(folder, '/') = '\0';
  mode_t mask = umask(0022);
  if (group && geteuid() == 0 && setegid(group->gr_gid) < 0)
    return -errno;
  int r = mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : file_write_atomic(path, text->data, text->len, 0640);
  if (group && geteuid() == 0 && setegid(getgid()) < 0 && r == 0)
    r = -errno;
  umask(mask);
  return r;
}

static int save_config(const struct setup *s, const char *path)
{
  const char *before = s->before.data ? s->before.data : "";
  autobuf struct buf text = {0};
  config_edit_text(&s->config, before, &text);
  if (text.data && strcmp(before, text.data) == 0)
    return 0;
  int r = confirm_replace(s, path);
  if (r)
    return r;
  r = write_file(s, path, &text);
  if (r < 0)
    ctl_print_error("%s: %s", path, strerrordesc_np(-r));
  return r < 0 ? CTL_REFUSED : 0;
}

/* --- the booth --- */

static int systemctl(const char *const *argv)
{
  autobuf struct buf output = {0};
  int r = exec_run(argv, SYSTEMCTL_MS, &output);
  if (r == 0)
    return 0;
  autobuf struct buf harmless = {0};
  term_text(&harmless, output.data ? output.data : "");
  ctl_print_error("%s %s: %s", argv[0], argv[1],
                  r < 0           ? strerrordesc_np(-r)
                  : harmless.data ? harmless.data
                                  : "failed");
  return CTL_REFUSED;
}

/* The reload reads what was linked and arms the watchdog. Units that run already are restarted with their target,
 * because they have read the former file. */
static int start_booth(void)
{
  static const char *const reload[] = {EXEC_SYSTEMCTL, "daemon-reload", NULL};
  static const char *const logs[] = {EXEC_SYSTEMCTL, "try-restart", "systemd-journald.service", NULL};
  static const char *const enable[] = {EXEC_SYSTEMCTL, "enable", TARGET, NULL};
  static const char *const restart[] = {EXEC_SYSTEMCTL, "restart", TARGET, NULL};
  int r = systemctl(reload);
  if (r == 0)
    (void)systemctl(logs); /* else from the next boot on */
  if (r == 0)
    r = systemctl(enable);
  return r ? r : systemctl(restart);
}

static int wait_for_boothd(struct ctl *c, struct answer *ret)
{
  int64_t until = clock_mono_ms() + ANSWER_MS;
  for (;;) {
    if (client_try_get(c, API_SYSTEM, ret) == 0 && ret->status == 200 && ret->json)
      return 0;
    if (clock_mono_ms() >= until)
      break;
    nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
  }
  ctl_print_error(tr("boothd does not answer; see: journalctl -u boothd, sudo boothctl doctor",
                     "boothd가 대답하지 않습니다. journalctl -u boothd 또는 sudo boothctl doctor를 보십시오"));
  return CTL_UNREACHABLE;
}

/* A booth that was made before has these in its state, which only boothd changes. */
static int apply_settings(struct setup *s)
{
  static const char *const members[][2] = {
      {"booth_name", "name"}, {"staff_pin", "staff_pin"}, {"manager_pin", "manager_pin"}};
  autoanswer struct answer a = {0};
  autobuf struct buf body = {0};
  bool any = false;
  json_open(&body, NULL, '{');
  for (size_t i = 0; i < array_len(members); i++) {
    const char *value = config_edit_get(&s->given, members[i][0]);
    any = any || value;
    if (value)
      json_str(&body, members[i][1], value);
  }
  json_close(&body, '}');
  return any && s->made ? client_change(s->c, "PUT", API_SYSTEM "/settings", body.data, &a) : 0;
}

static int enrol(const struct setup *s)
{
  autoanswer struct answer a = {0};
  autobuf struct buf body = {0};
  if (!setup_has(s, "hub") || !setup_has(s, CONFIG_HUB_CODE) || s->enrolled)
    return 0;
  const char *hubs = config_edit_get(&s->config, "hub");
  size_t first = strcspn(hubs, ", ");
  json_open(&body, NULL, '{');
  json_strn(&body, "hub", hubs, first);
  json_str(&body, "code", config_edit_get(&s->config, CONFIG_HUB_CODE));
  json_close(&body, '}');
  int r = client_change_slowly(s->c, "POST", API_SYSTEM "/enrol", body.data, &a);
  if (r)
    ctl_print_error(tr("the booth runs, but has no hub yet; try again with: sudo boothctl enrol %.*s CODE",
                       "부스는 작동하지만 아직 허브에 등록되지 않았습니다. 다시: sudo boothctl enrol %.*s 코드"),
                    (int)first, hubs);
  return r;
}

/* --- the label --- */

static void print_label(const struct setup *s, const struct config *config, const struct json *system)
{
  struct secrets secrets;
  char ssid[AP_SSID_SIZE];
  autobuf struct buf json = {0}, address = {0};
  autotable struct table t = {.columns = 2};
  int r = secrets_read(config, &secrets);
  if (r < 0)
    ctl_print_error("%s/secrets: %s", config->state_dir, strerrordesc_np(-r));
  const char *passphrase = r == 0 ? secrets.wifi_passphrase : config->wifi_passphrase;
  autofree char *name = *config->wifi_interface ? NULL : default_address(); /* other networks do not know its name */
  name = name ? name : xstrdup(config->names);
  name[strcspn(name, ", ")] = '\0';
  buf_fmt(&address, "http://%s", name);
  ap_network_ssid(config, json_text_or_empty(json_get(system, "booth"), "id"), ssid);
  const struct {
    const char *name;
    const char *english;
    const char *korean;
    const char *value;
  } rows[] = {
      {"ssid", "Wi-Fi", "와이파이", *config->wifi_interface ? ssid : NULL},
      {"passphrase", "passphrase", "비밀번호", *config->wifi_interface ? passphrase : NULL},
      {"address", "address", "주소", address.data},
      {"staff_pin", "PIN of the staff", "스태프 PIN", r == 0 ? secrets.staff_pin : NULL},
      {"manager_pin", "PIN of the manager", "관리자 PIN", r == 0 ? secrets.manager_pin : NULL},
  };
  json_open(&json, NULL, '{');
  for (size_t i = 0; i < array_len(rows); i++) {
    json_str(&json, rows[i].name, rows[i].value);
    if (rows[i].value) {
      table_fmt(&t, "  %s", tr(rows[i].english, rows[i].korean));
      table_add(&t, rows[i].value);
    }
  }
  json_close(&json, '}');
  if (s->c->options[OPT_JSON]) {
    puts(json.data);
  } else {
    puts(tr("\nThis machine is a booth now.", "\n이 기기는 이제 부스입니다."));
    table_print(&t);
    puts(tr("The label to print: sudo boothctl label >label.html", "인쇄할 라벨: sudo boothctl label >label.html"));
  }
}

/* In an image that is being built, or a chroot, nothing can be started. */
static int finish_offline(const struct setup *s, const char *path)
{
  static const char *const enable[] = {EXEC_SYSTEMCTL, "enable", TARGET, NULL};
  autobuf struct buf output = {0};
  bool enabled = !s->c->options[OPT_ROOT] && exec_run(enable, SYSTEMCTL_MS, &output) == 0;
  if (s->c->options[OPT_JSON])
    return 0;
  printf(tr("%s is written. ", "%s 파일을 썼습니다. "), path);
  puts(enabled ? tr("The booth starts when this system does.", "이 시스템이 켜질 때 부스가 시작됩니다.")
               : tr("What is left, on the machine itself: systemctl enable --now " TARGET,
                    "남은 일 (기기에서): systemctl enable --now " TARGET));
  return 0;
}

static int finish(struct setup *s, const struct config *config)
{
  autoanswer struct answer system = {0};
  int r = start_booth();
  if (r == 0)
    r = wait_for_boothd(s->c, &system);
  if (r == 0)
    r = apply_settings(s);
  if (r)
    return r;
  print_label(s, config, system.json);
  return enrol(s);
}

static int configure(struct setup *s, const char *path, struct config *ret)
{
  int r = read_current(s, path);
  if (r == 0 && (s->c->options[OPT_FILE] || s->c->options[OPT_YES]))
    setup_use_defaults(s);
  else if (r == 0)
    r = setup_ask(s);
  if (r == 0)
    r = check_all(s, ret);
  if (r == 0)
    r = save_config(s, path);
  if (r == 0)
    r = install_links(s->c, *ret->wifi_interface);
  return r;
}

int cmd_setup(struct ctl *c)
{
  struct setup s = {.c = c};
  struct config config = {0};
  autofree char *path = ctl_path(c, CTL_CONFIG_FILE);
  if (geteuid() != 0 && !c->options[OPT_ROOT]) {
    ctl_print_error(tr("setup changes the machine, so it needs root: sudo boothctl setup",
                       "기기를 바꾸는 일이라 관리자 권한이 필요합니다: sudo boothctl setup"));
    return CTL_REFUSED;
  }
  int r = configure(&s, path, &config);
  if (r == 0)
    r = ctl_systemd_runs(c) ? finish(&s, &config) : finish_offline(&s, path);
  config_done(&config);
  config_edit_done(&s.config);
  config_edit_done(&s.given);
  buf_done(&s.before);
  return r;
}
