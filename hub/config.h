/* config.h - the start-up keys of boothhub(8). Main thread. */
#ifndef HUB_CONFIG_H
#define HUB_CONFIG_H

#include "base/config_table.h"

struct hub_config {
  char *listen, *database, *public_url, *connections;
  size_t n_connections;
};

/* As config_load() of config/config.h. */
int hub_config_load(const char *path, const char *const *set, size_t n_set, struct hub_config *ret,
                    struct config_error *ret_error) must_check;
void hub_config_done(struct hub_config *c);
void hub_config_usage(struct buf *b);

#endif
