/* request.c - what comes in: the path as it was sent, the route, the checks before a handler, the body.
 *
 * The path is decoded here and not by microhttpd, which lets %00 end it. A path that is no plain name of something
 * (dots, empty segments, an encoded slash, control characters, broken UTF-8) is the name of nothing: 404.
 * A refusal is known when the head is in. Most clients read no answer before they have sent their body, so the body is
 * read and dropped first; only one that is too big for that, or one that waits to be asked for, is answered at once.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "http/connection.h"

/* ---- path and route ---- */

static int hex_digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Length of the decoded text, 0 if there is no such name. to has n + 1 bytes. */
static size_t decode(char *to, const char *from, size_t n)
{
  size_t length = 0;
  for (size_t i = 0; i < n; i++) {
    int c = (unsigned char)from[i];
    if (c == '%') {
      int high = i + 2 < n ? hex_digit(from[i + 1]) : -1, low = i + 2 < n ? hex_digit(from[i + 2]) : -1;
      c = high < 0 || low < 0 ? 0 : high << 4 | low;
      i += 2;
      if (c == '/')
        return 0;
    }
    if (c < ' ' || c == 0x7f || c == '\\')
      return 0;
    to[length++] = (char)c;
  }
  to[length] = '\0';
  return utf8_length(to, length) >= 0 ? length : 0;
}

static bool is_plain(const char *path)
{
  if (path[0] != '/')
    return false;
  for (const char *p = path; *p;) {
    size_t n = strcspn(++p, "/");
    if ((n == 0 && path[1]) || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
      return false;
    p += n;
  }
  return true;
}

struct http_request *http_request_new(struct http_connection *c, struct MHD_Connection *mhd, const char *uri)
{
  size_t n = strcspn(uri, "?");
  bool too_long = n + strlen(uri + n) > LIMIT_PATH;
  if (too_long)
    n = 0;
  struct http_request *r = xcalloc(1, sizeof *r + 2 * (n + 1));
  r->server = c->listener->server;
  r->connection = c;
  r->mhd = mhd;
  r->spool_fd = -1;
  r->too_long = too_long;
  r->path_length = decode(r->path, uri, n);
  if (!is_plain(r->path))
    r->path_length = 0;
  return r;
}

static bool in_memory(const struct http_request *r)
{
  return r->route && r->route->body == HTTP_BYTES;
}

static void drop_body(struct http_request *r)
{
  if (in_memory(r))
    r->server->bodies -= r->body.len;
  buf_done(&r->body);
}

void http_request_free(struct http_request *r)
{
  if (r->handed && !r->stream)
    r->server->pending--;
  free(r->stream); /* over by now */
  http_reply_release(r);
  if (r->spool_fd >= 0)
    close(r->spool_fd);
  if (r->spool)
    unlink(r->spool);
  free(r->spool);
  drop_body(r);
  free(r);
}

struct span {
  size_t at, n;
};

static bool matches(const char *pattern, const char *path, struct span spans[static HTTP_PARAMS])
{
  int k = 0;
  spans[0] = spans[1] = (struct span){0};
  for (const char *p = path;;) {
    if (*pattern == '{') {
      size_t n = strcspn(p, "/");
      if (n == 0)
        return false;
      spans[k++] = (struct span){(size_t)(p - path), n};
      p += n;
      pattern = strchr(pattern, '}') + 1;
    } else if (*pattern != *p) {
      return false;
    } else if (!*p) {
      return true;
    } else {
      pattern++, p++;
    }
  }
}

static bool is_get(const struct http_request *r)
{
  return strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
}

/* Finds the route; false if it answered that there is none. */
static bool find(struct http_request *r)
{
  const struct http_options *o = &r->server->options;
  const char *method = is_get(r) ? "GET" : r->method;
  struct span spans[HTTP_PARAMS] = {0};
  autobuf struct buf allow = {0};
  for (size_t i = 0; i < o->n_routes && r->path_length && !r->route; i++) {
    const struct http_route *route = &o->routes[i];
    if (!matches(route->pattern, r->path, spans))
      continue;
    if (strcmp(route->method, method) == 0)
      r->route = route;
    buf_fmt(&allow, "%s%s%s", allow.len ? ", " : "", route->method, strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
  }
  if (r->route) {
    r->headers = r->route->headers;
    char *copy = memcpy(r->path + r->path_length + 1, r->path, r->path_length + 1);
    for (int k = 0; k < HTTP_PARAMS && spans[k].n; k++) {
      r->param[k] = copy + spans[k].at;
      copy[spans[k].at + spans[k].n] = '\0';
    }
    return true;
  }
  if (allow.len) {
    http_problem(r, 405, "method_not_allowed", NULL, "This address takes other methods only.", NULL, 0);
    MHD_add_response_header(r->response, "Allow", allow.data);
    return false;
  }
  if (r->path_length && o->other && is_get(r))
    return true;
  http_problem(r, 404, "not_found", NULL, "There is nothing at this address.", NULL, 0);
  return false;
}

/* ---- the checks ---- */

struct seen {
  int host, length, transfer;
};

static enum MHD_Result count_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
  struct seen *seen = user;
  (void)kind, (void)value;
  seen->host += strcasecmp(name, "Host") == 0;
  seen->length += strcasecmp(name, "Content-Length") == 0;
  seen->transfer += strcasecmp(name, "Transfer-Encoding") == 0;
  return MHD_YES;
}

/* What two readers of the same bytes could understand differently is refused, by whichever microhttpd. */
static bool is_ambiguous(struct http_request *r)
{
  struct seen seen = {0};
  MHD_get_connection_values(r->mhd, MHD_HEADER_KIND, count_header, &seen);
  return seen.host > 1 || seen.length + seen.transfer > 1;
}

static bool media_is(const struct http_request *r, const char *media)
{
  const char *type = http_header(r, "Content-Type");
  size_t n = strlen(media);
  return type && strncasecmp(type, media, n) == 0 && (type[n] == '\0' || strchr("; \t", type[n]));
}

#define SPOOL_NAME "upload-"

void http_spool_clear(const char *folder)
{
  DIR *d = opendir(folder);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): readdir is safe on a stream of its own
  for (struct dirent *e; d && (e = readdir(d));)
    if (strncmp(e->d_name, SPOOL_NAME, strlen(SPOOL_NAME)) == 0)
      unlinkat(dirfd(d), e->d_name, 0);
  if (d)
    closedir(d);
}

static bool open_spool(struct http_request *r)
{
  autobuf struct buf name = {0};
  buf_fmt(&name, "%s/" SPOOL_NAME "XXXXXX", r->server->spool);
  r->spool_fd = mkostemp(name.data, O_CLOEXEC);
  if (r->spool_fd < 0)
    return false;
  r->spool = buf_take(&name);
  return true;
}

static void refuse_size(struct http_request *r, int64_t limit)
{
  char detail[64] = "This address takes no body.";
  if (limit > 0)
    snprintf(detail, sizeof detail, "The body is longer than %lld bytes.", (long long)limit);
  http_problem(r, 413, "too_large", NULL, detail, NULL, 0);
}

static int64_t body_limit(const struct http_request *r)
{
  static const int64_t limits[] = {[HTTP_EMPTY] = 0, [HTTP_JSON] = LIMIT_JSON, [HTTP_FILE] = LIMIT_RESTORE};
  return in_memory(r) ? (int64_t)r->route->most : limits[r->route ? r->route->body : HTTP_EMPTY];
}

/* The length that was announced: 0 = no body, -1 = some, in chunks. */
static int64_t announced(const struct http_request *r)
{
  const char *text = http_header(r, "Content-Length");
  int64_t n = 0;
  if (http_header(r, "Transfer-Encoding"))
    return -1;
  if (text && util_parse_i64(text, 0, INT64_MAX, &n) < 0)
    n = INT64_MAX; /* microhttpd lets through none that is no number */
  return n;
}

static bool admitted(struct http_request *r)
{
  return !r->route || !r->server->options.admit || r->server->options.admit(r, r->route);
}

/* Answers if the request is not to be; else nothing stands between it and its handler but its body. */
static void check(struct http_request *r, int64_t length)
{
  const union MHD_ConnectionInfo *head = MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  if (r->too_long) {
    http_problem(r, 414, "too_large", NULL, "The address is too long.", NULL, 0);
    return;
  }
  if (head && head->header_size > LIMIT_HEADERS) {
    http_problem(r, 431, "too_large", NULL, "The headers are too long.", NULL, 0);
    return;
  }
  if (is_ambiguous(r)) {
    http_problem(r, 400, "invalid_field", "Host", "A header is there twice, or contradicts another.", NULL, 0);
    return;
  }
  if (!find(r))
    return;
  const struct http_route *route = r->route;
  bool file = route && route->body == HTTP_FILE;
  if (length > body_limit(r) || (length < 0 && body_limit(r) == 0)) {
    refuse_size(r, body_limit(r));
    return;
  }
  bool own = route && route->media;
  const char *media = own ? route->media : "application/json";
  if ((own || length != 0) && !media_is(r, media)) {
    char detail[80];
    snprintf(detail, sizeof detail, "The body must be %s.", media);
    http_problem(r, 415, "unsupported_media_type", "Content-Type", detail, NULL, 0);
    return;
  }
  if (!file || !admitted(r)) /* others are asked for when all is in: who asks may be gone by then */
    return;
  if (!open_spool(r)) {
    log_warn("spool_failed", "error=%s", strerrordesc_np(errno));
    http_problem(r, 503, "storage_unavailable", NULL, "There is no room to keep the file.", NULL, 0);
  }
}

void http_request_begin(struct http_request *r, const char *method)
{
  int64_t length = announced(r);
  r->begun = true;
  r->method = method;
  r->server->numbers.requests++;
  check(r, length);
  r->early = r->response && length != 0 && (length > LIMIT_DRAIN || http_header(r, "Expect"));
}

/* ---- the body ---- */

static bool spool(struct http_request *r, const char *bytes, size_t n)
{
  while (n) {
    ssize_t done = write(r->spool_fd, bytes, n);
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return false;
    bytes += done;
    n -= (size_t)done;
  }
  return true;
}

/* Whether all bodies in memory may grow by that much. */
static bool take_room(struct http_request *r, size_t n)
{
  struct http_server *s = r->server;
  if (s->options.bodies && s->bodies + n > s->options.bodies)
    return false;
  s->bodies += n;
  return true;
}

bool http_request_receive(struct http_request *r, const char *bytes, size_t n)
{
  bool file = r->spool_fd >= 0;
  r->received += (int64_t)n;
  if (file || in_memory(r))
    http_wait(r->connection, HTTP_WAIT_REQUEST);     /* it may take as long as it comes on */
  if (!r->response && r->received > body_limit(r)) { /* chunked: its length was not told */
    drop_body(r);
    refuse_size(r, body_limit(r));
  }
  if (!r->response && in_memory(r) && !take_room(r, n)) {
    drop_body(r);
    http_problem(r, 503, "storage_unavailable", NULL, "Too much is coming in at once.", NULL, 5);
  }
  if (r->response)
    return r->received <= (file ? LIMIT_RESTORE : max(LIMIT_DRAIN, body_limit(r)));
  if (!file) {
    buf_add(&r->body, bytes, n);
  } else if (!spool(r, bytes, n)) {
    log_warn("spool_failed", "error=%s", strerrordesc_np(errno));
    http_problem(r, 503, "storage_unavailable", NULL, "There is no room to keep the file.", NULL, 0);
  }
  return true;
}

void http_request_dispatch(struct http_request *r)
{
  r->handed = true;
  r->server->pending++;
  http_wait(r->connection, HTTP_WAIT_NOTHING);
  if (r->spool_fd >= 0)
    close(r->spool_fd);
  r->spool_fd = -1;
  if (!r->response && admitted(r))
    (r->route ? r->route->handle : r->server->options.other)(r);
}

/* ---- what handlers ask ---- */

void *http_context(const struct http_request *r)
{
  return r->server->options.context;
}

const char *http_method(const struct http_request *r)
{
  return r->method;
}

const char *http_path(const struct http_request *r)
{
  return r->path;
}

const char *http_param(const struct http_request *r, int n)
{
  return n >= 0 && n < HTTP_PARAMS ? r->param[n] : NULL;
}

const char *http_header(const struct http_request *r, const char *name)
{
  return MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_request *r, const char *name)
{
  return MHD_lookup_connection_value(r->mhd, MHD_GET_ARGUMENT_KIND, name);
}

struct other {
  const char *const *names;
  const char *found;
};

static enum MHD_Result look_for_other(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
  struct other *o = user;
  size_t i = 0;
  (void)kind, (void)value;
  while (o->names[i] && strcmp(o->names[i], name) != 0)
    i++;
  if (!o->names[i])
    o->found = name;
  return o->found ? MHD_NO : MHD_YES;
}

const char *http_query_unknown(const struct http_request *r, const char *const *names)
{
  struct other o = {.names = names};
  MHD_get_connection_values(r->mhd, MHD_GET_ARGUMENT_KIND, look_for_other, &o);
  return o.found;
}

/* microhttpd's own reading of cookies stops at one that it does not like. */
int http_cookie(const struct http_request *r, const char *name, char *to, size_t size)
{
  const char *p = http_header(r, "Cookie");
  size_t n = strlen(name);
  for (; p; p = strchr(p, ';')) {
    p += strspn(p, "; \t");
    if (strncmp(p, name, n) != 0 || p[n] != '=')
      continue;
    p += n + 1;
    size_t length = strcspn(p, "; \t");
    if (length >= size)
      return -ENOENT;
    memcpy(to, p, length);
    to[length] = '\0';
    return (int)length;
  }
  return -ENOENT;
}

bool http_local(const struct http_request *r)
{
  return r->connection->listener->socket.local;
}

uint64_t http_client_hash(const struct http_request *r)
{
  return r->connection->client;
}

const char *http_local_address(const struct http_request *r)
{
  return r->connection->own;
}

const char *http_body(const struct http_request *r, size_t *ret_n)
{
  *ret_n = r->body.len;
  return r->body.data ? r->body.data : "";
}

const char *http_body_path(const struct http_request *r)
{
  return r->spool;
}

void *http_user(const struct http_request *r)
{
  return r->user;
}

void http_set_user(struct http_request *r, void *user)
{
  r->user = user;
}

void http_set_headers(struct http_request *r, const char *headers)
{
  r->headers = headers;
}
