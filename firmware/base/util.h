/* util.h - what C lacks: ownership inside a function, checked allocation, small arithmetic.
 * Any thread: there is no state.
 */
#ifndef BASE_UTIL_H
#define BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define must_check            __attribute__((warn_unused_result))
#define printf_like(n, first) __attribute__((format(printf, n, first)))
#define array_len(a)          (sizeof(a) / sizeof *(a))
#define min(a, b)             ((a) < (b) ? (a) : (b))
#define max(a, b)             ((a) > (b) ? (a) : (b))

/* Ownership: `autofree char *s` is freed at the end of its block; take(s) hands it over. */
static inline void util_freep(void *p)
{
  free(*(void **)p);
}
#define autofree    __attribute__((__cleanup__(util_freep)))
#define cleanup(fn) __attribute__((__cleanup__(fn)))
#define take(p)                                                                                                        \
  __extension__({                                                                                                      \
    __typeof__(p) taken_ = (p);                                                                                        \
    (p) = NULL;                                                                                                        \
    taken_;                                                                                                            \
  })

/* Allocation that aborts when memory is out: systemd restarts the daemon, and the WAL is intact. */
void *xcalloc(size_t n, size_t size) __attribute__((returns_nonnull, malloc));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((returns_nonnull, malloc));
#define xnew(type) ((type *)xcalloc(1, sizeof(type)))

/* Copies s into a fixed array; false (and an empty string) if it does not fit. */
bool util_copy(char *to, size_t size, const char *s);

/* Parses a whole decimal string. 0, or -EINVAL with *ret untouched. */
int util_parse_i64(const char *s, int64_t low, int64_t high, int64_t *ret) must_check;

/* Lower-case hexadecimal; to has 2n+1 bytes. util_unhex(): -EINVAL unless s is exactly 2n digits. */
void util_hex(char *to, const void *bytes, size_t n);
int util_unhex(void *to, size_t n, const char *s) must_check;

/* A number in n <= 8 bytes, big-endian. */
void util_put_number(uint8_t *to, size_t n, uint64_t v);
uint64_t util_get_number(const uint8_t *from, size_t n);

#endif
