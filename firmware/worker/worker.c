/* worker.c - the worker: what may take long, one after the other, so that neither the screens nor the commits wait.
 *
 * Each job opens the database anew: 0.2 ms, and no reader is left standing on a file that has been replaced.
 */
#include "worker/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "queue/command.h"
#include "store/files.h"
#include "store/reports.h"
#include "store/snapshot.h"

struct worker {
  char *state_dir;
  struct mailbox *mailbox, *done;
  pthread_t thread;
  int64_t snapshot_head; /* the last event that is in a snapshot of ours */
  unsigned backups;
};

struct work_item *work_item_new(enum work_kind kind, void *context)
{
  struct work_item *j = xnew(struct work_item);
  j->kind = kind;
  j->context = context;
  return j;
}

void work_item_free(struct work_item *j)
{
  if (!j)
    return;
  person_unref(j->found.person);
  buf_done(&j->text);
  free(j->path);
  free(j);
}

static int open_reader(const struct worker *w, sqlite3 **ret)
{
  autofree char *path = files_path(w->state_dir, "booth.db");
  int r = sql_open(path, SQLITE_OPEN_READONLY, false, ret);
  return r < 0 ? r : sql_exec(*ret, "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY");
}

static int run_report(struct worker *w, struct work_item *j)
{
  static int (*const reports[])(sqlite3 *, struct work_item *) = {
      [WORK_TICKET] = report_ticket, [WORK_DAYS] = report_days, [WORK_DAY] = report_day, [WORK_CSV] = report_csv};
  cleanup(sql_close) sqlite3 *db = NULL;
  int r = open_reader(w, &db);
  if (r == 0)
    r = sql_exec(db, "BEGIN");
  return r < 0 ? r : reports[j->kind](db, j);
}

static int run_backup(struct worker *w, struct work_item *j)
{
  autofree char *path = files_path(w->state_dir, "backup-%u.db", w->backups++);
  int r = snapshot_create(w->state_dir, path);
  if (r == 0)
    j->path = take(path);
  return r;
}

static int last_event(const struct worker *w, int64_t *ret)
{
  cleanup(sql_close) sqlite3 *db = NULL;
  int r = open_reader(w, &db);
  return r < 0 ? r : sql_int(db, "SELECT max(id) FROM event", ret);
}

static int run_snapshot(struct worker *w, struct work_item *j)
{
  int64_t head;
  (void)j;
  int r = last_event(w, &head);
  if (r < 0 || head == w->snapshot_head)
    return r;
  r = snapshot_rotate(w->state_dir, clock_wall_ms());
  if (r == 0)
    w->snapshot_head = head;
  return r;
}

static int run_file(struct worker *w, struct work_item *j)
{
  (void)w;
  char *name = strrchr(j->path, '/');
  if (!name)
    return -EINVAL;
  autofree char *folder = xstrdup(j->path);
  folder[name - j->path] = '\0';
  return files_write(folder, name + 1, j->text.data ? j->text.data : "");
}

static int run_verify(struct worker *w, struct work_item *j)
{
  (void)w;
  return snapshot_verify(j->path, j->detail) < 0 ? REFUSE_INVALID : 0;
}

static void run(struct worker *w, struct work_item *j)
{
  static int (*const jobs[])(struct worker *, struct work_item *) = {
      [WORK_TICKET] = run_report, [WORK_DAYS] = run_report,       [WORK_DAY] = run_report, [WORK_CSV] = run_report,
      [WORK_BACKUP] = run_backup, [WORK_SNAPSHOT] = run_snapshot, [WORK_FILE] = run_file,  [WORK_VERIFY] = run_verify,
  };
  int r = jobs[j->kind](w, j);
  j->refusal = r < 0 ? REFUSE_STORAGE : r;
  if (r >= 0)
    return;
  snprintf(j->detail, sizeof j->detail, "%s", strerrordesc_np(-r));
  log_err("job_failed", "job=%d error=\"%s\"", j->kind, j->detail);
}

static void *worker_main(void *arg)
{
  struct worker *w = arg;
  while (mailbox_wait(w->mailbox, 1, -1)) {
    struct work_item *j = (struct work_item *)mailbox_take_all(w->mailbox, 1);
    run(w, j);
    mailbox_force(w->done, &j->mail);
  }
  return NULL;
}

static void free_worker(struct worker *w)
{
  mailbox_free(w->mailbox);
  free(w->state_dir);
  free(w);
}

int worker_start(const char *state_dir, struct mailbox *done, struct worker **ret)
{
  struct worker *w = xnew(struct worker);
  *w = (struct worker){.state_dir = xstrdup(state_dir), .mailbox = mailbox_new(LIMIT_WORK_ITEMS), .done = done};
  int r = pthread_create(&w->thread, NULL, worker_main, w);
  if (r) {
    free_worker(w);
    return -r;
  }
  *ret = w;
  return 0;
}

int worker_post(struct worker *w, struct work_item *j)
{
  return mailbox_put(w->mailbox, &j->mail);
}

void worker_stop(struct worker *w)
{
  if (!w)
    return;
  mailbox_close(w->mailbox);
  pthread_join(w->thread, NULL);
  free_worker(w);
}
