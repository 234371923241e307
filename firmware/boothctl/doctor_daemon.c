/* doctor_daemon.c - the checks that boothd answers: it has looked already. A booth without an uplink is well. */
#include "boothctl/doctor.h"

#include "base/clock.h"
#include "boothctl/cmd_hub.h"
#include "boothctl/exec.h"
#include "boothctl/format_queue.h"
#include "boothctl/table.h"

#include <inttypes.h>

#define BACKUP_MS (48LL * 3600 * 1000) /* two nights without a snapshot */
#define STARTED_S (26 * 3600)          /* a booth that has been up for a night should have had its night */

const struct json *doctor_of(const struct patient *p, const char *member)
{
  return json_get(p->system.json, member);
}

/* ---- storage and clock, as boothd knows them ---- */

enum verdict doctor_storage(struct patient *p, struct buf *b)
{
  const struct json *storage = doctor_of(p, "storage");
  if (!storage)
    return NOTHING;
  if (!json_true(json_get(storage, "ok"))) {
    buf_fmt(b,
            term_say("The queue cannot be saved (%s): free space, or change the card.",
                     "대기열을 저장할 수 없습니다 (%s). 공간을 비우거나 카드를 바꾸십시오."),
            list_text(storage, "error"));
    return PROBLEM;
  }
  buf_fmt(b, term_say("Saved well; %" PRId64 " MB are free.", "저장 정상. 남은 공간 %" PRId64 " MB."),
          list_int(storage, "free_bytes") / 1000000);
  return FINE;
}

enum verdict doctor_backup(struct patient *p, struct buf *b)
{
  const struct json *storage = doctor_of(p, "storage"), *step;
  int64_t saved = list_time(storage, "last_snapshot_at"), now = p->system.date_ms;
  char text[20];
  if (!storage)
    return NOTHING;
  step = json_at(json_get(json_get(doctor_of(p, "nightly"), "last"), "steps"), 0);
  for (; step; step = json_next(step))
    if (strcmp(list_text(step, "result"), "failed") == 0) {
      buf_fmt(b,
              term_say("The night's work failed at %s (%s): sudo boothctl nightly tries it again.",
                       "밤 작업이 %s에서 실패했습니다 (%s). 다시: sudo boothctl nightly"),
              list_text(step, "name"), list_text(step, "detail"));
      return PROBLEM;
    }
  if (saved ? now - saved > BACKUP_MS : list_int(p->system.json, "uptime_s") > STARTED_S) {
    buf_str(b, term_say("There has been no snapshot for two nights: sudo boothctl nightly makes one.",
                        "이틀 동안 스냅숏이 없습니다: sudo boothctl nightly"));
    return PROBLEM;
  }
  list_clock(text, saved, now);
  buf_fmt(b, term_say("Last snapshot: %s.", "마지막 스냅숏: %s."), saved ? text : term_say("none yet", "아직 없음"));
  return FINE;
}

enum verdict doctor_clock(struct patient *p, struct buf *b)
{
  const struct json *clock = doctor_of(p, "clock");
  char text[20];
  if (!clock)
    return NOTHING;
  clock_local_text(text, list_time(clock, "now"));
  if (strcmp(list_text(clock, "source"), "phone") == 0) { /* the best there is without internet */
    buf_fmt(b, term_say("%s, as a phone told it.", "%s (휴대전화가 알려 준 시각)."), text);
    return FINE;
  }
  if (!json_true(json_get(clock, "trusted"))) {
    buf_fmt(b,
            term_say("Nobody has confirmed the clock (%s): sign in with a phone, or connect the internet for a moment.",
                     "시계를 확인하지 못했습니다 (%s). 휴대전화로 로그인하거나 잠시 인터넷에 연결하십시오."),
            text);
    return PROBLEM;
  }
  buf_fmt(b, "%s", text);
  return FINE;
}

enum verdict doctor_banner(struct patient *p, struct buf *b)
{
  const char *detail = list_text(doctor_of(p, "banner"), "detail");
  if (!*detail)
    return NOTHING;
  buf_fmt(b, "%s", detail);
  return PROBLEM;
}

/* ---- the board ---- */

static const struct {
  const char *name, *english, *korean;
} warnings[] = {
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

enum verdict doctor_board(struct patient *p, struct buf *b)
{
  const struct json *board = doctor_of(p, "board"), *warning = json_at(json_get(board, "warnings"), 0);
  if (!board)
    return NOTHING;
  for (; warning; warning = json_next(warning)) {
    const char *name = json_string(warning);
    for (size_t i = 0; i < array_len(warnings) && name; i++)
      if (strcmp(warnings[i].name, name) == 0)
        buf_fmt(b, "%s%s", b->len ? " " : "", term_say(warnings[i].english, warnings[i].korean));
  }
  if (b->len)
    return PROBLEM;
  buf_str(b, term_say("Power, heat and memory are fine", "전원, 온도, 메모리 정상"));
  if (json_is_number(json_get(board, "temperature_c")))
    buf_fmt(b, ", %.0f °C", json_number(json_get(board, "temperature_c")));
  buf_str(b, ".");
  return FINE;
}

enum verdict doctor_panel(struct patient *p, struct buf *b)
{
  const struct json *panel = doctor_of(p, "panel");
  const char *fault = list_text(panel, "fault");
  if (!panel || strcmp(list_text(panel, "backend"), "none") == 0)
    return NOTHING;
  if (*fault) {
    buf_fmt(b,
            term_say("The panel does not work whole (%s): look at the wires and at the lines in %s.",
                     "패널에 문제가 있습니다 (%s). 배선과 %s 파일의 핀 설정을 보십시오."),
            fault, MACHINE_CONFIG);
    return PROBLEM;
  }
  buf_str(b, term_say("Button, LED and buzzer are connected.", "버튼, LED, 부저가 연결되어 있습니다."));
  return FINE;
}

/* ---- the way out ---- */

enum verdict doctor_uplink(struct patient *p, struct buf *b)
{
  const struct json *uplink = doctor_of(p, "uplink");
  if (!uplink || json_is_null(uplink))
    return NOTHING;
  if (json_true(json_get(uplink, "online")))
    buf_fmt(b, term_say("By %s.", "%s 사용 중."), list_text(uplink, "interface"));
  else
    buf_str(b, term_say("None; the booth does not need one.", "없음. 부스는 인터넷 없이도 작동합니다."));
  return FINE;
}

enum verdict doctor_hub(struct patient *p, struct buf *b)
{
  const struct json *sync = doctor_of(p, "sync");
  const char *state = list_text(sync, "state");
  if (!sync)
    return NOTHING;
  if (strcmp(state, "off") == 0) {
    buf_str(b, term_say("Not enrolled with a hub.", "허브에 등록되지 않았습니다."));
    return FINE;
  }
  hub_sync_text(b, sync);
  return strcmp(state, "stuck") == 0 ? PROBLEM : FINE;
}
