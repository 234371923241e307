/* client.c - a command whose answer was lost may have been done. Its key makes asking again safe, so ask again for a
 * while; only what the daemon answered itself, or that it is not there at all, is final.
 */
#include "boothctl/client.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "boothctl/http.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS   15000
#define WORK_MS     120000 /* a backup is made, a restore is verified */
#define NETWORK_MS  300000 /* a hub far away is asked */
#define MOST_ANSWER (16 * 1024 * 1024)

static const int delays_ms[] = {250, 750, 2000, 5000};
#define PATIENCE_MS 10000

void answer_done(struct answer *a)
{
  buf_done(&a->text);
  json_free(a->json);
  a->json = NULL;
}

/* ---- one exchange ---- */

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

static int exchange(struct http *h, const char *method, const char *path, const char *body, const char *key,
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
  if (r == 0 || r == -EPIPE || r == -ECONNRESET) /* it may have answered before it hung up */
    r = http_head(h, timeout_ms);
  return r < 0 ? r : read_answer(h, ANSWER_MS, ret);
}

/* ---- what to make of it ---- */

static int unreachable(struct ctl *c, int error)
{
  ctl_print_error("boothd cannot be reached at %s: %s%s", c->options[OPT_SOCKET], strerror(-error),
                  error == -EACCES ? "; try it with sudo" : "");
  return CTL_UNREACHABLE;
}

static int lost(int error, bool change)
{
  ctl_print_error("the connection to boothd broke (%s)%s", strerror(-error),
                  change ? "; whether the command was done is unknown, see: boothctl queue" : "");
  return CTL_UNREACHABLE;
}

static int judge(struct ctl *c, const struct answer *a)
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
static int ask(struct ctl *c, const char *method, const char *path, const char *body, const char *key, size_t tries,
               int timeout_ms, struct answer *ret)
{
  int64_t end = clock_mono_ms() + PATIENCE_MS;
  int r = 0;
  for (size_t i = 0;; i++) {
    struct http h;
    r = http_open(&h, c->options[OPT_SOCKET]);
    if (r < 0 && i == 0)
      return unreachable(c, r);
    if (r == 0) {
      r = exchange(&h, method, path, body, key, timeout_ms, ret);
      http_close(&h);
    }
    bool unknown = r < 0 || ret->status == 503;
    if (!unknown || i + 1 >= tries || clock_mono_ms() + delays_ms[i] > end)
      break;
    pause_ms(delays_ms[i]);
  }
  return r < 0 ? lost(r, key != NULL) : judge(c, ret);
}

int client_get(struct ctl *c, const char *path, struct answer *ret)
{
  return ask(c, "GET", path, NULL, NULL, 1, ANSWER_MS, ret);
}

static int change_with_key(struct ctl *c, const char *method, const char *path, const char *body, size_t tries,
                           int timeout_ms, struct answer *ret)
{
  char key[44];
  if (random_start() < 0)
    abort(); /* without randomness there is no key */
  random_token(key);
  return ask(c, method, path, body, key, tries, timeout_ms, ret);
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
    r = exchange(&h, "GET", path, NULL, NULL, ANSWER_MS, ret);
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

/* ---- files ---- */

static int file_failed(const char *file)
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

/* The rest of the body; 0, -errno of the connection in *ret_lost, or -errno of the file. */
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

/* Beside `file` first, so that a backup that broke off never stands where a whole one was. */
static int save_file(struct http *h, const char *file)
{
  autobuf struct buf temporary = {0};
  buf_fmt(&temporary, "%s.XXXXXX", file);
  int broken = 0, fd = mkostemp(temporary.data, O_CLOEXEC);
  if (fd < 0)
    return file_failed(file);
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
    return lost(broken, false);
  errno = -r;
  return r < 0 ? file_failed(file) : 0;
}

int client_download(struct ctl *c, const char *path, const char *file)
{
  struct http h;
  autoanswer struct answer refusal = {0};
  int broken = 0, r = http_open(&h, c->options[OPT_SOCKET]);
  if (r < 0)
    return unreachable(c, r);
  r = http_send(&h, "GET", path, "", -1);
  if (r == 0)
    r = http_head(&h, WORK_MS);
  if (r == 0 && h.status != 200) {
    r = read_answer(&h, ANSWER_MS, &refusal);
    r = r < 0 ? lost(r, false) : judge(c, &refusal);
  } else if (r < 0) {
    r = lost(r, false);
  } else if (file) {
    r = save_file(&h, file);
  } else {
    fflush(stdout);
    r = copy_body(&h, STDOUT_FILENO, &broken);
    errno = -r;
    r = broken < 0 ? lost(broken, false) : r < 0 ? file_failed("stdout") : 0;
  }
  http_close(&h);
  return r;
}

static int send_file(struct http *h, int fd, int64_t left)
{
  char piece[16384];
  while (left > 0) {
    ssize_t n = read(fd, piece, (size_t)min((int64_t)sizeof piece, left));
    if (n <= 0)
      return n < 0 ? -errno : -EIO; /* it became shorter */
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
  if (fd < 0 || fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && (errno = EINVAL))) {
    int status = file_failed(file);
    if (fd >= 0)
      close(fd);
    return status;
  }
  int r = http_open(&h, c->options[OPT_SOCKET]);
  if (r < 0) {
    close(fd);
    return unreachable(c, r);
  }
  snprintf(headers, sizeof headers, "Content-Type: %s\r\n", type);
  r = http_send(&h, "POST", path, headers, st.st_size);
  if (r == 0)
    r = send_file(&h, fd, st.st_size);
  if (r == 0 || r == -EPIPE || r == -ECONNRESET) /* it may have refused before it hung up */
    r = http_head(&h, WORK_MS);
  if (r == 0)
    r = read_answer(&h, WORK_MS, ret);
  http_close(&h);
  close(fd);
  return r < 0 ? lost(r, true) : judge(c, ret);
}
