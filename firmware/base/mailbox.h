/* mailbox.h - a bounded queue from many threads to one. (Several receivers may share it if each waits for one item and
 * takes one.)
 *
 * An item embeds struct mail as its first member, and belongs to whoever holds it. The receiver either blocks (writer,
 * worker) or watches mailbox_fd() in its loop, an eventfd that mailbox_take_all() reads.
 */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include "base/util.h"

struct mail {
  struct mail *next;
};

struct mailbox;

struct mailbox *mailbox_new(size_t limit);
void mailbox_free(struct mailbox *m); /* must be empty and unused; NULL allowed */
int mailbox_fd(const struct mailbox *m);
/* 0; -EAGAIN when the limit is reached, -ESHUTDOWN after mailbox_close(): the sender keeps the item. */
int mailbox_put(struct mailbox *m, struct mail *item) must_check;
/* As put, but never refused: for results, which are bounded by their requests. */
void mailbox_force(struct mailbox *m, struct mail *item);
/* All waiting items in order, up to most (0 = all), as a list; NULL if none. Never blocks. */
struct mail *mailbox_take_all(struct mailbox *m, size_t most);
/* Blocks until at least want items wait, timeout_us passed (-1 = for ever) or the mailbox was closed. Returns how many
 * wait. */
size_t mailbox_wait(struct mailbox *m, size_t want, int64_t timeout_us);
void mailbox_close(struct mailbox *m); /* wakes the receiver; further puts are refused */
bool mailbox_closed(struct mailbox *m);
size_t mailbox_size(struct mailbox *m);

#endif
