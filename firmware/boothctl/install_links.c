/* install_links.c - links and not copies, so that an upgrade of the package changes them, too. */
#include "boothctl/install_links.h"

#include "base/file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
  const char *link;
  const char *to;
  bool without_wifi; /* only for a booth without a Wi-Fi of its own */
} links[] = {
    {"/etc/systemd/journald.conf.d/boothd.conf", "/usr/lib/boothd/journald.conf", false},
    {"/etc/systemd/system.conf.d/boothd.conf", "/usr/lib/boothd/watchdog.conf", false},
    {"/etc/systemd/system/boothd.socket.d/no-wifi.conf", "/usr/lib/boothd/no-wifi.conf", true},
};

static int add_link(const char *link, const char *to)
{
  mode_t mask = umask(0022);
  int r = file_make_folders_of(link);
  if (r == 0 && symlink(to, link) < 0 && errno != EEXIST)
    r = -errno;
  umask(mask);
  return r;
}

static int remove_link(const char *link, const char *to)
{
  char target[64] = "";
  ssize_t n = readlink(link, target, sizeof target - 1);
  return n < 0 || strcmp(target, to) != 0 || unlink(link) == 0 ? 0 : -errno;
}

int install_links(const struct ctl *c, bool wifi)
{
  for (size_t i = 0; i < array_len(links); i++) {
    autofree char *link = ctl_path(c, links[i].link);
    int r = (wifi && links[i].without_wifi ? remove_link : add_link)(link, links[i].to);
    if (r < 0) {
      ctl_print_error("%s: %s", link, strerrordesc_np(-r));
      return CTL_REFUSED;
    }
  }
  return 0;
}
