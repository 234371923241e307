/* parts.h - what the writer's own files do for each other; nobody else includes it. */
#ifndef WRITER_PARTS_H
#define WRITER_PARTS_H

#include "writer/internal.h"

/* writer_open.c: the database and the queue as they must be before anything is decided. Negative errno. */
int writer_open(struct writer *w, char ret_error[static 160]) must_check;
int writer_reload(struct writer *w) must_check;
/* Exchanges the database for the file that r names, or leaves it as it was; r->refusal says which. */
void writer_restore(struct writer *w, struct request *r);
/* The next transaction begins a new epoch. */
void writer_fork_epoch(struct writer *w, struct request *r);
/* Inside the first transaction: a new epoch if there must be one, and booth.started. */
int writer_record_start(struct writer *w) must_check;

/* writer_serve.c: one request or timer inside the open transaction. Negative errno: the transaction is lost. */
void writer_read_clocks(struct writer *w);
int writer_serve(struct writer *w, struct request *r) must_check;
int writer_system_command(struct writer *w, const struct command *c) must_check; /* or a code */
int writer_timers(struct writer *w) must_check;
bool writer_timer_due(const struct writer *w);
int writer_decide(struct writer *w, struct request *r) must_check; /* its command alone; or a code */
int writer_find_key(struct writer *w,
                    struct request *r) must_check; /* 0 = it was done before, REFUSE_NOT_FOUND = not */

/* writer_sync.c: the same for the requests of errand.h; and what is to be saved beside their commands. */
int writer_cursor(struct writer *w, struct request *r) must_check;
int writer_inbox(struct writer *w, struct request *r) must_check;
int writer_epoch(struct writer *w, struct request *r) must_check;
int writer_sync_reset(struct writer *w, struct request *r) must_check;
int writer_erase(struct writer *w, struct request *r) must_check;
int writer_compact(struct writer *w, struct request *r) must_check;
int writer_maintenance_report(struct writer *w, struct request *r) must_check;
int writer_save_extra(struct writer *w, const struct request *r) must_check;

#endif
