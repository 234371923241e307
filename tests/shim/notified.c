/* notified.so - LD_PRELOAD: a service manager that writes down what it is told.
 *
 * NOTIFIED is the file: a line "MS TEXT" for each datagram that comes to NOTIFY_SOCKET, MS by CLOCK_BOOTTIME. It ends
 * with the process that it listens to.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void write_down(int fd)
{
  FILE *log = fopen(getenv("NOTIFIED"), "ae");
  char text[512];
  ssize_t n;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (log && (n = recv(fd, text, sizeof text - 1, 0)) >= 0) {
    struct timespec t;
    syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &t);
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    fprintf(log, "%lld %s\n", (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000, text);
    fflush(log);
  }
  _exit(0);
}

__attribute__((constructor)) static void listen_in(void)
{
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  socklen_t length = sizeof name.sun_family; /* the kernel finds an abstract one */
  int fd = getenv("NOTIFIED") ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
  if (fd < 0 || bind(fd, (struct sockaddr *)&name, length) < 0)
    return;
  length = sizeof name;
  getsockname(fd, (struct sockaddr *)&name, &length);
  name.sun_path[0] = '@';
  name.sun_path[length - sizeof name.sun_family] = '\0';
  setenv("NOTIFY_SOCKET", name.sun_path, 1);
  if (fork() == 0)
    write_down(fd);
  close(fd);
}
