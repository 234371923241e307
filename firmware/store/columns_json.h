/* columns_json.h - JSON in columns: a command's before-image, settings, intake, the hub's message.
 * Pure. Reading: 0 or -EUCLEAN (not of our form).
 */
#ifndef STORE_COLUMNS_JSON_H
#define STORE_COLUMNS_JSON_H

#include "queue/event_json.h"

/* fields: a FIELD_ mask of the members to write. Zeros are omitted; nothing is added if all are zero. */
void columns_json_write_before(struct buf *b, const struct ticket *before, uint32_t fields);
/* text NULL = all zero. The person is a new reference. */
int columns_json_read_before(const char *text, size_t n, struct ticket *ret) must_check;

int columns_json_read_settings(const char *text, size_t n, struct settings *ret) must_check;

void columns_json_write_intake(struct buf *b, const struct intake *i);
int columns_json_read_intake(const char *text, size_t n, struct intake *ret) must_check;

void columns_json_write_message(struct buf *b, const struct notice *m);
int columns_json_read_message(const char *text, size_t n, struct notice *ret) must_check;

#endif
