/* writer.h - the thread that owns the queue and the database; the only committer.
 *
 * It takes all waiting requests and begins a transaction; decides and writes each request in a savepoint and applies it
 * in memory; commits; then posts one batch (changes and results) to the loop's mailbox. If the commit fails, every
 * request of the batch is answered REFUSE_STORAGE, and the queue is reloaded and sent to the loop as batch.reset.
 */
#ifndef WRITER_WRITER_H
#define WRITER_WRITER_H

#include "writer/writer_request.h"

struct writer;

struct writer_options {
  const char *state_dir;
  struct settings settings; /* used while the database has none */
  struct mailbox *to_loop;  /* batches */
  const char *machine_id;   /* machine_id.h; NULL = unknown */
};

/* Opens the database (after an unclean stop checks it, if damaged restores a snapshot), loads it, writes booth.started,
 * posts the first batch with reset, and starts the thread. Negative errno as store_open(); ret_error in words. */
int writer_start(const struct writer_options *o, struct writer **ret, char ret_error[static 160]) must_check;
/* Any thread. 0: the writer owns q; -EAGAIN (full), -ESHUTDOWN: the caller keeps it. */
int writer_post(struct writer *w, struct writer_request *q) must_check;
/* Handles all posted requests, commits, posts the last batch, closes. NULL allowed. */
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
  int64_t last_answer_mono; /* for the watchdog */
  int64_t last_commit_mono; /* for healthz */
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
/* The devices as loaded at start; from then on the loop has its own table. */
size_t writer_devices(const struct writer *w, struct device to[static LIMIT_DEVICES]);

#endif
