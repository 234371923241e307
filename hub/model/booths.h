/* booths.h - making booths, their codes and their keys. Any thread with a connection. */
#ifndef HUB_MODEL_BOOTHS_H
#define HUB_MODEL_BOOTHS_H

#include "hub/db/pg.h"
#include "protocol/enrol.h"

struct booth {
  int64_t n;
  uint8_t id[16];
};

int booths_create(struct pg *db, const char *name, struct booth *ret) must_check;
/* By id in hex, or by a name that only one bears. 0, -ENOENT, -EEXIST (several), or a code of pg.h. */
int booths_find(struct pg *db, const char *id_or_name, struct booth *ret) must_check;
/* A one-time code, valid LIMIT_HUB_CODE_H hours. */
int booths_make_code(struct pg *db, const struct booth *b, struct enrol_code *ret) must_check;
int booths_revoke(struct pg *db, const struct booth *b) must_check; /* all its keys, and codes that nobody used */

/* 0, and the answer; 1: refused (unknown code, expired, used by other keys, keys of another booth or revoked). */
int booths_enrol(struct pg *db, const struct enrol_request *q, struct enrol_answer *ret) must_check;

#endif
