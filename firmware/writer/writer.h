/* writer.h - the thread that owns the queue and the database; the only committer.
 *
 * It takes everything that waits, BEGINs, decides and writes each request in a savepoint, releases, then changes
 * memory; COMMITs; then posts one batch (changes and results) to the loop's mailbox. When a commit fails, every request
 * of the batch is answered REFUSE_STORAGE, the queue is loaded again as at start, and the loop gets it as batch.reset.
 */
#ifndef WRITER_WRITER_H
#define WRITER_WRITER_H

#include "writer/writer_request.h"

struct writer;

struct writer_options {
  const char *state_dir;
  struct settings settings; /* used when the database has none yet */
  struct mailbox *to_loop;  /* batches */
  const char *machine_id;   /* machine_id.h; NULL = unknown */
};

/* Opens (checks after an unclean stop, restores a snapshot if it must), loads, writes booth.started, posts the first
 * batch with reset, and starts the thread. Negative errno: -EPROTO newer database, else as store_open; *ret_error
 * explains. */
int writer_start(const struct writer_options *o, struct writer **ret, char ret_error[static 160]) must_check;
/* Any thread. 0 and the request is the writer's; -EAGAIN (full), -ESHUTDOWN: it stays the caller's. */
int writer_post(struct writer *w, struct writer_request *q) must_check;
/* Drains what was posted, commits, posts the last batch, closes. NULL allowed. */
void writer_stop(struct writer *w);

/* For metrics, /system and the watchdog. */
struct writer_stats {
  uint64_t commands[CMD_KINDS];
  uint64_t refused;
  uint64_t replayed;
  uint64_t batches;
  uint64_t failed_batches;
  uint64_t fsyncs;
  int64_t head_seq;
  int64_t last_answer_mono; /* the watchdog wants an answer, */
  int64_t last_commit_mono; /* healthz a commit */
  int64_t commit_us_sum;
  int64_t commit_us_max;
  uint64_t commit_us_buckets[12]; /* <= 1,2,5,10,20,50,100,200,500,1000,5000 ms, and more; not cumulative */
  int64_t wal_bytes;
  int64_t db_bytes;
  int64_t last_snapshot_wall;
};
/* Any thread. */
void writer_stats(struct writer *w, struct writer_stats *ret);
const char *writer_booth(const struct writer *w);  /* the booth's id, 32 hex digits; constant */
const uint8_t *writer_key(const struct writer *w); /* 32 bytes for keyed hashes; constant */
/* The devices as loaded at start; the loop keeps its own table from then on. */
size_t writer_devices(const struct writer *w, struct device to[static LIMIT_DEVICES]);

#endif
