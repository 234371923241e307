/* doctor_daemon.c - the checks that boothd answers. A booth without an uplink is all right. */
#include "boothctl/doctor.h"

#include "base/clock.h"
#include "boothctl/format_system.h"
#include "boothctl/term.h"
#include "boothctl/tr.h"

#include <inttypes.h>

#define SNAPSHOT_MAX_MS (48LL * 3600 * 1000) /* two nights without a snapshot */
#define FIRST_NIGHT_S   (26 * 3600)          /* after this uptime there should have been a night */

/* --- storage and clock, as boothd knows them --- */

enum check_result check_storage(struct doctor_ctx *ctx, struct buf *text)
{
  const struct json *storage = doctor_member(ctx, "storage");
  if (!storage)
    return CHECK_SKIP;
  if (!json_true(json_get(storage, "ok"))) {
    buf_fmt(text,
            tr("The queue cannot be saved (%s): free space, or change the card.",
               "대기열을 저장할 수 없습니다 (%s). 공간을 비우거나 카드를 바꾸십시오."),
            json_text_or_empty(storage, "error"));
    return CHECK_FAIL;
  }
  buf_fmt(text, tr("Saved well; %" PRId64 " MB are free.", "저장 정상. 남은 공간 %" PRId64 " MB."),
          json_int_or_zero(storage, "free_bytes") / 1000000);
  return CHECK_OK;
}

enum check_result check_backup(struct doctor_ctx *ctx, struct buf *text)
{
  const struct json *storage = doctor_member(ctx, "storage");
  int64_t saved = json_time_or_zero(storage, "last_snapshot_at"), now = ctx->system.date_ms;
  char when[20];
  if (!storage)
    return CHECK_SKIP;
  const struct json *step = json_at(json_get(json_get(doctor_member(ctx, "nightly"), "last"), "steps"), 0);
  for (; step; step = json_next(step))
    if (strcmp(json_text_or_empty(step, "result"), "failed") == 0) {
      buf_fmt(text,
              tr("The night's work failed at %s (%s): sudo boothctl nightly tries it again.",
                 "밤 작업이 %s에서 실패했습니다 (%s). 다시: sudo boothctl nightly"),
              json_text_or_empty(step, "name"), json_text_or_empty(step, "detail"));
      return CHECK_FAIL;
    }
  if (saved ? now - saved > SNAPSHOT_MAX_MS : json_int_or_zero(ctx->system.json, "uptime_s") > FIRST_NIGHT_S) {
    buf_str(text, tr("There has been no snapshot for two nights: sudo boothctl nightly makes one.",
                     "이틀 동안 스냅숏이 없습니다: sudo boothctl nightly"));
    return CHECK_FAIL;
  }
  term_time(when, saved, now);
  buf_fmt(text, tr("Last snapshot: %s.", "마지막 스냅숏: %s."), saved ? when : tr("none yet", "아직 없음"));
  return CHECK_OK;
}

enum check_result check_clock(struct doctor_ctx *ctx, struct buf *text)
{
  const struct json *clock = doctor_member(ctx, "clock");
  char when[20];
  if (!clock)
    return CHECK_SKIP;
  clock_local_text(when, json_time_or_zero(clock, "now"));
  if (strcmp(json_text_or_empty(clock, "source"), "phone") == 0) { /* the best source without internet */
    buf_fmt(text, tr("%s, as a phone told it.", "%s (휴대전화가 알려 준 시각)."), when);
    return CHECK_OK;
  }
  if (!json_true(json_get(clock, "trusted"))) {
    buf_fmt(text,
            tr("Nobody has confirmed the clock (%s): sign in with a phone, or connect the internet for a moment.",
               "시계를 확인하지 못했습니다 (%s). 휴대전화로 로그인하거나 잠시 인터넷에 연결하십시오."),
            when);
    return CHECK_FAIL;
  }
  buf_str(text, when);
  return CHECK_OK;
}

enum check_result check_banner(struct doctor_ctx *ctx, struct buf *text)
{
  const char *detail = json_text_or_empty(doctor_member(ctx, "banner"), "detail");
  if (!*detail)
    return CHECK_SKIP;
  buf_fmt(text, "%s", detail);
  return CHECK_FAIL;
}

/* --- the hardware --- */

static const struct {
  const char *name, *english, *korean;
} hardware_warnings[] = {
    {"read_only", "The card has become read-only: save what you need, and change it.",
     "카드가 읽기 전용이 되었습니다. 필요한 것을 저장하고 바꾸십시오."},
    {"under_voltage", "The power is too weak: take a better supply, and a short thick cable.",
     "전원이 약합니다. 더 좋은 어댑터와 짧고 굵은 케이블을 쓰십시오."},
    {"space_low", "Little space is left on the card: delete what does not belong to the booth.",
     "카드에 남은 공간이 적습니다. 부스와 관계없는 것을 지우십시오."},
    {"hot", "The processor is hot: into the shade, and give it air.",
     "프로세서가 뜨겁습니다. 그늘에 두고 바람이 통하게 하십시오."},
    {"wal_big", "The database's log stays big: sudo systemctl restart boothd",
     "데이터베이스 기록이 줄지 않습니다: sudo systemctl restart boothd"},
    {"memory_low", "Little memory is left: stop what does not belong to the booth.",
     "메모리가 부족합니다. 부스와 관계없는 프로그램을 끄십시오."},
    {"stations", "The Wi-Fi hardly takes more phones: sign out what nobody uses.",
     "와이파이에 더 붙을 자리가 거의 없습니다. 쓰지 않는 기기를 떼십시오."},
};

enum check_result check_hardware(struct doctor_ctx *ctx, struct buf *text)
{
  const struct json *hardware = doctor_member(ctx, "hardware"), *warning = json_at(json_get(hardware, "warnings"), 0);
  if (!hardware)
    return CHECK_SKIP;
  for (; warning; warning = json_next(warning)) {
    const char *name = json_string(warning);
    for (size_t i = 0; i < array_len(hardware_warnings) && name; i++)
      if (strcmp(hardware_warnings[i].name, name) == 0)
        buf_fmt(text, "%s%s", text->len ? " " : "", tr(hardware_warnings[i].english, hardware_warnings[i].korean));
  }
  if (text->len)
    return CHECK_FAIL;
  buf_str(text, tr("Power, heat and memory are fine", "전원, 온도, 메모리 정상"));
  if (json_is_number(json_get(hardware, "temperature_c")))
    buf_fmt(text, ", %.0f °C", json_number(json_get(hardware, "temperature_c")));
  buf_str(text, ".");
  return CHECK_OK;
}

enum check_result check_panel(struct doctor_ctx *ctx, struct buf *text)
{
  const struct json *panel = doctor_member(ctx, "panel");
  const char *fault = json_text_or_empty(panel, "fault");
  if (!panel || strcmp(json_text_or_empty(panel, "backend"), "none") == 0)
    return CHECK_SKIP;
  if (*fault) {
    buf_fmt(text,
            tr("Part of the panel does not work (%s): check the wires and the lines in %s.",
               "패널에 문제가 있습니다 (%s). 배선과 %s 파일의 핀 설정을 보십시오."),
            fault, CTL_CONFIG_FILE);
    return CHECK_FAIL;
  }
  buf_str(text, tr("Button, LED and buzzer are connected.", "버튼, LED, 부저가 연결되어 있습니다."));
  return CHECK_OK;
}

/* --- other networks --- */

enum check_result check_uplink(struct doctor_ctx *ctx, struct buf *text)
{
  const struct json *uplink = doctor_member(ctx, "uplink");
  if (!uplink || json_is_null(uplink))
    return CHECK_SKIP;
  if (json_true(json_get(uplink, "online")))
    buf_fmt(text, tr("By %s.", "%s 사용 중."), json_text_or_empty(uplink, "interface"));
  else
    buf_str(text, tr("None; the booth does not need one.", "없음. 부스는 인터넷 없이도 작동합니다."));
  return CHECK_OK;
}

enum check_result check_hub(struct doctor_ctx *ctx, struct buf *text)
{
  const struct json *sync = doctor_member(ctx, "sync");
  const char *state = json_text_or_empty(sync, "state");
  if (!sync)
    return CHECK_SKIP;
  if (strcmp(state, "off") == 0) {
    buf_str(text, tr("Not enrolled with a hub.", "허브에 등록되지 않았습니다."));
    return CHECK_OK;
  }
  format_sync(text, sync);
  return strcmp(state, "stuck") == 0 ? CHECK_FAIL : CHECK_OK;
}
