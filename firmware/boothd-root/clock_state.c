/* clock_state.c - keeps a file there while the kernel's clock is synchronised. boothd cannot ask the kernel itself: the
 * system call that reads the state can also set the clock, and boothd's filter forbids it. This command has neither
 * network nor privileges.
 */
#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "boothd-root/root.h"

#define INTERVAL_S 5

static int write_state(bool synchronised)
{
  if (!synchronised)
    return unlink(CLOCK_STATE_FILE) < 0 && errno != ENOENT ? -errno : 0;
  int fd = open(CLOCK_STATE_FILE, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  return fd < 0 || close(fd) < 0 ? -errno : 0;
}

int root_clock(const struct root *root)
{
  for (;;) {
    int r = write_state(clock_kernel_synchronised());
    if (r < 0) {
      log_err("clock_state_not_written", "file=" CLOCK_STATE_FILE " error=\"%s\"", strerrordesc_np(-r));
      return EX_CANTCREAT;
    }
    nanosleep(&(struct timespec){.tv_sec = INTERVAL_S}, NULL);
  }
}
