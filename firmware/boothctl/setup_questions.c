/* setup_questions.c - each question is a row: which key it sets, what is suggested, when it applies. */
#include "boothctl/setup.h"

#include "boothctl/defaults.h"
#include "boothctl/term.h"
#include "boothctl/tr.h"

#include <stdio.h>

/* --- answers --- */

static const char *parse_country(char *answer)
{
  for (char *p = answer; *p; p++)
    if (*p >= 'a' && *p <= 'z')
      *p = (char)(*p - 'a' + 'A');
  return answer;
}

bool setup_is_yes(const char *answer)
{
  static const char *const words[] = {"y", "Y", "yes", "Yes", "YES", "예", "네", "ㅇ"};
  for (size_t i = 0; i < array_len(words); i++)
    if (strcmp(words[i], answer) == 0)
      return true;
  return false;
}

static const char *parse_panel(char *answer)
{
  static const char *const no[] = {"n", "N", "no", "No", "NO", "아니오", "아니요", "ㄴ"};
  for (size_t i = 0; i < array_len(no); i++)
    if (strcmp(no[i], answer) == 0)
      return "none";
  return setup_is_yes(answer) ? "gpio" : answer;
}

/* --- when a question applies --- */

bool setup_has(const struct setup *s, const char *key)
{
  const char *value = config_edit_get(&s->config, key);
  return value && *value;
}

static bool is_not_made(const struct setup *s)
{
  return !s->made;
}

static bool has_wifi(const struct setup *s)
{
  return setup_has(s, "wifi_interface");
}

static bool is_not_enrolled(const struct setup *s)
{
  return !s->enrolled;
}

static bool has_new_hub(const struct setup *s)
{
  return !s->enrolled && setup_has(s, "hub");
}

static const struct question {
  const char *key;
  const char *english;
  const char *korean;
  const char *must; /* what the value must be, in Korean; the English text is boothd's own */
  char *(*suggest)(const struct ctl *c, const struct config_edit *given); /* NULL = nothing */
  const char *(*parse)(char *answer);                                     /* NULL = as typed */
  bool (*applies)(const struct setup *s);                                 /* NULL = always */
} questions[] = {
    {"booth_name", "Name of the booth", "부스 이름", "60자까지 쓸 수 있습니다", default_name, NULL, NULL},
    {"timezone", "Time zone", "시간대", "Asia/Seoul 같은 이름이어야 합니다", default_timezone, NULL, NULL},
    {"wifi_interface", "Interface of its own Wi-Fi (- = none)", "부스 와이파이 인터페이스 (- = 없음)",
     "wlan0 같은 이름이어야 합니다", default_interface, NULL, NULL},
    {"country", "Country where it stands, which the radio must know", "부스가 있는 나라 (무선 규정에 필요)",
     "KR처럼 두 글자여야 합니다", default_country, parse_country, has_wifi},
    {"wifi_ssid", "Name of the Wi-Fi (empty = booth- and its id)", "와이파이 이름 (비우면 booth-와 고유 번호)",
     "32바이트까지 쓸 수 있습니다", NULL, NULL, has_wifi},
    {"wifi_passphrase", "Its passphrase (empty = a random one)", "와이파이 비밀번호 (비우면 무작위)",
     "영문·숫자·기호 8~63자여야 합니다", NULL, NULL, has_wifi},
    {"staff_pin", "PIN of the staff (empty = 6 random digits)", "스태프 PIN (비우면 무작위 6자리)",
     "숫자 4~12자리여야 합니다", NULL, NULL, is_not_made},
    {"manager_pin", "PIN of the manager (empty = 6 random digits)", "관리자 PIN (비우면 무작위 6자리)",
     "숫자 4~12자리여야 합니다", NULL, NULL, is_not_made},
    {"panel", "Are button, LED and buzzer wired to its pins? (gpio = yes, none = no)",
     "버튼·LED·부저를 연결했습니까? (gpio = 예, none = 아니오)", "예 또는 아니오로 답하십시오", default_panel,
     parse_panel, NULL},
    {"hub", "Address of the hub, https://... (empty = none)", "허브 주소, https://... (비우면 없음)",
     "https://로 시작하는 주소여야 합니다", NULL, NULL, is_not_enrolled},
    {CONFIG_HUB_CODE, "Code that the hub gave for this booth", "허브가 이 부스에 준 코드",
     "XXXX-XXXX-XXXX-XXXX.XXXX-XXXX-XXXX-XXXX 꼴이어야 합니다", NULL, NULL, has_new_hub},
};

/* --- asking --- */

int setup_cancelled(void)
{
  ctl_print_error(tr("setup was left; nothing was changed", "설정을 그만두었습니다. 바뀐 것은 없습니다"));
  return CTL_REFUSED;
}

int setup_read_line(char ret[static LIMIT_CONFIG_LINE])
{
  fflush(stdout);
  if (!fgets(ret, LIMIT_CONFIG_LINE, stdin))
    return setup_cancelled();
  bool complete = strchr(ret, '\n') != NULL;
  for (int c; !complete && (c = getchar()) != EOF && c != '\n';)
    ret[0] = '\x1b'; /* too long: an escape makes it invalid for every key */
  size_t from = strspn(ret, " \t"), n = strlen(ret);
  while (n > from && strchr(" \t\r\n", ret[n - 1]))
    n--;
  ret[n] = '\0';
  memmove(ret, ret + from, n - from + 1);
  return 0;
}

/* The present value; on a machine that was never set up, what the answers so far and the machine suggest. */
static char *suggestion(const struct setup *s, const struct question *q)
{
  const char *value = config_edit_get(&s->config, q->key);
  char *text = !value && !s->before.len && q->suggest ? q->suggest(s->c, &s->config) : NULL;
  return text ? text : xstrdup(value ? value : "");
}

/* "-" clears, an empty answer takes the suggestion. */
static const char *parse_answer(const struct question *q, char *answer, const char *suggested)
{
  if (strcmp(answer, "-") == 0)
    return "";
  if (!*answer)
    return suggested;
  return q->parse ? q->parse(answer) : answer;
}

static int ask_question(struct setup *s, const struct question *q)
{
  struct config_error error;
  char answer[LIMIT_CONFIG_LINE];
  autofree char *suggested = suggestion(s, q);
  autobuf struct buf shown = {0};
  term_text(&shown, suggested);
  for (;;) {
    printf("%s [%s]: ", tr(q->english, q->korean), shown.data ? shown.data : "");
    int r = setup_read_line(answer);
    if (r)
      return r;
    const char *value = parse_answer(q, answer, suggested);
    const char *wrong = *value ? config_edit_check(q->key, value, &error) : NULL;
    if (!wrong) {
      config_edit_set(&s->config, q->key, *value ? value : NULL);
      config_edit_set(&s->given, q->key, *value ? value : NULL);
      return 0;
    }
    printf("  %s\n", tr(wrong, q->must));
  }
}

int setup_ask(struct setup *s)
{
  puts(tr("Enter takes what stands in brackets, - clears it, Ctrl-C leaves everything as it is.",
          "Enter는 괄호 안의 값을 그대로, -는 비움, Ctrl-C는 아무것도 바꾸지 않고 끝냅니다."));
  for (size_t i = 0; i < array_len(questions); i++) {
    const struct question *q = &questions[i];
    int r = !q->applies || q->applies(s) ? ask_question(s, q) : 0;
    if (r)
      return r;
  }
  return 0;
}

void setup_use_defaults(struct setup *s)
{
  for (size_t i = 0; i < array_len(questions); i++) {
    autofree char *suggested = suggestion(s, &questions[i]);
    if (*suggested)
      config_edit_set(&s->config, questions[i].key, suggested);
  }
}
