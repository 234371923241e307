/* http_client.c - blocking libcurl: in a thread of its own, a request of forty minutes needs no state machine.
 *
 * Progress is measured here: libcurl's low-speed limit is an average, but one byte in two minutes is progress.
 * Certificates are checked against the booth's clock, which may be right while the kernel's is years off; if it is not
 * trusted, only their dates are ignored. The system's authorities are looked up one by one in their hashed directory:
 * loading them all would cost megabytes of memory for a handshake an hour.
 */
#include "sync/http_client.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>

#include "base/clock.h"

#define AUTHORITIES    "/etc/ssl/certs"
#define POLL_MS        1000          /* how often flags are checked without http_client_wake() */
#define RETRY_AFTER_MS (3600 * 1000) /* the longest that is accepted */

struct http_client {
  CURL *curl;
  _Atomic(CURLM *) multi; /* set once; for http_client_wake() */
  bool fresh;             /* the next request takes a new connection */
  struct http_client_options o;
  char *authority;
  struct curl_slist *headers;
  char error[CURL_ERROR_SIZE];

  /* of the running request */
  struct http_client_response *answer;
  size_t n;    /* bytes to send */
  size_t most; /* bytes to receive */
  curl_off_t moved;
  int64_t began; /* mono_ms, as the next two; 0 = not yet */
  int64_t moved_at;
  int64_t sent_at;
  bool too_large;
  bool stalled;
};

void http_client_response_done(struct http_client_response *r)
{
  buf_done(&r->body);
}

/* --- callbacks of libcurl --- */

static size_t on_body(char *bytes, size_t size, size_t n, void *user)
{
  struct http_client *c = user;
  if (n * size > c->most - c->answer->body.len) {
    c->too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  buf_add(&c->answer->body, bytes, n * size);
  return n * size;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *user)
{
  struct http_client *c = user;
  c->answer->answered_mono = clock_mono_ms();
  return size * n;
}

static int on_progress(void *user, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
  struct http_client *c = user;
  int64_t now = clock_mono_ms();
  if (c->o.stop && atomic_load(c->o.stop))
    return 1;
  if (!c->sent_at && up >= (curl_off_t)c->n)
    c->sent_at = now;
  if (down + up != c->moved) {
    c->moved = down + up;
    c->moved_at = now;
  }
  bool rerouted = c->o.rerouted && atomic_load(c->o.rerouted);
  c->stalled = now - c->moved_at > (rerouted ? LIMIT_NEW_ROUTE_MS : c->o.stall_ms);
  return c->stalled;
}

/* Checks dates by the booth's clock, or not at all. */
static CURLcode on_tls_context(CURL *curl, void *context, void *user)
{
  X509_VERIFY_PARAM *p = SSL_CTX_get0_param(context);
  if (clock_trusted())
    X509_VERIFY_PARAM_set_time(p, clock_wall_ms() / 1000);
  else
    X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_NO_CHECK_TIME);
  return CURLE_OK;
}

/* --- start and end --- */

static CURLcode set_options(struct http_client *c)
{
  const struct {
    CURLoption option;
    long value;
  } numbers[] = {
      {CURLOPT_NOSIGNAL, 1},
      {CURLOPT_NOPROGRESS, 0},
      {CURLOPT_FOLLOWLOCATION, 0},
      {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
      {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
      {CURLOPT_CONNECTTIMEOUT_MS, c->o.connect_ms},
      {CURLOPT_TCP_KEEPALIVE, 1},
      {CURLOPT_CA_CACHE_TIMEOUT, 0},
      {CURLOPT_QUICK_EXIT, 1}, /* a name lookup without an answer must not delay the end */
  };
  CURLcode r = CURLE_OK;
  for (size_t i = 0; i < array_len(numbers) && r == CURLE_OK; i++)
    r = curl_easy_setopt(c->curl, numbers[i].option, numbers[i].value);
  const struct {
    CURLoption option;
    const void *value;
  } pointers[] = {
      {CURLOPT_PROXY, ""},
      {CURLOPT_PROTOCOLS_STR, "https,http"},
      {CURLOPT_USERAGENT, "boothd/" BOOTHD_VERSION},
      {CURLOPT_CAINFO, c->authority},
      {CURLOPT_CAPATH, c->authority ? NULL : AUTHORITIES},
      {CURLOPT_ERRORBUFFER, c->error},
      {CURLOPT_WRITEDATA, c},
      {CURLOPT_HEADERDATA, c},
      {CURLOPT_XFERINFODATA, c},
  };
  for (size_t i = 0; i < array_len(pointers) && r == CURLE_OK; i++)
    r = curl_easy_setopt(c->curl, pointers[i].option, pointers[i].value);
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, on_header);
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
  return r;
}

/* Only by the first request: TLS takes a megabyte, and many booths have no hub. */
static CURLcode init_curl(struct http_client *c)
{
  if (c->curl)
    return CURLE_OK;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return CURLE_FAILED_INIT;
  atomic_store(&c->multi, curl_multi_init());
  if (atomic_load(&c->multi))
    curl_multi_setopt(atomic_load(&c->multi), CURLMOPT_MAXCONNECTS, 1L);
  c->curl = atomic_load(&c->multi) ? curl_easy_init() : NULL;
  return c->curl ? set_options(c) : CURLE_FAILED_INIT;
}

struct http_client *http_client_new(const struct http_client_options *o)
{
  struct http_client *c = xnew(struct http_client);
  c->o = *o;
  c->o.connect_ms = o->connect_ms ? o->connect_ms : LIMIT_CONNECT_MS;
  c->o.stall_ms = o->stall_ms ? o->stall_ms : LIMIT_STALL_MS;
  c->authority = o->authority && *o->authority ? xstrdup(o->authority) : NULL;
  c->o.authority = NULL;
  return c;
}

void http_client_free(struct http_client *c)
{
  if (!c)
    return;
  curl_easy_cleanup(c->curl);
  curl_multi_cleanup(atomic_load(&c->multi));
  curl_slist_free_all(c->headers);
  free(c->authority);
  free(c);
}

void http_client_reconnect(struct http_client *c)
{
  c->fresh = true;
}

void http_client_wake(struct http_client *c)
{
  CURLM *multi = atomic_load(&c->multi);
  if (multi)
    curl_multi_wakeup(multi);
}

/* --- one request --- */

static bool is_unreachable(int error)
{
  return error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN || error == EADDRNOTAVAIL;
}

static enum http_client_end transfer_end(struct http_client *c, CURLcode code)
{
  long error = 0;
  if (c->curl)
    curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &error);
  if (c->too_large)
    return HTTP_CLIENT_TOO_LARGE;
  switch ((int)code) {
  case CURLE_OK:
    return HTTP_CLIENT_ANSWERED;
  case CURLE_ABORTED_BY_CALLBACK:
    return c->stalled ? HTTP_CLIENT_NO_ANSWER : HTTP_CLIENT_STOPPED;
  case CURLE_COULDNT_RESOLVE_HOST:
    return HTTP_CLIENT_NO_ROUTE;
  case CURLE_COULDNT_CONNECT:
    return is_unreachable((int)error) ? HTTP_CLIENT_NO_ROUTE : HTTP_CLIENT_NO_ANSWER;
  case CURLE_SSL_CONNECT_ERROR: /* an interrupted handshake says nothing about the peer */
    return error == ECONNRESET || strstr(c->error, "SSL_ERROR_SYSCALL") ? HTTP_CLIENT_NO_ANSWER
                                                                        : HTTP_CLIENT_CERTIFICATE;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_CIPHER:
    return HTTP_CLIENT_CERTIFICATE;
  default:
    return HTTP_CLIENT_NO_ANSWER;
  }
}

/* Like curl_easy_perform(), but http_client_wake() interrupts its sleep. */
static CURLcode run_transfer(struct http_client *c)
{
  CURLM *multi = atomic_load(&c->multi);
  CURLcode r = CURLE_FAILED_INIT;
  int running = 1, left;
  bool fine = curl_multi_add_handle(multi, c->curl) == CURLM_OK;
  while (fine && running) {
    fine = curl_multi_perform(multi, &running) == CURLM_OK;
    if (fine && running)
      fine = curl_multi_poll(multi, NULL, 0, POLL_MS, NULL) == CURLM_OK;
  }
  for (const CURLMsg *done; (done = curl_multi_info_read(multi, &left));)
    r = done->data.result;
  curl_multi_remove_handle(multi, c->curl);
  return r;
}

static void read_type(struct http_client *c, struct http_client_response *ret)
{
  const char *type = NULL;
  curl_easy_getinfo(c->curl, CURLINFO_CONTENT_TYPE, &type);
  size_t n = type ? strcspn(type, "; \t") : 0;
  for (size_t i = 0; n < sizeof ret->type && i < n; i++)
    ret->type[i] = (char)tolower((unsigned char)type[i]);
}

static void read_measurements(struct http_client *c, struct http_client_response *ret)
{
  long status = 0, request = 0, header = 0;
  curl_off_t retry_s = 0, up = 0, down = 0, from = 0, to = 0;
  curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &retry_s);
  curl_easy_getinfo(c->curl, CURLINFO_REQUEST_SIZE, &request);
  curl_easy_getinfo(c->curl, CURLINFO_HEADER_SIZE, &header);
  curl_easy_getinfo(c->curl, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(c->curl, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(c->curl, CURLINFO_PRETRANSFER_TIME_T, &from);
  curl_easy_getinfo(c->curl, CURLINFO_TOTAL_TIME_T, &to);
  ret->status = (int)status;
  ret->retry_after_ms = min(max(retry_s, 0) * 1000, (curl_off_t)RETRY_AFTER_MS);
  ret->bytes = request + header + up + down;
  ret->took_ms = (to - from) / 1000;
  bool seen = c->sent_at && c->sent_at <= ret->answered_mono; /* else it was sent at once, unseen */
  ret->asked_mono = seen ? c->sent_at : c->began + from / 1000;
}

void http_client_post(struct http_client *c, const char *url, const char *type, const void *body, size_t n, size_t most,
                      struct http_client_response *ret)
{
  char header[96];
  snprintf(header, sizeof header, "Content-Type: %s", type);
  curl_slist_free_all(take(c->headers));
  struct curl_slist *headers = curl_slist_append(NULL, header);
  c->headers = headers ? curl_slist_append(headers, "Expect:") : NULL;
  c->answer = ret;
  c->n = n;
  c->most = most;
  c->moved = c->sent_at = 0;
  c->began = c->moved_at = clock_mono_ms();
  c->too_large = c->stalled = false;
  *c->error = '\0';
  CURLcode r = c->headers ? init_curl(c) : CURLE_OUT_OF_MEMORY;
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_URL, url);
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body);
  if (r == CURLE_OK)
    r = curl_easy_setopt(c->curl, CURLOPT_FRESH_CONNECT, (long)c->fresh);
  if (r == CURLE_OK)
    r = run_transfer(c);
  c->fresh = false;
  ret->end = transfer_end(c, r);
  if (c->curl) {
    read_type(c, ret);
    read_measurements(c, ret);
  }
  if (ret->end != HTTP_CLIENT_ANSWERED)
    snprintf(ret->detail, sizeof ret->detail, "%.159s",
             c->stalled  ? "nothing moves any more"
             : *c->error ? c->error
                         : curl_easy_strerror(r));
  c->answer = NULL;
}
