/* response.c - builds and queues answers. An answer's own headers win over the default ones.
 *
 * Date is set here and not by microhttpd: the booth's wall clock may differ from the kernel's. A shared answer is one
 * microhttpd response that all connections reference. Its Date is replaced once a second, which is safe because
 * microhttpd copies the head in the run in which the response is queued.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "http/connection.h"
#include "http/response.h"

static const struct {
  unsigned status;
  const char *code;
  const char *detail;
  int retry_after_s;
} refusals[] = {
    [HTTP_BAD_JSON] = {400, "bad_json", "The body is not JSON.", 0},
    [HTTP_INVALID_FIELD] = {400, "invalid_field", "A field is invalid.", 0},
    [HTTP_NOT_SIGNED_IN] = {401, "not_signed_in", "Sign in with the booth's PIN first.", 0},
    [HTTP_FORBIDDEN] = {403, "forbidden", "This is not allowed.", 0},
    [HTTP_NOT_FOUND] = {404, "not_found", "There is nothing at this address.", 0},
    [HTTP_METHOD_NOT_ALLOWED] = {405, "method_not_allowed", "This address takes other methods only.", 0},
    [HTTP_TOO_LARGE] = {413, "too_large", "This address takes no body.", 0},
    [HTTP_PATH_TOO_LONG] = {414, "too_large", "The address is too long.", 0},
    [HTTP_HEADERS_TOO_LONG] = {431, "too_large", "The headers are too long.", 0},
    [HTTP_UNSUPPORTED_MEDIA_TYPE] = {415, "unsupported_media_type", "The body has another media type.", 0},
    [HTTP_RATE_LIMITED] = {429, "rate_limited", "There are too many streams.", 5},
    [HTTP_BUSY] = {503, "storage_unavailable", "Too much is coming in at once.", 5},
    [HTTP_NO_STORAGE] = {503, "storage_unavailable", "There is no room to keep the file.", 0},
};

struct http_shared {
  size_t references;
  struct MHD_Response *response;
  char *etag;
  char date[30];
};

/* By default nothing may be executed, framed, sniffed or embedded elsewhere. */
const char *const http_default_headers[4][2] = {
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
};

void http_date(char to[static 30])
{
  static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  time_t t = clock_wall_ms() / 1000;
  struct tm tm;
  gmtime_r(&t, &tm);
  snprintf(to, 30, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days + 3 * tm.tm_wday, (unsigned)tm.tm_mday % 100,
           months + 3 * tm.tm_mon, (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
           (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

static void add_header_lines(struct MHD_Response *m, const char *headers)
{
  autofree char *list = xstrdup(headers ? headers : "");
  char *rest = list;
  for (char *line; (line = strsep(&rest, "\r\n"));) {
    char *value = strchr(line, ':');
    if (!value)
      continue;
    *value++ = '\0';
    MHD_add_response_header(m, line, value + strspn(value, " "));
  }
}

static void add_default(struct MHD_Response *m, const char *name, const char *value)
{
  if (!MHD_get_response_header(m, name))
    MHD_add_response_header(m, name, value);
}

static struct MHD_Response *add_headers(struct MHD_Response *m, const char *type, const char *headers, const char *more,
                                        const char *cache)
{
  if (!m)
    abort(); /* out of memory */
  add_header_lines(m, headers);
  add_header_lines(m, more);
  if (type)
    MHD_add_response_header(m, "Content-Type", type);
  add_default(m, "Cache-Control", cache);
  for (size_t i = 0; i < array_len(http_default_headers); i++)
    add_default(m, http_default_headers[i][0], http_default_headers[i][1]);
  return m;
}

static void add_date(struct MHD_Response *m)
{
  char date[30];
  http_date(date);
  MHD_add_response_header(m, "Date", date);
}

static struct MHD_Response *response_from_buffer(struct buf *take_body)
{
  size_t n = take_body ? take_body->len : 0;
  char *bytes = take_body ? buf_take(take_body) : xstrdup("");
  return MHD_create_response_from_buffer(n, bytes, MHD_RESPMEM_MUST_FREE);
}

void http_set_headers(struct http_request *r, const char *headers)
{
  r->headers = headers;
}

static void set_answer(struct http_request *r, unsigned status, struct MHD_Response *response,
                       struct http_shared *shared)
{
  if (r->answered || r->stream)
    abort(); /* a second answer: the request may have been freed */
  r->answered = true;
  r->status = status;
  r->response = response;
  r->shared = shared;
  http_resume(r);
}

void http_reply_release(struct http_request *r)
{
  if (r->shared)
    http_shared_unref(r->shared);
  else if (r->response)
    MHD_destroy_response(r->response);
  r->response = NULL;
  r->shared = NULL;
}

enum MHD_Result http_reply_queue(struct http_request *r)
{
  r->server->stats.by_class[min(r->status / 100, 5u)]++;
  enum MHD_Result queued = MHD_queue_response(r->mhd, r->status, r->response);
  http_reply_release(r); /* microhttpd has a reference of its own */
  return queued;
}

void http_reply(struct http_request *r, unsigned status, const char *type, struct buf *take_body, const char *headers)
{
  struct MHD_Response *m = add_headers(response_from_buffer(take_body), type, headers, r->headers, "no-store");
  add_date(m);
  set_answer(r, status, m, NULL);
}

void http_reply_file(struct http_request *r, int take_fd, const char *type, const char *headers)
{
  struct stat st;
  if (fstat(take_fd, &st) < 0) {
    close(take_fd);
    http_refuse(r, HTTP_NO_STORAGE, NULL, "The file cannot be read.");
    return;
  }
  struct MHD_Response *m = MHD_create_response_from_fd64((uint64_t)st.st_size, take_fd);
  add_date(add_headers(m, type, headers, r->headers, "no-store"));
  set_answer(r, 200, m, NULL);
}

void http_problem(struct http_request *r, unsigned status, const char *code, const char *field, const char *detail,
                  const char *extra, int retry_after_s)
{
  struct buf b = {0};
  char retry[40];
  const char *title = MHD_get_reason_phrase_for(status);
  snprintf(retry, sizeof retry, "Retry-After: %d\r\n", retry_after_s);
  json_open(&b, NULL, '{');
  json_str(&b, "type", "about:blank");
  json_str(&b, "title", title);
  json_int(&b, "status", status);
  json_str(&b, "code", code);
  json_str(&b, "detail", detail ? detail : title);
  if (field)
    json_str(&b, "field", field);
  if (extra)
    json_raw(&b, NULL, extra);
  if (retry_after_s > 0)
    json_int(&b, "retry_after_s", retry_after_s);
  json_close(&b, '}');
  http_reply(r, status, "application/problem+json", &b, retry_after_s > 0 ? retry : NULL);
}

void http_refuse(struct http_request *r, enum http_refusal why, const char *field, const char *detail)
{
  http_problem(r, refusals[why].status, refusals[why].code, field, detail ? detail : refusals[why].detail, NULL,
               refusals[why].retry_after_s);
}

/* --- shared --- */

struct http_shared *http_shared_new(const char *type, const char *etag, const char *headers, struct buf *take_body)
{
  struct http_shared *s = xnew(struct http_shared);
  s->references = 1;
  s->etag = xstrdup(etag);
  s->response = add_headers(response_from_buffer(take_body), type, headers, NULL, "no-cache");
  MHD_add_response_header(s->response, "ETag", etag);
  return s;
}

void http_shared_unref(struct http_shared *s)
{
  if (!s || --s->references > 0)
    return;
  MHD_destroy_response(s->response);
  free(s->etag);
  free(s);
}

static const char *strip_weak(const char *etag)
{
  return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

/* Weak comparison (RFC 9110). */
static bool lists_etag(const char *list, const char *etag)
{
  etag = strip_weak(etag);
  size_t n = strlen(etag);
  for (const char *p = list; p; p = *p ? p + 1 : NULL) {
    p = strip_weak(p + strspn(p, ", \t"));
    if (*p == '*' || strncmp(p, etag, n) == 0)
      return true;
    if (*p == '"')
      p += strcspn(p + 1, "\"") + 1;
    p += strcspn(p, ",");
  }
  return false;
}

void http_reply_shared(struct http_request *r, struct http_shared *s)
{
  char date[30];
  const char *known = MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, "If-None-Match");
  http_date(date);
  if (strcmp(date, s->date) != 0) {
    if (*s->date)
      MHD_del_response_header(s->response, "Date", s->date);
    MHD_add_response_header(s->response, "Date", date);
    strcpy(s->date, date);
  }
  s->references++;
  set_answer(r, known && lists_etag(known, s->etag) ? 304 : 200, s->response, s);
}
