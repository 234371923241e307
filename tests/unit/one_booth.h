/* one_booth.h - one booth, and a hub's part towards it: the same for all tests of a file, made anew for each. */
#ifndef UNIT_ONE_BOOTH_H
#define UNIT_ONE_BOOTH_H

#include "hub_fixture.h"

static struct booth b;

static inline int one_begin(void **state, void (*make)(struct booth *b))
{
  time_ahead_ms = 0;
  make(&b);
  booth_start(&b);
  return 0;
}

static inline int one_end(void **state)
{
  booth_stop(&b);
  booth_remove(&b);
  return 0;
}

/* Is the latest event such a one? */
static inline void assert_last(const char *condition)
{
  char sql[400];
  snprintf(sql, sizeof sql, "SELECT %s FROM (SELECT text FROM event ORDER BY id DESC LIMIT 1)", condition);
  if (booth_sql(&b, sql) != 1)
    fail_msg("not so: %s", condition);
}

#endif
