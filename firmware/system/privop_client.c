/* privop_client.c - written beside its name and renamed, so that who looks sees all of it or nothing. Nothing is
 * synced: an privop that a power cut takes away has done its work. */
#include "system/privop_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"

static char folder[LIMIT_PATH];
static bool missed; /* that nobody is there was logged */

void privop_client_start(const char *socket)
{
  const char *slash = strrchr(socket, '/');
  missed = false;
  if ((size_t)snprintf(folder, sizeof folder, "%.*s/privops", slash ? (int)(slash - socket) : 1,
                       slash ? socket : ".") >= sizeof folder)
    *folder = '\0'; /* no socket has so long a path */
}

static int put(const char *name, const struct buf *argument)
{
  autobuf struct buf path = {0}, beside = {0};
  if (!*folder)
    return -ENOENT; /* or it would lie in the root of the file system */
  buf_fmt(&path, "%s/%s", folder, name);
  buf_fmt(&beside, "%s/.%s", folder, name);
  int fd = open(beside.data, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return -errno;
  ssize_t n = argument->len ? write(fd, argument->data, argument->len) : 0;
  int r = n < 0 ? -errno : (size_t)n != argument->len ? -EIO : 0;
  close(fd);
  if (r == 0 && rename(beside.data, path.data) < 0)
    r = -errno;
  if (r < 0)
    unlink(beside.data);
  return r;
}

int privop_client_request(enum privop e, int64_t argument)
{
  const struct privop_spec *spec = &privop_specs[e];
  if (argument < spec->low || argument > spec->high)
    return -ERANGE;
  autobuf struct buf text = {0};
  if (spec->argument)
    buf_fmt(&text, "%lld", (long long)argument);
  int r = put(spec->name, &text);
  if (r == 0)
    log_info("privop_requested", "privop=%s", spec->name);
  else if (r != -ENOENT || !missed)
    log_warn("privop_failed", "privop=%s error=\"%s\"", spec->name, strerrordesc_np(-r));
  missed = missed || r == -ENOENT;
  return r;
}
