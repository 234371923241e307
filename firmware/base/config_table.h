/* config_table.h - the start-up keys of a program: one table gives parsing, defaults, checks and --help.
 * Not thread-safe: read at start and on SIGHUP by the main thread.
 */
#ifndef BASE_CONFIG_TABLE_H
#define BASE_CONFIG_TABLE_H

#include "base/buf.h"

struct config_key {
  const char *name;
  const char *fallback;                    /* NULL: the member stays NULL */
  size_t offset;                           /* of a char *, or of an int (index of names) */
  const char *(*check)(const char *value); /* returns NULL or what the value must be; NULL = any value */
  const char *const *names;                /* NULL-terminated */
  const char *help;
};

struct config_renamed {
  const char *old_name;
  const char *name;
};

struct config_table {
  const struct config_key *keys;
  size_t n;                             /* at most 64 */
  const char *manual;                   /* their man page, as "boothd.conf(5)" */
  const struct config_renamed *renamed; /* former names; the refusal gives the new one */
  size_t n_renamed;
};

struct config_error {
  char key[32]; /* "" if the file itself is at fault */
  char detail[160];
};

/* Defaults, then the file (NULL = none), then n_set "KEY=VALUE" strings; the last wins. ret is zeroed by the caller.
 * 0; -EINVAL with *ret_error (exit status 78); *ret needs config_table_done() either way. */
int config_table_load(const struct config_table *t, const char *path, const char *const *set, size_t n_set, void *ret,
                      struct config_error *ret_error) must_check;
void config_table_done(const struct config_table *t, void *c);
void config_table_usage(const struct config_table *t, struct buf *b); /* one line a key, for --help */
/* Fills *ret_error and returns -EINVAL. */
int config_refuse(struct config_error *ret_error, const char *key, const char *format, ...) printf_like(3, 4);

/* Checks that programs share. */
const char *config_check_listen(const char *s);
/* Checks each element of a comma-separated list; more than most are refused. */
const char *config_each(const char *list, int most, const char *(*check)(const char *element));

#endif
