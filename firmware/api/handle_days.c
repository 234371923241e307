#include <stdio.h>

#include "api/command_request.h"
#include "api/handlers.h"
#include "base/text.h"

void api_days_post(struct http_request *r)
{
  cleanup(json_freep) struct json *parsed = NULL;
  if (!http_json_read(r, NULL, 0, NULL, &parsed))
    return;
  struct writer_request *q = api_command(r, CMD_DAY);
  if (q)
    api_submit_command(r, q);
}

static void answer_json(struct pending *p, struct work_item *w)
{
  if (w->refusal != REFUSE_NONE)
    api_refuse(p->http, w->refusal, NULL, w->refusal == REFUSE_NOT_FOUND ? "The booth has no day of that date." : NULL,
               NULL);
  else
    api_json(p->http, 200, &w->text);
}

static void answer_csv(struct pending *p, struct work_item *w)
{
  if (w->refusal != REFUSE_NONE) {
    answer_json(p, w);
    return;
  }
  char date[11], headers[96];
  text_date(date, w->date);
  snprintf(headers, sizeof headers, "Content-Disposition: attachment; filename=\"booth-%s.csv\"\r\n", date);
  http_reply(p->http, 200, "text/csv; charset=utf-8", &w->text, headers);
}

void api_days_get(struct http_request *r)
{
  api_submit_work(r, work_item_new(WORK_DAYS, NULL), answer_json);
}

void api_day_get(struct http_request *r)
{
  enum work_kind kind = (enum work_kind)http_route_arg(r);
  int32_t date;
  if (text_parse_date(http_param(r, 0), &date) < 0) {
    http_refuse(r, HTTP_NOT_FOUND, NULL, "A day is named like 2026-09-11.");
    return;
  }
  struct work_item *w = work_item_new(kind, NULL);
  w->date = date;
  api_submit_work(r, w, kind == WORK_CSV ? answer_csv : answer_json);
}
