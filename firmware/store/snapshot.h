/* snapshot.h - verified copies of the database, and what happens at start when the database is not whole.
 *
 * A copy is made by VACUUM INTO a temporary file, cleared of the personal data of closed tickets, fsynced, verified
 * (integrity_check, schema), renamed, the directory fsynced: a name that exists is a good snapshot.
 * state_dir/snapshots/booth-NNNNNN-YYYYmmddTHHMMSSZ.db: the number rises, since the clock may not; the LIMIT_SNAPSHOTS
 * latest stay. booth-nightly-..: likewise, LIMIT_SNAPSHOTS_NIGHTLY of them, without any personal data. Any thread, on
 * files; never on the writing connection.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "base/util.h"

/* --- making them --- */

int snapshot_create(const char *state_dir, const char *to) must_check;  /* a file in state_dir or below */
int snapshot_rotate(const char *state_dir, int64_t wall_ms) must_check; /* makes one and drops the oldest */
/* Likewise for the night; and erases from the others what was erased from the database. */
int snapshot_rotate_nightly(const char *state_dir, int64_t wall_ms) must_check;
/* Personal data that is not in the database any more leaves the snapshots. */
int snapshot_erase_forgotten(const char *state_dir) must_check;

/* --- choosing one --- */

/* 0; -EPROTO newer; -EUCLEAN damaged or not ours; ret_why says it in words. */
int snapshot_verify(const char *path, char ret_why[static 128]) must_check;
/* The newest snapshot that verifies; -ENOENT if there is none, -EIO.. if one could not be read. */
int snapshot_newest(const char *state_dir, char **ret_path) must_check;

/* --- replacing the database, which nobody may have open for writing --- */

/* Renames the database and its WAL to booth.db.WORD-TIME. 0, also if there was none. *ret_name (NULL allowed) is the
 * new name, the caller's to free: also after a failure, for snapshot_move_back(). */
int snapshot_move_away(const char *state_dir, const char *word, char **ret_name) must_check;
int snapshot_move_back(const char *state_dir, const char *name) must_check; /* there must be no database */
/* Copies a verified file beside the database, marked as one that needs an epoch of its own. */
int snapshot_stage(const char *state_dir, const char *path) must_check;
void snapshot_unstage(const char *state_dir);
int snapshot_install(const char *state_dir) must_check; /* the staged copy becomes the database */
/* Goes on with a replacement that the power cut short between the two; -ENOENT if there was none. */
int snapshot_resume(const char *state_dir) must_check;

#endif
