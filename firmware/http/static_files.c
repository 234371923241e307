/* static_files.c - the web app is a few dozen kilobytes. It is read once and answered from memory by exact name, so
 * that the path of a request never reaches the file system.
 */
#include "http/static_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "http/response.h"

#define PAGE_HEADERS                                                                                                   \
  "Cache-Control: no-cache\r\n"                                                                                        \
  "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "           \
  "connect-src 'self'; media-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "                   \
  "frame-ancestors 'none'\r\nX-Frame-Options: DENY\r\n"
#define HASHED_HEADERS "Cache-Control: public, max-age=31536000, immutable\r\n"
#define OTHER_HEADERS  "Cache-Control: no-cache\r\n"

static const struct {
  const char *extension;
  const char *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".webmanifest", "application/manifest+json"},
};

/* In order of preference. */
static const struct {
  const char *coding;
  const char *suffix;
  const char *header;
} codings[] = {
    {"br", ".br", "Content-Encoding: br\r\n"},
    {"gzip", ".gz", "Content-Encoding: gzip\r\n"},
    {NULL, "", ""},
};

struct static_file {
  char *path;
  struct http_shared *encoded[array_len(codings)]; /* NULL = no such file */
};

struct static_files {
  struct static_file all[LIMIT_STATIC_FILES];
  size_t n;
};

static const char *media_type(const char *name)
{
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot && i < array_len(types); i++)
    if (strcmp(dot, types[i].extension) == 0)
      return types[i].type;
  return NULL;
}

static bool ends_in(const char *s, const char *end)
{
  size_t n = strlen(s);
  size_t m = strlen(end);
  return n >= m && strcmp(s + n - m, end) == 0;
}

/* "staff-3f2a9c0d.js": its content never changes. */
static bool is_hashed(const char *name)
{
  const char *dash = strrchr(name, '-');
  size_t n = dash ? strspn(dash + 1, "0123456789abcdef") : 0;
  return n >= 6 && dash[1 + n] == '.';
}

static const char *headers_of(const char *name)
{
  return ends_in(name, ".html") ? PAGE_HEADERS : is_hashed(name) ? HASHED_HEADERS : OTHER_HEADERS;
}

/* "/" is index.html, "/board" is board.html, everything else goes by its name. */
static char *url_path(const char *name)
{
  struct buf b = {0};
  size_t n = strlen(name) - (ends_in(name, ".html") ? strlen(".html") : 0);
  buf_str(&b, "/");
  if (strcmp(name, "index.html") != 0)
    buf_add(&b, name, n);
  return buf_take(&b);
}

static int read_whole(int folder, const char *name, struct buf *to)
{
  struct stat st;
  int r = 0;
  int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return -errno;
  if (fstat(fd, &st) < 0)
    r = -errno;
  else if (!S_ISREG(st.st_mode) || st.st_size > LIMIT_STATIC_SIZE)
    r = -EFBIG;
  else
    buf_reserve(to, (size_t)st.st_size);
  while (r == 0 && to->len < (size_t)st.st_size) {
    ssize_t n = read(fd, to->data + to->len, (size_t)st.st_size - to->len);
    if (n > 0)
      to->len += (size_t)n;
    else if (n == 0 || errno != EINTR)
      r = n == 0 ? -EIO : -errno;
  }
  close(fd);
  return r;
}

static struct http_shared *make_response(const char *name, size_t coding, struct buf *take_content)
{
  static const uint8_t key[HASH_KEY];
  uint8_t hash[16];
  char hex[33], etag[48];
  hash_keyed(hash, sizeof hash, key, take_content->data, take_content->len);
  util_hex(hex, hash, sizeof hash);
  snprintf(etag, sizeof etag, "\"%s%s\"", hex, codings[coding].suffix);
  autobuf struct buf headers = {0};
  buf_fmt(&headers, "%s%sVary: Accept-Encoding\r\n", headers_of(name), codings[coding].header);
  return http_shared_new(media_type(name), etag, headers.data, take_content);
}

static int load_file(int folder, const char *name, struct static_file *to)
{
  for (size_t i = 0; i < array_len(codings); i++) {
    autobuf struct buf content = {0};
    char encoded[NAME_MAX + 4];
    snprintf(encoded, sizeof encoded, "%s%s", name, codings[i].suffix);
    int r = read_whole(folder, encoded, &content);
    if (r == -ENOENT && codings[i].coding)
      continue;
    if (r < 0)
      return r;
    to->encoded[i] = make_response(name, i, &content);
  }
  to->path = url_path(name);
  return 0;
}

static const struct static_file *find_file(const struct static_files *f, const char *path)
{
  for (size_t i = 0; i < f->n; i++)
    if (strcmp(f->all[i].path, path) == 0)
      return &f->all[i];
  return NULL;
}

int static_files_load(const char *web_dir, struct static_files **ret)
{
  DIR *folder = opendir(web_dir);
  if (!folder)
    return -errno;
  struct static_files *f = xnew(struct static_files);
  int r = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): readdir is safe on a stream of its own
  for (struct dirent *e; r == 0 && (e = readdir(folder));) {
    if (e->d_name[0] == '.' || !media_type(e->d_name))
      continue;
    r = f->n < LIMIT_STATIC_FILES ? load_file(dirfd(folder), e->d_name, &f->all[f->n]) : -E2BIG;
    f->n += r != -E2BIG; /* one that failed half-way is freed, too */
    if (r < 0)
      log_err("web_file_failed", "name=%s error=%s", e->d_name, strerrordesc_np(-r));
  }
  closedir(folder);
  if (r == 0 && !find_file(f, "/"))
    r = -ENOENT;
  if (r < 0) {
    static_files_free(f);
    return r;
  }
  *ret = f;
  return 0;
}

void static_files_free(struct static_files *f)
{
  if (!f)
    return;
  for (size_t i = 0; i < f->n; i++) {
    for (size_t k = 0; k < array_len(codings); k++)
      http_shared_unref(f->all[i].encoded[k]);
    free(f->all[i].path);
  }
  free(f);
}

/* Whether Accept-Encoding lists this coding, with a weight above 0. */
static bool accepts(const char *list, const char *coding)
{
  size_t n = strlen(coding);
  for (const char *p = list; p && *p;) {
    p += strspn(p, ", \t");
    size_t length = strcspn(p, ",");
    if (strncasecmp(p, coding, n) == 0 && strchr(";, \t", p[n])) {
      const char *q = strcasestr(p, "q=");
      if (!q || q > p + length)
        return true;
      q += 2;
      return q[strspn(q, "0.")] >= '1' && q[strspn(q, "0.")] <= '9';
    }
    p += length;
  }
  return false;
}

void static_files_reply(const struct static_files *f, struct http_request *r)
{
  const struct static_file *file = find_file(f, http_path(r));
  if (!file) {
    http_refuse(r, HTTP_NOT_FOUND, NULL, NULL);
    return;
  }
  const char *accept = http_header(r, "Accept-Encoding");
  for (size_t i = 0; i < array_len(codings); i++)
    if (file->encoded[i] && (!codings[i].coding || (accept && accepts(accept, codings[i].coding)))) {
      http_reply_shared(r, file->encoded[i]);
      return;
    }
}
