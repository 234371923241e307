/* booths.h - making booths, their enrolment codes and their keys. Any thread with a connection. */
#ifndef HUB_MODEL_BOOTHS_H
#define HUB_MODEL_BOOTHS_H

#include "hub/db/pg.h"
#include "protocol/enrol.h"

struct booth {
  int64_t n; /* of its row */
  uint8_t id[16];
};

int booths_create(struct pg *db, const char *name, struct booth *ret) must_check;
/* By id in hex, or by name. 0, -ENOENT, -EEXIST (several have that name), or a code of pg.h. */
int booths_find(struct pg *db, const char *id_or_name, struct booth *ret) must_check;
/* A one-time code, valid for LIMIT_HUB_CODE_H hours. */
int booths_make_code(struct pg *db, const struct booth *b, struct enrol_code *ret) must_check;
/* Revokes all its keys and deletes its unused codes. */
int booths_revoke(struct pg *db, const struct booth *b) must_check;

/* 0 and the answer; 1: refused (code unknown, expired or used by other keys; keys of another booth or revoked); or a
 * code of pg.h. */
int booths_enrol(struct pg *db, const struct enrol_request *q, struct enrol_answer *ret) must_check;

#endif
