/* request.c - what comes in: the checks before a handler, the body, and what a handler can read.
 *
 * A refusal is known once the head is in. Most clients read no answer before they have sent their body, so the body is
 * read and dropped first. Only a body that is too long for that, or a client that sent "Expect", is answered at once.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "http/connection.h"
#include "http/request.h"
#include "http/response.h"

struct http_request *http_request_new(struct http_connection *c, struct MHD_Connection *mhd, const char *uri)
{
  size_t n = strcspn(uri, "?");
  bool too_long = n + strlen(uri + n) > LIMIT_PATH;
  if (too_long)
    n = 0;
  struct http_request *r = xcalloc(1, sizeof *r + 2 * (n + 1));
  r->server = c->listener->server;
  r->connection = c;
  r->fairness.client = c->client;
  r->mhd = mhd;
  r->spool_fd = -1;
  r->too_long = too_long;
  r->path_length = http_path_decode(r->path, uri, n);
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
  if (r->dispatched && !r->stream)
    r->server->pending--;
  free(r->stream); /* it was ended before */
  http_reply_release(r);
  if (r->spool_fd >= 0)
    close(r->spool_fd);
  if (r->spool)
    unlink(r->spool);
  free(r->spool);
  drop_body(r);
  free(r);
}

static bool is_get(const struct http_request *r)
{
  return strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
}

/* Cuts the parameters out of the path's second copy. */
static void set_params(struct http_request *r, const struct http_span spans[static HTTP_PARAMS])
{
  char *copy = memcpy(r->path + r->path_length + 1, r->path, r->path_length + 1);
  for (int k = 0; k < HTTP_PARAMS && spans[k].n; k++) {
    r->param[k] = copy + spans[k].at;
    copy[spans[k].at + spans[k].n] = '\0';
  }
}

/* False: there is no route, and the request was refused. */
static bool find_route(struct http_request *r)
{
  const struct http_options *o = &r->server->options;
  struct http_span spans[HTTP_PARAMS] = {0};
  autobuf struct buf allow = {0};
  if (r->path_length)
    r->route = http_route_find(o->routes, o->n_routes, is_get(r) ? "GET" : r->method, r->path, spans, &allow);
  if (r->route) {
    r->headers = r->route->headers;
    set_params(r, spans);
    return true;
  }
  if (allow.len) {
    http_refuse(r, HTTP_METHOD_NOT_ALLOWED, NULL, NULL);
    MHD_add_response_header(r->response, "Allow", allow.data);
    return false;
  }
  if (r->path_length && o->other && is_get(r))
    return true;
  http_refuse(r, HTTP_NOT_FOUND, NULL, NULL);
  return false;
}

/* --- checks of the head --- */

struct header_counts {
  int host;
  int length;
  int transfer;
};

static enum MHD_Result count_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
  struct header_counts *n = user;
  n->host += strcasecmp(name, "Host") == 0;
  n->length += strcasecmp(name, "Content-Length") == 0;
  n->transfer += strcasecmp(name, "Transfer-Encoding") == 0;
  return MHD_YES;
}

/* Two programs could read such a head differently. Not every version of microhttpd refuses it. */
static bool is_ambiguous(struct http_request *r)
{
  struct header_counts n = {0};
  MHD_get_connection_values(r->mhd, MHD_HEADER_KIND, count_header, &n);
  return n.host > 1 || n.length + n.transfer > 1;
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
  char detail[64];
  snprintf(detail, sizeof detail, "The body is longer than %lld bytes.", (long long)limit);
  http_refuse(r, HTTP_TOO_LARGE, NULL, limit > 0 ? detail : NULL);
}

static int64_t body_limit(const struct http_request *r)
{
  static const int64_t limits[] = {[HTTP_EMPTY] = 0, [HTTP_JSON] = LIMIT_JSON, [HTTP_FILE] = LIMIT_RESTORE};
  return in_memory(r) ? (int64_t)r->route->most : limits[r->route ? r->route->body : HTTP_EMPTY];
}

/* 0 = no body; -1 = a chunked one, whose length is not known. */
static int64_t announced_length(const struct http_request *r)
{
  const char *text = http_header(r, "Content-Length");
  int64_t n = 0;
  if (http_header(r, "Transfer-Encoding"))
    return -1;
  if (text && util_parse_i64(text, 0, INT64_MAX, &n) < 0)
    n = INT64_MAX; /* microhttpd refuses what is not a number */
  return n;
}

static bool is_admitted(struct http_request *r)
{
  return !r->route || !r->server->options.admit || r->server->options.admit(r, r->route);
}

static void refuse_spool(struct http_request *r)
{
  log_warn("spool_failed", "error=%s", strerrordesc_np(errno));
  http_refuse(r, HTTP_NO_STORAGE, NULL, NULL);
}

/* Refuses what can be refused by its head. */
static void check_head(struct http_request *r, int64_t length)
{
  const union MHD_ConnectionInfo *head = MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  if (r->too_long) {
    http_refuse(r, HTTP_PATH_TOO_LONG, NULL, NULL);
    return;
  }
  if (head && head->header_size > LIMIT_HEADERS) {
    http_refuse(r, HTTP_HEADERS_TOO_LONG, NULL, NULL);
    return;
  }
  if (is_ambiguous(r)) {
    http_refuse(r, HTTP_INVALID_FIELD, "Host", "A header is there twice, or contradicts another.");
    return;
  }
  if (!find_route(r))
    return;
  const struct http_route *route = r->route;
  if (length > body_limit(r) || (length < 0 && body_limit(r) == 0)) {
    refuse_size(r, body_limit(r));
    return;
  }
  bool own_media = route && route->media;
  const char *media = own_media ? route->media : "application/json";
  if ((own_media || length != 0) && !media_is(r, media)) {
    char detail[80];
    snprintf(detail, sizeof detail, "The body must be %s.", media);
    http_refuse(r, HTTP_UNSUPPORTED_MEDIA_TYPE, "Content-Type", detail);
    return;
  }
  if (!route || route->body != HTTP_FILE)
    return; /* admitted once its body is in: its device may be signed out by then */
  if (is_admitted(r) && !open_spool(r))
    refuse_spool(r);
}

void http_request_begin(struct http_request *r, const char *method)
{
  int64_t length = announced_length(r);
  r->begun = true;
  r->method = method;
  r->server->stats.requests++;
  check_head(r, length);
  r->early = r->response && length != 0 && (length > LIMIT_REFUSED_BODY || http_header(r, "Expect"));
}

/* --- the body --- */

static bool write_spool(struct http_request *r, const char *bytes, size_t n)
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

/* False: all bodies in memory would become too many. */
static bool reserve_body(struct http_request *r, size_t n)
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
    http_set_wait(r->connection, HTTP_WAIT_REQUEST); /* no limit while something arrives */
  if (!r->response && r->received > body_limit(r)) { /* of a chunked body */
    drop_body(r);
    refuse_size(r, body_limit(r));
  }
  if (!r->response && in_memory(r) && !reserve_body(r, n)) {
    drop_body(r);
    http_refuse(r, HTTP_BUSY, NULL, NULL);
  }
  if (r->response)
    return r->received <= (file ? LIMIT_RESTORE : max(LIMIT_REFUSED_BODY, body_limit(r)));
  if (!file) {
    buf_add(&r->body, bytes, n);
  } else if (!write_spool(r, bytes, n)) {
    refuse_spool(r);
  }
  return true;
}

void http_request_dispatch(struct http_request *r)
{
  r->dispatched = true;
  r->server->pending++;
  http_set_wait(r->connection, HTTP_WAIT_NOTHING);
  if (r->spool_fd >= 0)
    close(r->spool_fd);
  r->spool_fd = -1;
  if (!r->response && is_admitted(r))
    (r->route ? r->route->handle : r->server->options.other)(r);
}

/* --- for handlers --- */

void *http_context(const struct http_request *r)
{
  return r->server->options.context;
}

int http_route_arg(const struct http_request *r)
{
  return r->route ? r->route->arg : 0;
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

struct query_scan {
  const char *const *known;
  const char *unknown;
};

static enum MHD_Result scan_query(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
  struct query_scan *scan = user;
  size_t i = 0;
  while (scan->known[i] && strcmp(scan->known[i], name) != 0)
    i++;
  if (scan->known[i])
    return MHD_YES;
  scan->unknown = name;
  return MHD_NO;
}

const char *http_query_unknown(const struct http_request *r, const char *const *names)
{
  struct query_scan scan = {.known = names};
  MHD_get_connection_values(r->mhd, MHD_GET_ARGUMENT_KIND, scan_query, &scan);
  return scan.unknown;
}

/* microhttpd's own parser stops at the first cookie that it rejects. */
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
  return r->connection->address;
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
