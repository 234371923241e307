/* radio.c - a name read from sysfs becomes part of a path or an argument of modprobe, so each is checked first. */
#include "boothd-root/radio.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rfkill.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

static bool is_safe_name(const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:+";
  return *name && *name != '-' && *name != '.' && name[strspn(name, letters)] == '\0';
}

bool radio_configured(const struct root *root)
{
  const char *interface = root->config.wifi_interface;
  autobuf struct buf there = {0}, radio = {0};
  buf_fmt(&there, "%s/class/net/%s", root->sys, interface);
  buf_fmt(&radio, "%s/phy80211", there.data);
  if (!*interface || access(there.data, F_OK) < 0 || access(radio.data, F_OK) == 0)
    return *interface != '\0';
  log_err("config", "key=wifi_interface detail=\"names %s, which is no radio\"", interface);
  return false;
}

/* The last part of a link's target. */
static int link_name(const char *path, char ret[static RADIO_NAME])
{
  char target[LIMIT_PATH];
  ssize_t n = readlink(path, target, sizeof target - 1);
  if (n < 0)
    return -errno;
  target[n] = '\0';
  const char *slash = strrchr(target, '/');
  const char *name = slash ? slash + 1 : target;
  return is_safe_name(name) && util_copy(ret, RADIO_NAME, name) ? 0 : -EINVAL;
}

static int read_sysfs(const struct root *root, struct radio_device *ret)
{
  static const char *const parts[] = {"", "/subsystem", "/driver", "/driver/module"};
  char *const to[] = {ret->device, ret->bus, ret->driver, ret->module};
  for (size_t i = 0; i < array_len(parts); i++) {
    autobuf struct buf path = {0};
    buf_fmt(&path, "%s/class/net/%s/device%s", root->sys, root->config.wifi_interface, parts[i]);
    int r = link_name(path.data, to[i]);
    if (r == -ENOENT && i == array_len(parts) - 1)
      *ret->module = '\0';
    else if (r < 0)
      return r;
  }
  return 0;
}

static int read_remembered(const struct root *root, struct radio_device *ret)
{
  autobuf struct buf path = {0}, text = {0};
  buf_fmt(&path, "%s/radio", root->run);
  if (file_read(path.data, sizeof *ret, &text) < 0 || !text.data)
    return -ENODEV;
  char *rest = text.data;
  char *const to[] = {ret->device, ret->bus, ret->driver, ret->module};
  for (size_t i = 0; i < array_len(to); i++) {
    const char *name = strsep(&rest, "\n");
    if (!name || !(is_safe_name(name) || i == array_len(to) - 1) || !util_copy(to[i], RADIO_NAME, name))
      return -ENODEV;
  }
  return 0;
}

int radio_find(const struct root *root, struct radio_device *ret)
{
  struct radio_device found = {0};
  autobuf struct buf text = {0};
  int r = read_sysfs(root, &found);
  if (r < 0)
    r = read_remembered(root, &found);
  if (r < 0)
    return r;
  buf_fmt(&text, "%s\n%s\n%s\n%s\n", found.device, found.bus, found.driver, found.module);
  *ret = found;
  return root_render(root, "radio", &text);
}

int radio_reload(const struct root *root, const struct radio_device *radio)
{
  if (!*radio->module)
    return -EOPNOTSUPP;
  /* Other modules depend on some drivers (brcmfmac_wcc on brcmfmac): they are unloaded and loaded with it. */
  int out = root_spawn(root, "modprobe", "-r", "--remove-holders", radio->module);
  int in = root_spawn(root, "modprobe", radio->module);
  return out != 0 ? out : in;
}

int radio_rebind(const struct root *root, const struct radio_device *radio)
{
  autobuf struct buf unbind = {0}, bind = {0};
  buf_fmt(&unbind, "%s/bus/%s/drivers/%s/unbind", root->sys, radio->bus, radio->driver);
  buf_fmt(&bind, "%s/bus/%s/drivers/%s/bind", root->sys, radio->bus, radio->driver);
  int out = root_write(root, unbind.data, radio->device); /* -ENODEV: it is bound to no driver */
  int in = root_write(root, bind.data, radio->device);
  return in < 0 && out < 0 ? out : in;
}

void radio_unblock(const struct root *root)
{
  const struct rfkill_event e = {.type = RFKILL_TYPE_WLAN, .op = RFKILL_OP_CHANGE_ALL};
  if (root->dry) {
    puts("rfkill unblock wlan");
    return;
  }
  int fd = open("/dev/rfkill", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return; /* a kernel without rfkill blocks nothing */
  if (write(fd, &e, RFKILL_EVENT_SIZE_V1) < 0)
    log_warn("rfkill", "error=\"%s\"", strerrordesc_np(errno));
  close(fd);
}
