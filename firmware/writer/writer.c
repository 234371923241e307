/* writer.c - the thread: wait, run one transaction for all waiting requests, post the results.
 *
 * Group commit. Clients that wait for answers come in waves. A slow disk alone would split them into two alternating
 * halves: each arrives during the other's commit, so every commit carries half of what it could. So the writer counts
 * the requests that arrive during a batch and its commit, and after its answers waits for as many, for at most half a
 * commit's duration. On a fast disk waiting costs more than it gains, so there is none. The first request after a
 * silence does not wait either, since that time counts from the last answer.
 *
 * Failures. A failed commit leaves memory ahead of the disk, so the queue is reloaded as at start, and the senders are
 * told that the outcome is unknown. Then one write a second is attempted; nothing is decided until one succeeds.
 */
#include "writer/writer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/files.h"
#include "writer/internal.h"

#define IDLE_MS          30000 /* how often the day change is polled */
#define PROBE_MS         1000
#define SIZES_MS         1000
#define SLOW_US          1000000
#define WORTH_WAITING_US 1000 /* a quicker commit is not waited for */

/* --- statistics --- */

static void read_sizes(struct writer *w)
{
  static const char *const names[] = {"booth.db-wal", "booth.db", "snapshots"};
  struct stat st[array_len(names)] = {0};
  if (w->sizes_at && clock_mono_ms() < w->sizes_at + SIZES_MS)
    return;
  w->sizes_at = clock_mono_ms();
  for (size_t i = 0; i < array_len(names); i++) {
    autofree char *path = files_path(w->state_dir, "%s", names[i]);
    if (stat(path, &st[i]) < 0)
      st[i] = (struct stat){0};
  }
  w->stats.wal_bytes = st[0].st_size;
  w->stats.db_bytes = st[1].st_size;
  /* only verified snapshots are ever renamed into that folder */
  int64_t changed = (int64_t)st[2].st_mtim.tv_sec * 1000 + st[2].st_mtim.tv_nsec / 1000000;
  w->stats.last_snapshot_wall = changed ? changed + clock_offset_ms() : 0;
}

static void publish_stats(struct writer *w)
{
  read_sizes(w);
  if (w->store)
    w->stats.head_seq = EVENT_SEQ(store_identity(w->store)->last_event);
  thread_lock(&w->thread);
  w->published = w->stats;
  thread_unlock(&w->thread);
}

void writer_stats(struct writer *w, struct writer_stats *ret)
{
  thread_lock(&w->thread);
  *ret = w->published;
  thread_unlock(&w->thread);
}

const char *writer_booth(const struct writer *w)
{
  return w->booth;
}

const uint8_t *writer_key(const struct writer *w)
{
  return w->key;
}

size_t writer_devices(const struct writer *w, struct device to[static LIMIT_DEVICES])
{
  memcpy(to, w->devices, w->n_devices * sizeof *to);
  return w->n_devices;
}

/* --- one batch --- */

static void count_commit(struct writer *w, int64_t us)
{
  static const int64_t bounds_ms[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000};
  struct writer_stats *n = &w->stats;
  size_t i = 0;
  while (i < array_len(bounds_ms) && us > bounds_ms[i] * 1000)
    i++;
  n->commit_us_buckets[i]++;
  n->commit_us_sum += us;
  n->commit_us_max = max(n->commit_us_max, us);
  n->fsyncs++;
  n->last_commit_mono = clock_mono_ms();
  w->group_commit.commit_us += (min(us, (int64_t)2 * LIMIT_GROUP_COMMIT_US) - w->group_commit.commit_us) / 8;
  if (us > SLOW_US)
    log_warn("slow_commit", "ms=%lld", (long long)(us / 1000));
}

static int commit_batch(struct writer *w)
{
  int64_t from = clock_mono_us();
  int r = store_commit(w->store);
  if (r == 0 && w->wrote)
    count_commit(w, clock_mono_us() - from);
  return r;
}

static int run_transaction(struct writer *w)
{
  int r = w->keys_loaded ? 0 : store_load_keys(w->store);
  if (r < 0)
    return r;
  w->keys_loaded = true;
  r = store_begin(w->store);
  if (r == 0 && w->failing)
    r = store_probe(w->store);
  w->wrote |= w->failing;
  if (r == 0 && !w->started)
    r = min(writer_record_start(w), 0);
  if (r == 0)
    r = writer_timers(w);
  for (struct writer_request *q = w->batch->requests; r == 0 && q; q = (struct writer_request *)q->mail.next)
    r = writer_serve(w, q);
  return r < 0 ? r : commit_batch(w);
}

static void answer_unknown(struct batch *b)
{
  for (size_t i = 0; i < b->n_changes; i++)
    change_done(&b->changes[i]);
  b->n_changes = 0;
  for (struct writer_request *q = b->requests; q; q = (struct writer_request *)q->mail.next) {
    person_unref(q->ticket.person);
    q->ticket = (struct ticket){0};
    q->event = 0;
    q->replayed = q->more = false;
    q->refusal = REFUSE_STORAGE;
  }
}

static void on_failed(struct writer *w, int r)
{
  if (w->store) {
    snprintf(w->error, sizeof w->error, "%s", store_error(w->store));
    store_rollback(w->store);
  }
  if (!w->failing)
    log_err("commit_failed", "error=\"%s\" errno=%d", w->error, -r);
  w->failing = w->stale = true;
  w->reopen |= r != -ENOSPC;
  w->stats.failed_batches++;
  if (w->store && writer_reload(w) < 0)
    log_err("reload_failed", "error=\"%s\"", w->error);
}

static void on_committed(struct writer *w)
{
  if (w->failing)
    log_warn("storage_ok", "commits succeed again");
  w->failing = false;
  w->started = true;
  w->new_epoch = w->adopt = false;
  w->fork = (struct epoch_fork){0};
  w->left_ordinal = 0;
  w->error[0] = '\0';
}

/* The loop replaces its view by the present queue, which includes this batch's changes. */
static void add_reset(struct writer *w)
{
  struct batch *b = w->batch;
  for (size_t i = 0; i < b->n_changes; i++)
    change_done(&b->changes[i]);
  b->n_changes = 0;
  b->reset = queue_clone(w->queue);
  memcpy(b->epoch, store_identity(w->store)->epoch, sizeof b->epoch);
  b->head = store_identity(w->store)->last_event;
  b->banner = w->banner ? xstrdup(w->banner) : NULL;
  w->reset_view = false;
}

/* Removes the requests with a home of their own from the batch. */
static struct mail *detach_direct_replies(struct batch *b)
{
  struct mail *direct = NULL, **end = &direct;
  for (struct writer_request **at = &b->requests; *at;) {
    struct writer_request *q = *at;
    if (!q->home) {
      at = (struct writer_request **)(void *)&q->mail.next;
      continue;
    }
    *at = (struct writer_request *)take(q->mail.next);
    *end = &q->mail;
    end = &q->mail.next;
  }
  return direct;
}

static void send_direct_replies(struct mail *replies)
{
  for (struct mail *next; replies; replies = next) {
    next = take(replies->next);
    mailbox_force(((struct writer_request *)replies)->home, replies);
  }
}

static void post_batch(struct writer *w, bool was_failing)
{
  struct batch *b = take(w->batch);
  struct mail *direct = detach_direct_replies(b);
  w->stats.batches++;
  w->stats.last_answer_mono = clock_mono_ms();
  publish_stats(w);
  b->storage_ok = !w->failing;
  memcpy(b->storage_error, w->error, sizeof b->storage_error);
  if (b->n_changes || b->requests || b->reset || w->failing != was_failing)
    mailbox_force(w->to_loop, &b->mail);
  else
    batch_free(b);
  send_direct_replies(direct);
  w->group_commit.posted_us = clock_mono_us();
}

static void truncate_wal(struct writer *w)
{
  if (w->wal_truncate && !w->failing && store_wal_truncate(w->store) == 0) /* else later, without readers */
    w->wal_truncate = false;
}

/* requests: a list that the batch takes; NULL = timers only. */
static void run_batch(struct writer *w, struct writer_request *requests)
{
  const bool was_failing = w->failing;
  int r = 0;
  w->batch = xnew(struct batch);
  w->batch->requests = requests;
  w->wrote = false;
  writer_read_clocks(w);
  if (w->failing && w->now.mono_ms < w->probe_at)
    r = -EAGAIN;
  else if (w->stale)
    r = writer_reload(w);
  if (r == 0) {
    r = run_transaction(w);
    if (r < 0)
      on_failed(w, r);
  }
  if (r == 0)
    on_committed(w);
  else
    answer_unknown(w->batch);
  if (r < 0 && r != -EAGAIN)
    w->probe_at = clock_mono_ms() + PROBE_MS;
  if (w->reset_view && w->store && !w->stale)
    add_reset(w);
  truncate_wal(w);
  post_batch(w, was_failing);
  if (r == 0 && store_checkpoint(w->store, false) < 0) /* nobody waits for it, and the next commit will try again */
    log_warn("checkpoint_failed", "error=\"%s\"", store_error(w->store));
}

/* --- the thread --- */

static void wait_for_group(struct writer *w, size_t waiting)
{
  struct group_commit *g = &w->group_commit;
  if (waiting >= g->expected || g->commit_us < WORTH_WAITING_US)
    return;
  int64_t until = g->posted_us + min(g->commit_us / 2, (int64_t)LIMIT_GROUP_COMMIT_US);
  int64_t left = until - clock_mono_us();
  if (left > 0)
    mailbox_wait(w->mailbox, g->expected, left);
}

static void update_group_size(struct writer *w, size_t served)
{
  size_t seen = served + mailbox_size(w->mailbox);
  w->group_commit.expected = min(max(seen, w->group_commit.expected * 3 / 4), (size_t)LIMIT_BATCH);
}

/* Whether a request needs its own transaction. */
static bool runs_alone(const struct writer_request *q)
{
  return q->kind == WRITER_RESTORE || q->kind == WRITER_EPOCH;
}

/* Requests that run alone come after the others. */
static void collect_requests(struct writer *w, struct mail **ret_requests, struct mail **ret_alone, size_t *ret_n)
{
  struct mail **ends[] = {ret_requests, ret_alone}, *next;
  *ret_requests = *ret_alone = NULL;
  *ret_n = 0;
  for (struct mail *m = mailbox_take_all(w->mailbox, LIMIT_BATCH); m; m = next, ++*ret_n) {
    next = m->next;
    m->next = NULL;
    struct mail ***end = &ends[runs_alone((struct writer_request *)m)];
    **end = m;
    *end = &m->next;
  }
}

static void begin_alone(struct writer *w, struct writer_request *q)
{
  if (q->kind == WRITER_RESTORE)
    writer_restore(w, q);
  else
    writer_fork_epoch(w, q);
}

static int64_t sleep_us(const struct writer *w)
{
  int64_t now = clock_mono_ms();
  int64_t due = max(queue_next_due(w->queue), w->timers_at);
  due = w->failing ? w->probe_at : min(due, now + IDLE_MS);
  return max(due - now, 0) * 1000;
}

static void *writer_main(void *arg)
{
  struct writer *w = arg;
  struct mail *requests, *alone, *next;
  size_t n;
  w->keys_loaded = store_load_keys(w->store) == 0; /* else the next batch tries again */
  for (;;) {
    size_t waiting = mailbox_wait(w->mailbox, 1, sleep_us(w));
    if (!waiting && mailbox_closed(w->mailbox))
      return NULL;
    if (waiting)
      wait_for_group(w, waiting);
    collect_requests(w, &requests, &alone, &n);
    writer_read_clocks(w);
    if (requests || writer_timer_due(w) || (w->failing && w->now.mono_ms >= w->probe_at))
      run_batch(w, (struct writer_request *)requests);
    else
      truncate_wal(w);
    for (; alone; alone = next) {
      next = take(alone->next);
      begin_alone(w, (struct writer_request *)alone);
      run_batch(w, (struct writer_request *)alone);
    }
    if (n)
      update_group_size(w, n);
  }
}

static void free_writer(struct writer *w)
{
  store_close(w->store, w->started && !w->failing);
  queue_free(w->queue);
  mailbox_free(w->mailbox);
  thread_done(&w->thread);
  free(w->banner);
  free(w->replaced_db);
  free(w->machine_id);
  free(w->state_dir);
  free(w);
}

int writer_start(const struct writer_options *o, struct writer **ret, char ret_error[static 160])
{
  struct writer *w = xnew(struct writer);
  w->state_dir = xstrdup(o->state_dir);
  w->settings = o->settings;
  w->to_loop = o->to_loop;
  w->machine_id = o->machine_id ? xstrdup(o->machine_id) : NULL;
  w->mailbox = mailbox_new(LIMIT_MAILBOX);
  thread_init(&w->thread);
  int r = writer_open(w, ret_error);
  if (r < 0) {
    free_writer(w);
    return r;
  }
  memcpy(w->booth, store_identity(w->store)->booth, sizeof w->booth);
  memcpy(w->key, store_identity(w->store)->key, sizeof w->key);
  w->keys_loaded = true; /* no key is looked up yet: the thread loads them while the loop begins to listen */
  w->wall_offset_ms = clock_wall_ms() - clock_mono_ms(); /* a start is no jump of the clock: a day may begin at once */
  run_batch(w, NULL);
  if (w->reset_view) { /* the batch failed, and the database could not be reloaded */
    snprintf(ret_error, 160, "%s/booth.db: %s", w->state_dir, w->error);
    free_writer(w);
    return -EIO;
  }
  log_info("writer_started", "seq=%lld", (long long)w->published.head_seq);
  r = thread_start(&w->thread, writer_main, w);
  if (r < 0) {
    snprintf(ret_error, 160, "no thread: %s", strerrordesc_np(-r));
    free_writer(w);
    return r;
  }
  *ret = w;
  return 0;
}

int writer_post(struct writer *w, struct writer_request *q)
{
  return mailbox_put(w->mailbox, &q->mail);
}

void writer_stop(struct writer *w)
{
  if (!w)
    return;
  mailbox_close(w->mailbox);
  thread_join(&w->thread, -1);
  free_writer(w);
}
