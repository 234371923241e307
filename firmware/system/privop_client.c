/* privop_client.c - a request is written beside its final name and renamed, so that boothd-root reads all of it or
 * nothing. It is not synced: a power cut makes every operation pointless. */
#include "system/privop_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"

static char folder[LIMIT_PATH]; /* "" = unknown */
static bool missing_logged;

void privop_client_start(const char *socket)
{
  const char *slash = strrchr(socket, '/');
  missing_logged = false;
  if ((size_t)snprintf(folder, sizeof folder, "%.*s/privops", slash ? (int)(slash - socket) : 1,
                       slash ? socket : ".") >= sizeof folder)
    *folder = '\0'; /* no valid socket has such a long path */
}

static int write_request(const char *name, const struct buf *argument)
{
  autobuf struct buf path = {0}, temporary = {0};
  if (!*folder)
    return -ENOENT; /* an empty folder would mean the root of the file system */
  buf_fmt(&path, "%s/%s", folder, name);
  buf_fmt(&temporary, "%s/.%s", folder, name);
  int fd = open(temporary.data, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return -errno;
  ssize_t n = argument->len ? write(fd, argument->data, argument->len) : 0;
  int r = n < 0 ? -errno : (size_t)n != argument->len ? -EIO : 0;
  close(fd);
  if (r == 0 && rename(temporary.data, path.data) < 0)
    r = -errno;
  if (r < 0)
    unlink(temporary.data);
  return r;
}

int privop_client_request(enum privop op, int64_t argument)
{
  const struct privop_spec *spec = &privop_specs[op];
  if (argument < spec->low || argument > spec->high)
    return -ERANGE;
  autobuf struct buf text = {0};
  if (spec->argument)
    buf_fmt(&text, "%lld", (long long)argument);
  int r = write_request(spec->name, &text);
  if (r == 0)
    log_info("privop_requested", "privop=%s", spec->name);
  else if (r != -ENOENT || !missing_logged)
    log_warn("privop_failed", "privop=%s error=\"%s\"", spec->name, strerrordesc_np(-r));
  if (r == -ENOENT)
    missing_logged = true;
  return r;
}
