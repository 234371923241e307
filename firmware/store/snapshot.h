/* snapshot.h - verified copies of the database, and replacing the database by one.
 *
 * A copy is made by VACUUM INTO a temporary file, cleared of the personal data of closed tickets, fsynced, verified
 * (integrity_check, schema), renamed, the directory fsynced: every file with a final name is a good snapshot.
 * state_dir/snapshots/booth-NNNNNN-YYYYmmddTHHMMSSZ.db: the number rises, since the clock may not; the LIMIT_SNAPSHOTS
 * latest are kept. booth-nightly-..: the same, LIMIT_SNAPSHOTS_NIGHTLY of them, without any personal data. Any thread,
 * on connections of its own.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "base/util.h"

/* --- making them --- */

int snapshot_create(const char *state_dir, const char *to) must_check;  /* a file in state_dir or below */
int snapshot_rotate(const char *state_dir, int64_t wall_ms) must_check; /* makes one and deletes the oldest */
/* The same for a nightly one, then snapshot_apply_erasures(). */
int snapshot_rotate_nightly(const char *state_dir, int64_t wall_ms) must_check;
/* Erases the personal data from the snapshots that was erased from the database. */
int snapshot_apply_erasures(const char *state_dir) must_check;

/* --- choosing one --- */

/* 0; -EPROTO newer; -EUCLEAN damaged or not ours; ret_why in words. */
int snapshot_verify(const char *path, char ret_why[static 128]) must_check;
/* The newest snapshot that verifies; -ENOENT if there is none, -EIO.. if one could not be read. */
int snapshot_newest(const char *state_dir, char **ret_path) must_check;

/* --- replacing the database, which must not be open for writing --- */

/* Renames the database and its WAL to booth.db.WORD-TIME. 0, also if there was none. *ret_name (NULL allowed) is the
 * new name, for snapshot_move_back(), also after a failure; the caller frees it. */
int snapshot_move_away(const char *state_dir, const char *word, char **ret_name) must_check;
int snapshot_move_back(const char *state_dir, const char *name) must_check; /* there must be no database */
/* Copies a verified file next to the database and marks the copy as one that must begin a new epoch. */
int snapshot_stage(const char *state_dir, const char *path) must_check;
void snapshot_unstage(const char *state_dir);
int snapshot_install(const char *state_dir) must_check; /* the staged copy becomes the database */
/* Finishes a replacement that a power cut interrupted after moving away; -ENOENT if there is none. */
int snapshot_resume(const char *state_dir) must_check;

#endif
