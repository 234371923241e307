/* uplink.c - a netlink socket that listens and never asks. Should it overrun, what was lost may have been a route: that
 * counts as one, so nothing is ever missed.
 */
#include "edge/uplink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

struct uplink {
  int fd;
  sd_event_source *source;
  void (*came)(void *context);
  void *context;
};

static bool is_default_route(const struct nlmsghdr *h)
{
  if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg)))
    return false;
  const struct rtmsg *route = NLMSG_DATA(h);
  return route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST && route->rtm_table == RT_TABLE_MAIN;
}

/* 1 = a way out is among what came, 0 = not, -EAGAIN = that was all. */
static int read_some(int fd)
{
  union {
    struct nlmsghdr header;
    char bytes[16384];
  } buffer;
  ssize_t n = recv(fd, &buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0)
    return errno == ENOBUFS ? 1 : -errno;
  unsigned left = (unsigned)n;
  bool came = false;
  for (const struct nlmsghdr *h = &buffer.header; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
    came |= is_default_route(h);
  return came;
}

static int on_news(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct uplink *u = userdata;
  bool came = false;
  int r;
  (void)source, (void)events;
  while ((r = read_some(fd)) >= 0)
    came |= r;
  if (came)
    u->came(u->context);
  return 0;
}

int uplink_start(struct sd_event *event, void (*came)(void *context), void *context, struct uplink **ret)
{
  const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
  struct uplink *u = xnew(struct uplink);
  *u = (struct uplink){.came = came, .context = context};
  u->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  int r = u->fd < 0 || bind(u->fd, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
  if (r == 0)
    r = sd_event_add_io(event, &u->source, u->fd, EPOLLIN, on_news, u);
  if (r < 0) {
    uplink_free(u);
    return r;
  }
  *ret = u;
  return 0;
}

void uplink_free(struct uplink *u)
{
  if (!u)
    return;
  sd_event_source_disable_unref(u->source);
  if (u->fd >= 0)
    close(u->fd);
  free(u);
}
