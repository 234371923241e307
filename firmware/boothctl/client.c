/* client.c - a command whose answer was lost may have been done. Its Idempotency-Key makes repeating it safe, so it is
 * repeated for a while. Final is only an answer of the daemon, or that nobody listens.
 */
#include "boothctl/client.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "boothctl/http.h"
#include "boothctl/term.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS   15000
#define WORK_MS     120000 /* the daemon makes a backup, or verifies one */
#define NETWORK_MS  300000 /* the daemon waits for a hub */
#define MOST_ANSWER (16 * 1024 * 1024)

static const int delays_ms[] = {250, 750, 2000, 5000};
#define RETRY_MS 10000

void answer_done(struct answer *a)
{
  buf_done(&a->text);
  json_free(a->json);
  a->json = NULL;
}

/* --- one request --- */

static int read_answer(struct http *h, int timeout_ms, struct answer *ret)
{
  char piece[16384];
  ssize_t n;
  answer_done(ret);
  while ((n = http_read(h, piece, sizeof piece, timeout_ms)) > 0) {
    if (ret->text.len + (size_t)n > MOST_ANSWER)
      return -EMSGSIZE;
    buf_add(&ret->text, piece, (size_t)n);
  }
  if (n < 0)
    return (int)n;
  ret->status = h->status;
  ret->date_ms = h->date_ms ? h->date_ms : clock_wall_ms();
  if (ret->text.len && json_parse_answer(ret->text.data, ret->text.len, &ret->json) < 0)
    ret->json = NULL;
  return 0;
}

static int send_request(struct http *h, const char *method, const char *path, const char *body, const char *key,
                        int timeout_ms, struct answer *ret)
{
  char headers[160] = "";
  if (key)
    snprintf(headers, sizeof headers, "Idempotency-Key: %s\r\n%s", key,
             body ? "Content-Type: application/json\r\n" : "");
  bool empty = !body && strcmp(method, "GET") != 0;
  int r = http_send(h, method, path, headers, body || empty ? (int64_t)strlen(body ? body : "") : -1);
  if (r == 0 && body)
    r = http_write(h, body, strlen(body));
  if (r == 0 || r == -EPIPE || r == -ECONNRESET) /* it may have answered before it closed the connection */
    r = http_head(h, timeout_ms);
  return r < 0 ? r : read_answer(h, ANSWER_MS, ret);
}

/* --- results --- */

static int print_unreachable(struct ctl *c, int error)
{
  ctl_print_error("boothd cannot be reached at %s: %s%s", c->options[OPT_SOCKET], strerror(-error),
                  error == -EACCES ? "; try it with sudo" : "");
  return CTL_UNREACHABLE;
}

static int print_lost(int error, bool change)
{
  ctl_print_error("the connection to boothd broke (%s)%s", strerror(-error),
                  change ? "; whether the command was done is unknown, see: boothctl queue" : "");
  return CTL_UNREACHABLE;
}

/* The exit status of an answer; prints a refusal. */
static int check_answer(struct ctl *c, const struct answer *a)
{
  if (a->status >= 200 && a->status < 300)
    return 0;
  if (c->options[OPT_JSON])
    answer_print(a);
  const char *field = json_string(json_get(a->json, "field")), *detail = json_string(json_get(a->json, "detail"));
  const char *title = json_string(json_get(a->json, "title"));
  autobuf struct buf b = {0};
  if (field)
    term_text(&b, field);
  buf_str(&b, field ? ": " : "");
  if (detail || title)
    term_text(&b, detail ? detail : title);
  else
    buf_fmt(&b, "boothd answered %d", a->status);
  ctl_print_error("%s", b.data);
  return CTL_REFUSED;
}

static void pause_ms(int ms)
{
  nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

/* tries > 1 only with a key. */
static int request(struct ctl *c, const char *method, const char *path, const char *body, const char *key, size_t tries,
                   int timeout_ms, struct answer *ret)
{
  int64_t end = clock_mono_ms() + RETRY_MS;
  int r = 0;
  for (size_t i = 0;; i++) {
    struct http h;
    r = http_open(&h, c->options[OPT_SOCKET]);
    if (r < 0 && i == 0)
      return print_unreachable(c, r);
    if (r == 0) {
      r = send_request(&h, method, path, body, key, timeout_ms, ret);
      http_close(&h);
    }
    bool unknown = r < 0 || ret->status == 503;
    if (!unknown || i + 1 >= tries || clock_mono_ms() + delays_ms[i] > end)
      break;
    pause_ms(delays_ms[i]);
  }
  return r < 0 ? print_lost(r, key != NULL) : check_answer(c, ret);
}

int client_get(struct ctl *c, const char *path, struct answer *ret)
{
  return request(c, "GET", path, NULL, NULL, 1, ANSWER_MS, ret);
}

static int change_with_key(struct ctl *c, const char *method, const char *path, const char *body, size_t tries,
                           int timeout_ms, struct answer *ret)
{
  char key[44];
  if (random_start() < 0)
    abort(); /* without randomness there is no key */
  random_token(key);
  return request(c, method, path, body, key, tries, timeout_ms, ret);
}

int client_change(struct ctl *c, const char *method, const char *path, const char *body, struct answer *ret)
{
  return change_with_key(c, method, path, body, array_len(delays_ms) + 1, ANSWER_MS, ret);
}

int client_change_once(struct ctl *c, const char *method, const char *path, const char *body, struct answer *ret)
{
  return change_with_key(c, method, path, body, 1, ANSWER_MS, ret);
}

int client_change_slowly(struct ctl *c, const char *method, const char *path, const char *body, struct answer *ret)
{
  return change_with_key(c, method, path, body, 1, NETWORK_MS, ret);
}

int client_try_get(struct ctl *c, const char *path, struct answer *ret)
{
  struct http h;
  int r = http_open(&h, c->options[OPT_SOCKET]);
  if (r == 0) {
    r = send_request(&h, "GET", path, NULL, NULL, ANSWER_MS, ret);
    http_close(&h);
  }
  return r;
}

int answer_print(const struct answer *a)
{
  if (a->text.len)
    printf("%s%s", a->text.data, a->text.data[a->text.len - 1] == '\n' ? "" : "\n");
  return 0;
}

/* --- files --- */

static int print_file_error(const char *file)
{
  ctl_print_error("%s: %s", file, strerror(errno));
  return CTL_REFUSED;
}

static int write_all(int fd, const char *bytes, size_t n)
{
  while (n) {
    ssize_t written = write(fd, bytes, n);
    if (written < 0 && errno != EINTR)
      return -errno;
    bytes += max(written, 0);
    n -= (size_t)max(written, 0);
  }
  return 0;
}

/* Copies the body. 0 or -errno of the file; -errno of the connection goes into *ret_lost. */
static int copy_body(struct http *h, int fd, int *ret_lost)
{
  char piece[16384];
  ssize_t n;
  while ((n = http_read(h, piece, sizeof piece, WORK_MS)) > 0) {
    int r = write_all(fd, piece, (size_t)n);
    if (r < 0)
      return r;
  }
  *ret_lost = (int)min(n, 0);
  return 0;
}

/* A temporary file is renamed at the end, so that an incomplete backup never replaces a complete one. */
static int save_file(struct http *h, const char *file)
{
  autobuf struct buf temporary = {0};
  buf_fmt(&temporary, "%s.XXXXXX", file);
  int broken = 0, fd = mkostemp(temporary.data, O_CLOEXEC);
  if (fd < 0)
    return print_file_error(file);
  int r = copy_body(h, fd, &broken);
  if (r == 0 && broken == 0 && fsync(fd) < 0)
    r = -errno;
  if (close(fd) < 0 && r == 0)
    r = -errno;
  if (r == 0 && broken == 0 && rename(temporary.data, file) < 0)
    r = -errno;
  if (r < 0 || broken < 0)
    unlink(temporary.data);
  else
    r = file_sync_folder_of(file);
  if (broken < 0)
    return print_lost(broken, false);
  errno = -r;
  return r < 0 ? print_file_error(file) : 0;
}

static int copy_to_stdout(struct http *h)
{
  int broken = 0;
  fflush(stdout);
  int r = copy_body(h, STDOUT_FILENO, &broken);
  if (broken < 0)
    return print_lost(broken, false);
  errno = -r;
  return r < 0 ? print_file_error("stdout") : 0;
}

int client_download(struct ctl *c, const char *path, const char *file)
{
  struct http h;
  autoanswer struct answer refusal = {0};
  int r = http_open(&h, c->options[OPT_SOCKET]);
  if (r < 0)
    return print_unreachable(c, r);
  r = http_send(&h, "GET", path, "", -1);
  if (r == 0)
    r = http_head(&h, WORK_MS);
  if (r == 0 && h.status != 200)
    r = read_answer(&h, ANSWER_MS, &refusal);
  if (r < 0)
    r = print_lost(r, false);
  else if (h.status != 200)
    r = check_answer(c, &refusal);
  else
    r = file ? save_file(&h, file) : copy_to_stdout(&h);
  http_close(&h);
  return r;
}

static int send_file(struct http *h, int fd, int64_t left)
{
  char piece[16384];
  while (left > 0) {
    ssize_t n = read(fd, piece, (size_t)min((int64_t)sizeof piece, left));
    if (n <= 0)
      return n < 0 ? -errno : -EIO; /* the file was truncated meanwhile */
    int r = http_write(h, piece, (size_t)n);
    if (r < 0)
      return r;
    left -= n;
  }
  return 0;
}

int client_upload(struct ctl *c, const char *path, const char *type, const char *file, struct answer *ret)
{
  struct http h;
  struct stat st;
  char headers[96];
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return print_file_error(file);
  int error = fstat(fd, &st) < 0 ? errno : S_ISREG(st.st_mode) ? 0 : EINVAL;
  if (error) {
    close(fd);
    errno = error;
    return print_file_error(file);
  }
  int r = http_open(&h, c->options[OPT_SOCKET]);
  if (r < 0) {
    close(fd);
    return print_unreachable(c, r);
  }
  snprintf(headers, sizeof headers, "Content-Type: %s\r\n", type);
  r = http_send(&h, "POST", path, headers, st.st_size);
  if (r == 0)
    r = send_file(&h, fd, st.st_size);
  if (r == 0 || r == -EPIPE || r == -ECONNRESET) /* it may have answered before it closed the connection */
    r = http_head(&h, WORK_MS);
  if (r == 0)
    r = read_answer(&h, WORK_MS, ret);
  http_close(&h);
  close(fd);
  return r < 0 ? print_lost(r, true) : check_answer(c, ret);
}
