/* unit.h - cmocka with what it wants included before it. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>

#include <cmocka.h>

/* Milliseconds of the reference machine as milliseconds of this one, by what tests/run has measured: a limit that only
 * ends a hang, or that slower work must not reach.
 */
static inline int64_t scaled(int64_t ms)
{
  const char *pace = getenv("PACE");
  double times = pace ? strtod(pace, NULL) : 1;
  return times > 1 ? (int64_t)((double)ms * times) : ms;
}

#endif
