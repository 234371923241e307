/* keys.h - the hub's own key pairs, by number; in the database, so that several processes can be one hub. Any thread
 * with a connection.
 */
#ifndef HUB_MODEL_KEYS_H
#define HUB_MODEL_KEYS_H

#include "hub/db/pg.h"
#include "protocol/bundle.h"

int keys_make_first(struct pg *db) must_check; /* number 1, if there is none */
/* Number 0 = the newest. 0, -ENOENT, or a code of pg.h. */
int keys_load(struct pg *db, uint16_t number, struct bundle_keys *ret, uint16_t *ret_number) must_check;
/* Makes a new pair and puts it into every booth's inbox. The old pair opens bundles for LIMIT_HUB_KEY_H more hours. */
int keys_rotate(struct pg *db, uint16_t *ret_number) must_check;

#endif
