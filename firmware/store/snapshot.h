/* snapshot.h - verified copies of the database, and what happens at start when the database is not whole.
 *
 * A copy is made by VACUUM INTO a temporary file, cleared of the personal data of closed tickets, fsynced, verified
 * (integrity_check, schema), renamed, the directory fsynced: a name that exists is a good snapshot.
 * state_dir/snapshots/booth-NNNNNN-YYYYmmddTHHMMSSZ.db: the number rises, since the clock may not; the LIMIT_SNAPSHOTS
 * latest stay. booth-nightly-..: likewise, LIMIT_SNAPSHOTS_NIGHTLY of them, without any personal data. Any thread, on
 * files; never on the writing connection. set_aside, put_back and install: nothing may have the database open for
 * writing.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "base/util.h"

int snapshot_create(const char *state_dir, const char *to) must_check;  /* to a given file in state_dir or below */
int snapshot_rotate(const char *state_dir, int64_t wall_ms) must_check; /* take one and drop the oldest */
/* The same for the night; and the others forget what the database has forgotten (snapshot_erase_forgotten). */
int snapshot_rotate_nightly(const char *state_dir, int64_t wall_ms) must_check;
int snapshot_erase_forgotten(const char *state_dir) must_check;
/* 0; -EPROTO newer; -EUCLEAN damaged or not ours; ret_why says it in words. */
int snapshot_verify(const char *path, char ret_why[static 128]) must_check;
/* Moves the database and its sides away: booth.db.WORD-TIME. 0, also if there was none; *ret_name (NULL allowed) is
 * its new name, the caller's to free: also after a failure, when put_back brings back what had been moved. */
int snapshot_move_away(const char *state_dir, const char *word, char **ret_name) must_check;
int snapshot_move_back(const char *state_dir,
                       const char *name) must_check; /* the way back; there must be no database */
/* A copy of a verified file lies beside the database, marked as one that needs an epoch of its own; and takes its
 * place, which must have been set aside. What the power cut short between the two goes on: -ENOENT if there is no such
 * thing. */
int snapshot_stage(const char *state_dir, const char *path) must_check;
int snapshot_install(const char *state_dir) must_check;
int snapshot_resume(const char *state_dir) must_check;
void snapshot_unstage(const char *state_dir);
/* The newest snapshot that verifies; -ENOENT if there is none, -EIO.. if one could not be read. */
int snapshot_newest(const char *state_dir, char **ret_path) must_check;

#endif
