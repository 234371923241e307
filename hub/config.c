/* config.c - values are never shown: the connection string may hold a password. */
#include "hub/config.h"

#include "hub/db/pg.h"

static const char *check_url(const char *s)
{
  if (!*s)
    return NULL;
  size_t scheme = strncmp(s, "https://", 8) == 0 ? 8 : strncmp(s, "http://", 7) == 0 ? 7 : 0;
  bool host = scheme && s[scheme] && s[scheme] != '/';
  bool plain = s[strcspn(s, " \"<>\\^`{|}?#")] == '\0';
  return host && plain && s[strlen(s) - 1] != '/' ? NULL : "must be an https:// address without a slash at its end";
}

static const char *check_database(const char *s)
{
  return pg_conninfo_ok(s) ? NULL : "must be a connection string of libpq, as host=/run/postgresql dbname=boothhub";
}

static const char *check_connections(const char *s)
{
  int64_t n;
  return util_parse_i64(s, 1, LIMIT_HUB_WORKERS, &n) == 0 ? NULL : "must be 1 to 32";
}

#define TEXT(key, fallback, check, help) {#key, fallback, offsetof(struct hub_config, key), check, NULL, help}

static const struct config_key keys[] = {
    TEXT(listen, "127.0.0.1:8090", config_check_listen, "ADDRESS:PORT, up to 4 with commas; port 0 picks a free one"),
    TEXT(database, "dbname=boothhub", check_database, "connection string of libpq"),
    TEXT(public_url, "", check_url, "the address under which booths and guests reach it, as https://hub.example"),
    TEXT(connections, "8", check_connections, "threads, each with its own connection to the database"),
};
static const struct config_table table = {keys, array_len(keys), "boothhub(8)"};

int hub_config_load(const char *path, const char *const *set, size_t n_set, struct hub_config *ret,
                    struct config_error *ret_error)
{
  int64_t n = 0;
  *ret = (struct hub_config){0};
  int r = config_table_load(&table, path, set, n_set, ret, ret_error);
  if (r == 0)
    r = util_parse_i64(ret->connections, 1, LIMIT_HUB_WORKERS, &n);
  ret->n_connections = (size_t)n;
  return r;
}

void hub_config_done(struct hub_config *c)
{
  config_table_done(&table, c);
  *c = (struct hub_config){0};
}

void hub_config_usage(struct buf *b)
{
  config_table_usage(&table, b);
}
