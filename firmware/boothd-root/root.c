/* root.c - the few ways in which boothd-root touches the machine, in one place, so that --dry-run is one place, too. */
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

#define NOTE 32 /* bytes of a note */

static void say(const char *const *argv)
{
  for (; *argv; argv++)
    printf("%s%c", *argv, argv[1] ? ' ' : '\n');
}

int root_run(const struct root *r, const char *const *argv)
{
  pid_t pid;
  int status;
  if (r->dry) {
    say(argv);
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

int root_write(const struct root *r, const char *path, const char *text)
{
  if (r->dry) {
    printf("%s > %s\n", text, path);
    return 0;
  }
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int result = write(fd, text, strlen(text)) < 0 ? -errno : 0;
  close(fd);
  return result;
}

int root_render(const struct root *r, const char *name, const struct buf *text)
{
  autobuf struct buf path = {0};
  buf_fmt(&path, "%s/%s", r->run, name);
  int result = mkdir(r->run, 0700) < 0 && errno != EEXIST ? -errno : 0;
  if (result == 0)
    result = file_write_atomic(path.data, text->data, text->len, 0600);
  if (result < 0)
    log_err("not_rendered", "file=%s error=\"%s\"", path.data, strerrordesc_np(-result));
  return result;
}

int root_save_number(const struct root *r, const char *name, int64_t value)
{
  autobuf struct buf text = {0};
  buf_fmt(&text, "%lld", (long long)value);
  return root_render(r, name, &text);
}

int64_t root_number(const struct root *r, const char *name)
{
  autobuf struct buf path = {0}, text = {0};
  int64_t value = 0;
  buf_fmt(&path, "%s/%s", r->run, name);
  if (file_read(path.data, NOTE, &text) < 0 || !text.data || util_parse_i64(text.data, 0, INT64_MAX, &value) < 0)
    return 0;
  return value;
}
