/* config.h - the configuration keys of boothhub(8). Main thread. */
#ifndef HUB_CONFIG_H
#define HUB_CONFIG_H

#include "base/config_table.h"

struct hub_config {
  char *listen;
  char *database; /* connection string of libpq */
  char *public_url;
  char *connections;
  size_t n_connections; /* the same as a number */
};

/* As config_table_load() of base/config_table.h. */
int hub_config_load(const char *path, const char *const *set, size_t n_set, struct hub_config *ret,
                    struct config_error *ret_error) must_check;
void hub_config_done(struct hub_config *c);
void hub_config_usage(struct buf *b);

#endif
