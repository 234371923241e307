/* worker.c - slow work runs here, one item after the other, so that neither the screens nor the commits wait for it. */
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "queue/command.h"
#include "store/files.h"
#include "store/reports.h"
#include "store/snapshot.h"

struct worker {
  char *state_dir;
  struct mailbox *mailbox;
  struct mailbox *done;
  struct thread thread;
  int64_t snapshot_head; /* the last event in the latest snapshot */
  unsigned backups;
};

struct work_item *work_item_new(enum work_kind kind, void *context)
{
  struct work_item *i = xnew(struct work_item);
  i->kind = kind;
  i->context = context;
  return i;
}

void work_item_free(struct work_item *i)
{
  if (!i)
    return;
  person_unref(i->found.person);
  buf_done(&i->text);
  free(i->path);
  free(i);
}

static int handle_ticket(struct worker *w, struct work_item *i)
{
  return report_ticket(w->state_dir, i->ticket, &i->found, &i->text);
}

static int handle_days(struct worker *w, struct work_item *i)
{
  return report_days(w->state_dir, &i->text);
}

static int handle_day(struct worker *w, struct work_item *i)
{
  return report_day(w->state_dir, i->date, &i->text);
}

static int handle_csv(struct worker *w, struct work_item *i)
{
  return report_csv(w->state_dir, i->date, &i->text);
}

static int handle_backup(struct worker *w, struct work_item *i)
{
  autofree char *path = files_path(w->state_dir, "backup-%u.db", w->backups++);
  int r = snapshot_create(w->state_dir, path);
  if (r == 0)
    i->path = take(path);
  return r;
}

static int handle_snapshot(struct worker *w, struct work_item *i)
{
  int64_t head;
  int r = report_last_event(w->state_dir, &head);
  if (r < 0 || head == w->snapshot_head)
    return r;
  r = snapshot_rotate(w->state_dir, clock_wall_ms());
  if (r == 0)
    w->snapshot_head = head;
  return r;
}

static int handle_file(struct worker *w, struct work_item *i)
{
  char *name = strrchr(i->path, '/');
  if (!name)
    return -EINVAL;
  autofree char *folder = xstrdup(i->path);
  folder[name - i->path] = '\0';
  return files_write(folder, name + 1, i->text.data ? i->text.data : "");
}

static int handle_verify(struct worker *w, struct work_item *i)
{
  return snapshot_verify(i->path, i->detail) < 0 ? REFUSE_INVALID : 0;
}

static void handle_item(struct worker *w, struct work_item *i)
{
  static int (*const handlers[])(struct worker *, struct work_item *) = {
      [WORK_TICKET] = handle_ticket, [WORK_DAYS] = handle_days,     [WORK_DAY] = handle_day,
      [WORK_CSV] = handle_csv,       [WORK_BACKUP] = handle_backup, [WORK_SNAPSHOT] = handle_snapshot,
      [WORK_FILE] = handle_file,     [WORK_VERIFY] = handle_verify,
  };
  int r = handlers[i->kind](w, i);
  i->refusal = r < 0 ? REFUSE_STORAGE : r;
  if (r >= 0)
    return;
  snprintf(i->detail, sizeof i->detail, "%s", strerrordesc_np(-r));
  log_err("work_failed", "kind=%d error=\"%s\"", i->kind, i->detail);
}

static void *worker_main(void *arg)
{
  struct worker *w = arg;
  while (mailbox_wait(w->mailbox, 1, -1)) {
    struct work_item *i = (struct work_item *)mailbox_take_all(w->mailbox, 1);
    handle_item(w, i);
    mailbox_force(w->done, &i->mail);
  }
  return NULL;
}

static void free_worker(struct worker *w)
{
  thread_done(&w->thread);
  mailbox_free(w->mailbox);
  free(w->state_dir);
  free(w);
}

int worker_start(const char *state_dir, struct mailbox *done, struct worker **ret)
{
  struct worker *w = xnew(struct worker);
  *w = (struct worker){.state_dir = xstrdup(state_dir), .mailbox = mailbox_new(LIMIT_WORK_ITEMS), .done = done};
  thread_init(&w->thread);
  int r = thread_start(&w->thread, worker_main, w);
  if (r < 0) {
    free_worker(w);
    return r;
  }
  *ret = w;
  return 0;
}

int worker_post(struct worker *w, struct work_item *i)
{
  return mailbox_put(w->mailbox, &i->mail);
}

void worker_stop(struct worker *w)
{
  if (!w)
    return;
  mailbox_close(w->mailbox);
  thread_join(&w->thread, -1);
  free_worker(w);
}
