/* columns_json.h - the JSON that the database keeps besides the journal: a command's before-image, settings, intake.
 * Pure. Reading: 0 or -EUCLEAN (not what we wrote).
 */
#ifndef STORE_COLUMNS_JSON_H
#define STORE_COLUMNS_JSON_H

#include "queue/event_json.h"

/* The members that fields (a FIELD_ mask) names, zeros left out; nothing is added if all are zero. */
void codec_before(struct buf *b, const struct ticket *before, uint32_t fields);
/* text NULL = all zero. A person is a new reference. */
int codec_read_before(const char *text, size_t n, struct ticket *ret) must_check;

int codec_read_settings(const char *text, size_t n, struct settings *ret) must_check;

void codec_intake(struct buf *b, const struct intake *i);
int codec_read_intake(const char *text, size_t n, struct intake *ret) must_check;

void codec_message(struct buf *b, const struct notice *m);
int codec_read_message(const char *text, size_t n, struct notice *ret) must_check;

#endif
