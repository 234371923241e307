/* clock_state.c - a file that is there while the kernel says that its clock is synchronised. The system call that asks
 * is the one that sets, so boothd's own system call filter does not let it; this one has neither network nor
 * privileges.
 */
#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "boothd-root/root.h"

#define LOOK_S 5

static int tell(bool synchronised)
{
  if (!synchronised)
    return unlink(CLOCK_STATE_FILE) < 0 && errno != ENOENT ? -errno : 0;
  int fd = open(CLOCK_STATE_FILE, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  return fd < 0 || close(fd) < 0 ? -errno : 0;
}

int root_clock(const struct root *r)
{
  (void)r;
  for (;;) {
    int result = tell(clock_kernel_synchronised());
    if (result < 0) {
      log_err("clock_state_not_written", "file=" CLOCK_STATE_FILE " error=\"%s\"", strerrordesc_np(-result));
      return EX_CANTCREAT;
    }
    nanosleep(&(struct timespec){.tv_sec = LOOK_S}, NULL);
  }
}
