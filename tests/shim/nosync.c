/* nosync.so - LD_PRELOAD: a program that never waits for its disk. Whatever shows that a loss of power loses nothing
 * must find that this one does lose.
 */
#include <unistd.h>

int fsync(int fd)
{
  return 0;
}

int fdatasync(int fd)
{
  return fsync(fd);
}
