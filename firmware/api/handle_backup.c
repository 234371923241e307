#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "api/command_request.h"
#include "api/handlers.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/text.h"

static void answer_backup(struct pending *p, struct work_item *w)
{
  int fd = w->refusal == REFUSE_NONE ? open(w->path, O_RDONLY | O_CLOEXEC) : -1;
  if (w->path)
    unlink(w->path);
  if (fd < 0) {
    api_refuse(p->http, REFUSE_STORAGE, NULL, "The backup could not be made.", NULL);
    return;
  }
  char date[11], headers[96];
  text_date(date, clock_business_date(clock_wall_ms(), 0));
  snprintf(headers, sizeof headers, "Content-Disposition: attachment; filename=\"booth-%s.db\"\r\n", date);
  http_reply_file(p->http, fd, "application/vnd.sqlite3", headers);
}

void api_backup_get(struct http_request *r)
{
  api_submit_work(r, work_item_new(WORK_BACKUP, NULL), answer_backup);
}

static void answer_restore(struct pending *p, struct writer_request *q)
{
  const struct api *api = p->context;
  if (q->refusal != REFUSE_NONE) {
    api_answer_refusal(p, q);
    return;
  }
  struct buf body = {0};
  json_open(&body, NULL, '{');
  json_int(&body, "seq", EVENT_SEQ(api->view.head));
  json_null(&body, "ticket");
  json_close(&body, '}');
  api_json(p->http, 200, &body);
}

static void restore_verified(struct pending *p, struct work_item *w)
{
  if (w->refusal == REFUSE_INVALID) {
    http_refuse(p->http, HTTP_INVALID_FIELD, NULL, w->detail);
    return;
  }
  if (w->refusal != REFUSE_NONE) {
    api_refuse(p->http, w->refusal, NULL, NULL, NULL);
    return;
  }
  struct writer_request *q = writer_request_new(WRITER_RESTORE, NULL);
  q->path = take(w->path);
  api_submit(p->http, q, answer_restore);
}

void api_restore_post(struct http_request *r)
{
  const char *path = http_body_path(r);
  if (!path) {
    http_refuse(r, HTTP_INVALID_FIELD, NULL, "The body is a backup of a booth (application/vnd.sqlite3).");
    return;
  }
  struct work_item *w = work_item_new(WORK_VERIFY, NULL);
  w->path = xstrdup(path);
  api_submit_work(r, w, restore_verified);
}
