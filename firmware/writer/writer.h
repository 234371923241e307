/* writer.h - the thread that owns the queue and the database; the only committer.
 *
 * It takes everything that waits, BEGINs, decides and writes each request in a savepoint, releases, then touches
 * memory; COMMITs; then posts one batch (changes and results) to the loop's mailbox. When a commit fails, every request
 * of the batch is answered REFUSE_STORAGE, the queue is loaded again as at start, and the loop gets it as batch.reset.
 * Gather: it waits for company a fraction of the moving average of the commit time, and ends early when as many
 * requests have come as the last batches had; with nobody else around it commits at once.
 */
#ifndef WRITER_WRITER_H
#define WRITER_WRITER_H

#include "writer/request.h"

struct writer;

struct writer_options {
  const char *state_dir;
  struct settings settings; /* used when the database has none yet */
  struct mailbox *to_loop;  /* batches */
  const char *board;        /* how the machine calls itself (board.h); NULL = it does not */
};

/* Opens (checks after an unclean stop, restores a snapshot if it must), loads, writes booth.started, posts the first
 * batch with reset, and starts the thread. Negative errno: -EPROTO newer database, else as store_open; *ret_error
 * explains. */
int writer_start(const struct writer_options *o, struct writer **ret, char ret_error[static 160]) must_check;
/* Any thread. 0 and the request is the writer's; -EAGAIN (full), -ESHUTDOWN: it stays the caller's. */
int writer_post(struct writer *w, struct request *r) must_check;
/* Drains what was posted, commits, posts the last batch, closes. NULL allowed. */
void writer_stop(struct writer *w);

/* Any thread: for metrics, /system and the watchdog. */
struct writer_stats {
  uint64_t commands[CMD_KINDS], refused, replayed, batches, failed_batches, fsyncs;
  int64_t head_seq, last_answer_mono, last_commit_mono; /* the watchdog wants an answer, healthz a commit */
  int64_t commit_us_sum, commit_us_max, wal_bytes, db_bytes, last_snapshot_wall;
  uint64_t
      commit_us_buckets[12]; /* <= 1,2,5,10,20,50,100,200,500,1000,5000 ms, and more; cumulative is the reader's job */
};
void writer_stats(const struct writer *w, struct writer_stats *ret);
const char *writer_booth(const struct writer *w);  /* the booth's id, 32 hex digits; constant */
const uint8_t *writer_key(const struct writer *w); /* 32 bytes for keyed hashes; constant */
/* The devices as loaded at start; the loop keeps its own table from then on. */
size_t writer_devices(const struct writer *w, struct device to[static LIMIT_DEVICES]);

#endif
