/* root.c - everything that changes the machine goes through here, so that --dry-run is decided here alone. */
#include "boothd-root/root.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define NUMBER_BYTES 32

int root_run(const struct root *root, const char *const *argv)
{
  pid_t pid;
  int status;
  if (root->dry) {
    for (; *argv; argv++)
      printf("%s%c", *argv, argv[1] ? ' ' : '\n');
    return 0;
  }
  int error = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ);
  if (error) {
    log_err("not_started", "program=%s error=\"%s\"", argv[0], strerrordesc_np(error));
    return -error;
  }
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return -errno;
  status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (status != 0)
    log_warn("program_failed", "program=%s %s status=%d", argv[0], argv[1] ? argv[1] : "", status);
  return status;
}

int root_write(const struct root *root, const char *path, const char *text)
{
  if (root->dry) {
    printf("%s > %s\n", text, path);
    return 0;
  }
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int r = write(fd, text, strlen(text)) < 0 ? -errno : 0;
  close(fd);
  return r;
}

int root_render(const struct root *root, const char *name, const struct buf *text)
{
  autobuf struct buf path = {0};
  buf_fmt(&path, "%s/%s", root->run, name);
  int r = mkdir(root->run, 0700) < 0 && errno != EEXIST ? -errno : 0;
  if (r == 0)
    r = file_write_atomic(path.data, text->data, text->len, 0600);
  if (r < 0)
    log_err("not_rendered", "file=%s error=\"%s\"", path.data, strerrordesc_np(-r));
  return r;
}

int root_save_number(const struct root *root, const char *name, int64_t value)
{
  autobuf struct buf text = {0};
  buf_fmt(&text, "%lld", (long long)value);
  return root_render(root, name, &text);
}

int64_t root_number(const struct root *root, const char *name)
{
  autobuf struct buf path = {0}, text = {0};
  int64_t value = 0;
  buf_fmt(&path, "%s/%s", root->run, name);
  if (file_read(path.data, NUMBER_BYTES, &text) < 0 || !text.data ||
      util_parse_i64(text.data, 0, INT64_MAX, &value) < 0)
    return 0;
  return value;
}
