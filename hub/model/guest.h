/* guest.h - a guest who joined through the hub, as the booth's events show. A thread of the pool.
 *
 * A guest is known by the id of the inbox item that asked for the ticket: the booth's events name it as `remote`.
 */
#ifndef HUB_MODEL_GUEST_H
#define HUB_MODEL_GUEST_H

#include "base/buf.h"
#include "hub/db/pg.h"

struct guest {
  int64_t booth;
  bool closed; /* refused, or the ticket is closed: nothing can be requested any more */
};

/* 0, -ENOENT, or a code of pg.h. ret and ret_json (a JSON object) may be NULL. */
int guest_read(struct pg *db, const uint8_t id[static 16], struct guest *ret, struct buf *ret_json) must_check;

#endif
