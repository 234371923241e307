/* radio.c - every name that is read from a link becomes part of a path or a word for modprobe, so each is looked at
 * first. */
#include "boothd-root/radio.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rfkill.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

static bool plain(const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:+";
  return *name && *name != '-' && *name != '.' && name[strspn(name, letters)] == '\0';
}

bool radio_configured(const struct root *r)
{
  const char *interface = r->config.wifi_interface;
  autobuf struct buf there = {0}, radio = {0};
  buf_fmt(&there, "%s/class/net/%s", r->sys, interface);
  buf_fmt(&radio, "%s/phy80211", there.data);
  if (!*interface || access(there.data, F_OK) < 0 || access(radio.data, F_OK) == 0)
    return *interface != '\0';
  log_err("config", "key=wifi_interface detail=\"names %s, which is no radio\"", interface);
  return false;
}

/* The last part of what a link points to. */
static int link_name(const char *path, char ret[static RADIO_NAME])
{
  char target[LIMIT_PATH];
  ssize_t n = readlink(path, target, sizeof target - 1);
  if (n < 0)
    return -errno;
  target[n] = '\0';
  const char *slash = strrchr(target, '/');
  const char *name = slash ? slash + 1 : target;
  return plain(name) && util_copy(ret, RADIO_NAME, name) ? 0 : -EINVAL;
}

static int look(const struct root *r, struct radio *ret)
{
  static const char *const parts[] = {"", "/subsystem", "/driver", "/driver/module"};
  char *const to[] = {ret->device, ret->bus, ret->driver, ret->module};
  for (size_t i = 0; i < array_len(parts); i++) {
    autobuf struct buf path = {0};
    buf_fmt(&path, "%s/class/net/%s/device%s", r->sys, r->config.wifi_interface, parts[i]);
    int result = link_name(path.data, to[i]);
    if (result == -ENOENT && i == array_len(parts) - 1)
      *ret->module = '\0';
    else if (result < 0)
      return result;
  }
  return 0;
}

static int recall(const struct root *r, struct radio *ret)
{
  autobuf struct buf path = {0}, text = {0};
  buf_fmt(&path, "%s/radio", r->run);
  if (file_read(path.data, sizeof *ret, &text) < 0 || !text.data)
    return -ENODEV;
  char *rest = text.data;
  char *const to[] = {ret->device, ret->bus, ret->driver, ret->module};
  for (size_t i = 0; i < array_len(to); i++) {
    const char *name = strsep(&rest, "\n");
    if (!name || !(plain(name) || i == array_len(to) - 1) || !util_copy(to[i], RADIO_NAME, name))
      return -ENODEV;
  }
  return 0;
}

int radio_find(const struct root *r, struct radio *ret)
{
  struct radio found = {0};
  autobuf struct buf text = {0};
  int result = look(r, &found);
  if (result < 0)
    result = recall(r, &found);
  if (result < 0)
    return result;
  buf_fmt(&text, "%s\n%s\n%s\n%s\n", found.device, found.bus, found.driver, found.module);
  *ret = found;
  return root_render(r, "radio", &text);
}

int radio_reload(const struct root *r, const struct radio *radio)
{
  if (!*radio->module)
    return -EOPNOTSUPP;
  /* Other modules hang on some drivers (brcmfmac_wcc on brcmfmac): they go, too, and come back with it. */
  int out = root_spawn(r, "modprobe", "-r", "--remove-holders", radio->module);
  int in = root_spawn(r, "modprobe", radio->module);
  return out != 0 ? out : in;
}

int radio_rebind(const struct root *r, const struct radio *radio)
{
  autobuf struct buf unbind = {0}, bind = {0};
  buf_fmt(&unbind, "%s/bus/%s/drivers/%s/unbind", r->sys, radio->bus, radio->driver);
  buf_fmt(&bind, "%s/bus/%s/drivers/%s/bind", r->sys, radio->bus, radio->driver);
  int out = root_write(r, unbind.data, radio->device); /* -ENODEV: it hangs on no driver as it is */
  int in = root_write(r, bind.data, radio->device);
  return in < 0 && out < 0 ? out : in;
}

void radio_unblock(const struct root *r)
{
  const struct rfkill_event e = {.type = RFKILL_TYPE_WLAN, .op = RFKILL_OP_CHANGE_ALL};
  if (r->dry) {
    puts("rfkill unblock wlan");
    return;
  }
  int fd = open("/dev/rfkill", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return; /* a kernel without it blocks nothing */
  if (write(fd, &e, RFKILL_EVENT_SIZE_V1) < 0)
    log_warn("rfkill", "error=\"%s\"", strerrordesc_np(errno));
  close(fd);
}
