/* exec.c - a program that hangs must not hang boothctl: it is killed when its time is over. */
#include "boothctl/exec.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its stdout and stderr go into the pipe; stdin is empty, and the environment is fixed. */
static int spawn(const char *const *argv, int to, pid_t *ret)
{
  char *const environment[] = {(char[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, (char[]){"LC_ALL=C.UTF-8"}, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, to, STDERR_FILENO);
  int r = posix_spawn(ret, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  return -r;
}

/* Until the program closes its output. 0, -ETIMEDOUT or -errno. */
static int read_output(int fd, int64_t until_ms, struct buf *ret)
{
  char piece[4096];
  for (;;) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = until_ms - clock_mono_ms();
    int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
    if (ready == 0)
      return -ETIMEDOUT;
    ssize_t n = ready > 0 ? read(fd, piece, sizeof piece) : -1;
    if (n == 0)
      return 0;
    if (n > 0)
      buf_add(ret, piece, min((size_t)n, EXEC_OUTPUT - min(ret->len, (size_t)EXEC_OUTPUT)));
    else if (errno != EINTR)
      return -errno;
  }
}

int exec_run(const char *const *argv, int timeout_ms, struct buf *ret)
{
  int ends[2], status = 0;
  pid_t pid;
  if (pipe2(ends, O_CLOEXEC) < 0)
    return -errno;
  int r = spawn(argv, ends[1], &pid);
  close(ends[1]);
  if (r == 0) {
    r = read_output(ends[0], clock_mono_ms() + timeout_ms, ret);
    if (r < 0)
      kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
      ;
  }
  close(ends[0]);
  if (r < 0)
    return r;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
