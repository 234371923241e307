/* errand.h - what can be asked of the writer, and what sync and the nightly round bring along for it. Plain values
 * inside a struct request. */
#ifndef WRITER_ERRAND_H
#define WRITER_ERRAND_H

#include "queue/command.h"

enum request_kind {
  REQUEST_COMMAND,
  REQUEST_DEVICE_ADD,    /* device in; its id out */
  REQUEST_DEVICE_REMOVE, /* device.id in; REFUSE_NOT_FOUND */
  REQUEST_PROBE,         /* proves that a write reaches the disk */
  REQUEST_KEY,           /* what a command with that key led to; REFUSE_NOT_FOUND, REFUSE_KEY_REUSED */
  REQUEST_RESTORE,       /* path in: a verified database takes the place of ours, in a new epoch */
  REQUEST_CURSOR, /* what the hub has of an epoch; REFUSE_STALE, REFUSE_INVALID (above the head), REFUSE_NOT_FOUND */
  REQUEST_INBOX,  /* an item and its command; REFUSE_STALE = not its turn. Refusals are events, and code 0 */
  REQUEST_SYNC_RESET,         /* another hub: forgets cursors and the inbox's position */
  REQUEST_EPOCH,              /* a new epoch; the branch says why */
  REQUEST_ERASE,              /* one step; more out */
  REQUEST_COMPACT,            /* one step; more out */
  REQUEST_MAINTENANCE_REPORT, /* note in: what the last nightly round came to, for journal_maintenance_report() */
};

/* The hub acknowledged this epoch up to here. A generation that is newer than any before resets the inbox to 0. */
struct cursor {
  int64_t ordinal, generation, acked;
  char
      epoch[LIMIT_HEX_ID]; /* hex; "" = not compared. After a restore another may have that ordinal: REFUSE_NOT_FOUND */
};

/* Beside request.command (its kind and what it wishes; actor, token and remote are filled by the writer). refused: why
 * it cannot be a command at all, or "". Items that are none (hub.keys) have CMD_KINDS as kind: passed without trace. */
struct inbox_item {
  int64_t generation, n;
  uint8_t id[16], join[16]; /* join: whose ticket; else request.command.ticket, or no ticket at all */
  uint8_t call_epoch[16];   /* CMD_DELIVERY: of the call, */
  int64_t call_seq;         /* and its seq in that epoch */
  bool has_join;
  char type[LIMIT_ITEM_TYPE + 1], refused[LIMIT_ITEM_TYPE + 1];
  int64_t valid_until; /* wall_ms, 0 = for ever; judged by a trusted clock only */
};

/* closed_seq: nothing of the epoch that is left is sent from there on; 0 = all of it is. If ordinal is not the latest
 * any more, it has been left already: then it is closed, and that is all (code 0, replayed). */
struct epoch_fork {
  int64_t ordinal, closed_seq;
  char why[96], epoch[LIMIT_HEX_ID]; /* a sentence for the banner; as in struct cursor */
};

/* Closed tickets of days that ended keep_h hours ago by a trusted clock, else REFUSE_WRONG_STATE; or, after a person
 * said so, of all days up to this one (id) before the open one. through_day comes back as it was found: 0 = none are
 * due. */
struct erasure {
  int32_t keep_h, through_day;
};

/* Of days over 30 days old, by a trusted clock, else REFUSE_WRONG_STATE: what the hub has; if there is none, all. */
struct compaction {
  bool no_hub;
};

#endif
