/* route.h - route tables: which row a request belongs to, and the decoding of paths. Pure. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "base/buf.h"

struct http_request;

#define HTTP_PARAMS 2 /* {} of a pattern, at most */

/* The body that a route accepts: none; JSON or none; one that is streamed to a file; one that is kept in memory. */
enum { HTTP_EMPTY = 0, HTTP_JSON, HTTP_FILE, HTTP_BYTES };

struct http_route {
  const char *method;
  const char *pattern; /* "/api/v1/tickets/{id}": each {} is one segment */
  void (*handle)(struct http_request *r);
  uint8_t role;        /* checked by admit(); the program defines its values */
  uint8_t body;        /* HTTP_EMPTY.. */
  const char *media;   /* media type of HTTP_FILE and HTTP_BYTES */
  size_t most;         /* longest body of HTTP_BYTES; HTTP_FILE has LIMIT_RESTORE */
  const char *headers; /* "Name: value\r\n…" for every answer of this route, refusals too; NULL = none */
  int arg;             /* for handlers that serve several routes: http_route_arg() */
};

/* Where a {} of the pattern lies in the path; n 0 = the pattern has no such {}. */
struct http_span {
  size_t at;
  size_t n;
};

/* The row for a method and a decoded path, NULL = none. allow gets the methods of all rows with that path, as the
 * header Allow lists them. */
const struct http_route *http_route_find(const struct http_route *routes, size_t n, const char *method,
                                         const char *path, struct http_span ret_spans[static HTTP_PARAMS],
                                         struct buf *allow);

/* Decodes the n bytes of a path into n + 1 bytes. Returns its length, or 0 if it is invalid: dots, empty
 * segments, an encoded slash, control characters, invalid UTF-8. */
size_t http_path_decode(char *to, const char *from, size_t n);

#endif
