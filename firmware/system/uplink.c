/* uplink.c - one netlink socket receives events, another dumps the whole state.
 *
 * The state that is shown comes from whole dumps alone and never from single events. A socket that overruns loses
 * events without saying which; an overrun counts as an event, so the state is wrong only until the next dump ends.
 * While events keep coming, the pauses between dumps grow with what a dump costs, and a dump is read in portions, one
 * in each iteration of the loop.
 *
 * Links, addresses and routes are dumped one after the other on a socket that receives no events. A dump that the
 * kernel marks as interrupted is repeated; after a few it is used as it is, and repeated later.
 */
#include "system/uplink.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/prometheus.h"

#define READS          16 /* messages of the kernel, of one to four pages, in one iteration of the loop */
#define MIN_PAUSE_MS   50 /* from an event to a dump: events come in bursts */
#define PAUSE_FACTOR   8  /* times what the last dump took */
#define MAX_PAUSE_MS   5000
#define TIMEOUT_MS     5000 /* of a whole dump; then the socket is reopened */
#define MAX_INTERRUPTS 3    /* in a row */

enum dump_part { PART_LINKS, PART_ADDRESSES, PART_ROUTES, PARTS };

struct link {
  int index;
  char name[IF_NAMESIZE];
  const char *kind;
  bool carrier;
  bool is_default;
  int addresses;
};

/* The links and routes of one dump. */
struct link_state {
  struct link links[LIMIT_LINKS];
  size_t n_links; /* at most LIMIT_LINKS are kept */
  int out;        /* index of the link of the best default route; 0 = none */
  uint32_t metric;
  char out_name[IF_NAMESIZE];
  int own; /* index of the booth's own interface */
};

struct uplink {
  struct uplink_options o;
  sd_event_source *timer;

  struct nl_sock *events;
  sd_event_source *events_source;
  bool notified; /* on_route() was called since the last dump ended */

  struct nl_sock *dump; /* NULL = to be opened */
  sd_event_source *dump_source;
  bool dumping;
  bool interrupted;
  bool dirty; /* events since the dump began */
  int interrupts;
  enum dump_part part;
  unsigned sequence;
  int64_t began;           /* mono_ms of the dump */
  int64_t took;            /* ms of the last whole one */
  struct link_state next;  /* the dump's, so far */
  struct link_state shown; /* of the last whole one */
  bool known;              /* shown is what the kernel reported last */
  int64_t since;           /* mono_ms of the last change of shown.out */

  uint64_t dumps;
  uint64_t overruns;
  uint64_t changes;
};

static int as_errno(int nle)
{
  return nle == -NLE_NOMEM ? -ENOBUFS : nle == -NLE_AGAIN ? -EAGAIN : -EIO;
}

/* --- one entry of a dump --- */

static bool has_sysfs_entry(const char *name, const char *what)
{
  char path[96];
  snprintf(path, sizeof path, "/sys/class/net/%s/%s", name, what);
  return access(path, F_OK) == 0;
}

static bool is_on_usb(const char *name)
{
  char path[96], to[128];
  snprintf(path, sizeof path, "/sys/class/net/%s/device/subsystem", name);
  ssize_t n = readlink(path, to, sizeof to - 1);
  to[max(n, 0)] = '\0';
  const char *last = strrchr(to, '/');
  return last && strcmp(last, "/usb") == 0;
}

static const char *link_kind(struct rtnl_link *l, const char *name)
{
  unsigned hardware = rtnl_link_get_arptype(l);
  const char *made = rtnl_link_get_type(l);
  if (has_sysfs_entry(name, "phy80211"))
    return "wifi";
  if (strncmp(name, "ww", 2) == 0 || hardware == ARPHRD_PPP)
    return "modem";
  if (hardware != ARPHRD_ETHER || (made && strcmp(made, "veth") != 0))
    return "other";
  return is_on_usb(name) ? "usb" : "ethernet";
}

static struct link *find_link(struct link_state *p, int index)
{
  for (size_t i = 0; i < p->n_links; i++)
    if (p->links[i].index == index)
      return &p->links[i];
  return NULL;
}

static void add_link(struct nl_object *object, struct uplink *u)
{
  struct rtnl_link *l = (struct rtnl_link *)object;
  const char *name = rtnl_link_get_name(l);
  if (!name || rtnl_link_get_flags(l) & IFF_LOOPBACK)
    return;
  int index = rtnl_link_get_ifindex(l);
  struct link_state *p = &u->next;
  if (strcmp(name, u->o.own) == 0) {
    p->own = index;
  } else if (p->n_links < LIMIT_LINKS) {
    struct link *to = &p->links[p->n_links++];
    const struct link *before = find_link(&u->shown, index);
    *to = (struct link){.index = index, .carrier = rtnl_link_get_flags(l) & IFF_RUNNING};
    util_copy(to->name, sizeof to->name, name);
    to->kind = before && strcmp(before->name, name) == 0 ? before->kind : link_kind(l, name);
  }
}

static void add_address(struct nl_object *object, struct uplink *u)
{
  struct rtnl_addr *a = (struct rtnl_addr *)object;
  struct link *l = find_link(&u->next, rtnl_addr_get_ifindex(a));
  if (l && rtnl_addr_get_scope(a) == RT_SCOPE_UNIVERSE)
    l->addresses++;
}

static void add_nexthop(struct rtnl_nexthop *hop, uint32_t metric, struct uplink *u)
{
  int index = rtnl_route_nh_get_ifindex(hop);
  struct link_state *p = &u->next;
  if (index == 0 || index == p->own || rtnl_route_nh_get_flags(hop) & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
    return;
  struct link *l = find_link(p, index);
  if (l)
    l->is_default = true;
  if (!p->out || metric < p->metric) {
    p->out = index;
    p->metric = metric;
  }
}

static void add_route(struct nl_object *object, struct uplink *u)
{
  struct rtnl_route *r = (struct rtnl_route *)object;
  for (int i = 0; i < rtnl_route_get_nnexthops(r); i++)
    add_nexthop(rtnl_route_nexthop_n(r, i), rtnl_route_get_priority(r), u);
}

/* Reads the raw message, which is cheap even for a long table. */
static bool is_default_route(const struct nlmsghdr *h)
{
  if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg)))
    return false;
  const struct rtmsg *route = NLMSG_DATA(h);
  return route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST && route->rtm_table == RT_TABLE_MAIN;
}

static const struct {
  int request;
  int entry;
  void (*add)(struct nl_object *object, struct uplink *u);
} parts[PARTS] = {
    [PART_LINKS] = {RTM_GETLINK, RTM_NEWLINK, add_link},
    [PART_ADDRESSES] = {RTM_GETADDR, RTM_NEWADDR, add_address},
    [PART_ROUTES] = {RTM_GETROUTE, RTM_NEWROUTE, add_route},
};

static void on_object(struct nl_object *object, void *context)
{
  struct uplink *u = context;
  parts[u->part].add(object, u);
}

static void add_entry(struct uplink *u, struct nlmsghdr *h)
{
  if (h->nlmsg_type != parts[u->part].entry || (u->part == PART_ROUTES && !is_default_route(h)))
    return;
  struct nl_msg *m = nlmsg_convert(h);
  if (m)
    nlmsg_set_proto(m, NETLINK_ROUTE);
  int r = m ? nl_msg_parse(m, on_object, u) : -NLE_NOMEM;
  if (r < 0)
    log_warn("uplink_unparsed", "type=%u error=\"%s\"", h->nlmsg_type, nl_geterror(r));
  nlmsg_free(m);
}

/* --- a dump --- */

static void schedule_timer(struct uplink *u, int64_t in_ms)
{
  int r = sd_event_source_set_time_relative(u->timer, (uint64_t)in_ms * 1000);
  if (r >= 0)
    r = sd_event_source_set_enabled(u->timer, SD_EVENT_ONESHOT);
  if (r < 0)
    log_err("timer_failed", "error=%d", -r);
}

static void dump_later(struct uplink *u)
{
  u->dirty = true;
  if (!u->dumping)
    schedule_timer(u, min(max(u->took * PAUSE_FACTOR, MIN_PAUSE_MS), MAX_PAUSE_MS));
}

static void close_dump(struct uplink *u)
{
  u->dump_source = sd_event_source_disable_unref(u->dump_source);
  nl_socket_free(take(u->dump));
  u->dumping = false;
}

static int request_part(struct uplink *u)
{
  struct nl_msg *m = nlmsg_alloc_simple(parts[u->part].request, NLM_F_DUMP);
  struct rtgenmsg any = {.rtgen_family = AF_UNSPEC};
  int r = m ? nlmsg_append(m, &any, sizeof any, NLMSG_ALIGNTO) : -NLE_NOMEM;
  if (r >= 0)
    r = nl_send_auto(u->dump, m);
  if (r >= 0)
    u->sequence = nlmsg_hdr(m)->nlmsg_seq;
  nlmsg_free(m);
  return r < 0 ? as_errno(r) : 0;
}

static void on_dump_failed(struct uplink *u, int r)
{
  log_warn("uplink_dump_failed", "error=\"%s\"", strerrordesc_np(-r));
  close_dump(u);
  u->known = false;
  u->dirty = true;
  schedule_timer(u, MAX_PAUSE_MS);
}

static const char *link_name(const struct link_state *p, int index, char to[static IF_NAMESIZE])
{
  for (size_t i = 0; i < p->n_links; i++)
    if (p->links[i].index == index)
      return p->links[i].name;
  return if_indextoname((unsigned)index, to) ? to : "?";
}

static void show_next(struct uplink *u)
{
  struct link_state *p = &u->next;
  char name[IF_NAMESIZE];
  if (p->out)
    util_copy(p->out_name, sizeof p->out_name, link_name(p, p->out, name));
  if (!u->known || p->out != u->shown.out) {
    u->since = clock_mono_ms();
    u->changes += u->known;
    log_info("uplink", "online=%d interface=%s", p->out != 0, p->out ? p->out_name : "-");
  }
  /* a cable that is plugged in again brings no new route */
  bool missed = u->known && p->out && p->out != u->shown.out && !u->notified;
  u->shown = *p;
  u->known = true;
  u->notified = false;
  if (missed)
    u->o.on_route(u->o.context);
}

static void on_part_end(struct uplink *u)
{
  if (u->interrupted && u->interrupts < MAX_INTERRUPTS) {
    u->interrupts++;
    u->dumping = false;
    dump_later(u);
    return;
  }
  if (++u->part < PARTS) {
    int r = request_part(u);
    if (r < 0)
      on_dump_failed(u, r);
    return;
  }
  u->dumping = false;
  u->dumps++;
  u->took = clock_mono_ms() - u->began;
  show_next(u);
  if (u->interrupted)
    u->dirty = true;
  else
    u->interrupts = 0;
  if (u->dirty)
    dump_later(u);
  else if (sd_event_source_set_enabled(u->timer, SD_EVENT_OFF) < 0)
    log_err("timer_failed", "error=%d", EIO);
}

/* 0, or what ended the dump. */
static int read_part(struct uplink *u, unsigned char *bytes, int n)
{
  for (struct nlmsghdr *h = (struct nlmsghdr *)bytes; nlmsg_ok(h, n); h = nlmsg_next(h, &n)) {
    if (h->nlmsg_seq != u->sequence)
      continue; /* of a dump that was abandoned */
    u->interrupted |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_OVERRUN)
      return -EIO;
    if (h->nlmsg_type == NLMSG_DONE) {
      on_part_end(u);
      return 0;
    }
    add_entry(u, h);
  }
  return 0;
}

/* 1 = there may be more, 0 = there is no more now. */
static int read_some(struct uplink *u)
{
  struct sockaddr_nl from;
  autofree unsigned char *bytes = NULL;
  int n = nl_recv(u->dump, &from, &bytes, NULL);
  if (n <= 0)
    return n == 0 || n == -NLE_AGAIN ? 0 : as_errno(n);
  int r = read_part(u, bytes, n);
  return r < 0 ? r : 1;
}

static int on_dump(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct uplink *u = userdata;
  int r = 1;
  for (int i = 0; i < READS && u->dump && r > 0; i++)
    r = read_some(u);
  if (r < 0)
    on_dump_failed(u, r);
  return 0;
}

static int connect_socket(struct nl_sock *sock)
{
  if (!sock)
    return as_errno(-NLE_NOMEM);
  int r = nl_connect(sock, NETLINK_ROUTE);
  if (r < 0)
    return as_errno(r);
  r = nl_socket_set_nonblocking(sock);
  return r < 0 ? as_errno(r) : 0;
}

static int open_socket(struct uplink *u, sd_event_io_handler_t handler, struct nl_sock **ret,
                       sd_event_source **ret_source)
{
  struct nl_sock *sock = nl_socket_alloc();
  int r = connect_socket(sock);
  if (r == 0)
    r = sd_event_add_io(u->o.event, ret_source, nl_socket_get_fd(sock), EPOLLIN, handler, u);
  if (r < 0) {
    nl_socket_free(sock);
    return r;
  }
  *ret = sock;
  return 0;
}

static int begin_dump(struct uplink *u)
{
  int r = u->dump ? 0 : open_socket(u, on_dump, &u->dump, &u->dump_source);
  if (r < 0)
    return r;
  u->next = (struct link_state){0};
  u->dirty = u->interrupted = false;
  u->dumping = true;
  u->began = clock_mono_ms();
  u->part = PART_LINKS;
  schedule_timer(u, TIMEOUT_MS);
  return request_part(u);
}

static int on_timer(sd_event_source *source, uint64_t now, void *userdata)
{
  struct uplink *u = userdata;
  int r = u->dumping ? -ETIMEDOUT : begin_dump(u);
  if (r < 0)
    on_dump_failed(u, r);
  return 0;
}

/* --- events --- */

/* 1 = events, 2 = with a new default route, -EAGAIN = there are no more. */
static int read_events(struct uplink *u, int fd)
{
  union {
    struct nlmsghdr header;
    char bytes[16384];
  } buffer;
  ssize_t n = recv(fd, &buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0 && errno == ENOBUFS) {
    u->overruns++;
    return 2;
  }
  if (n < 0)
    return -errno;
  int left = (int)n;
  bool route = false;
  for (struct nlmsghdr *h = &buffer.header; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
    route |= is_default_route(h);
  return 1 + route;
}

static int on_events(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct uplink *u = userdata;
  bool route = false, any = false;
  for (int i = 0; i < READS; i++) {
    int r = read_events(u, fd);
    if (r <= 0)
      break;
    any = true;
    route |= r == 2;
  }
  if (any && !u->dirty)
    dump_later(u);
  if (route) {
    u->notified = true;
    u->o.on_route(u->o.context);
  }
  return 0;
}

static int subscribe_events(struct uplink *u)
{
  static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
                               RTNLGRP_IPV6_ROUTE};
  int r = open_socket(u, on_events, &u->events, &u->events_source);
  for (size_t i = 0; r == 0 && i < array_len(groups); i++) {
    r = nl_socket_add_membership(u->events, groups[i]);
    r = r < 0 ? as_errno(r) : 0;
  }
  return r;
}

/* --- start and stop --- */

int uplink_start(const struct uplink_options *o, struct uplink **ret)
{
  struct uplink *u = xnew(struct uplink);
  u->o = *o;
  int r = sd_event_add_time_relative(o->event, &u->timer, CLOCK_BOOTTIME, 0, 1, on_timer, u);
  if (r >= 0)
    r = subscribe_events(u); /* before the first dump, so that no event is lost in between */
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
  close_dump(u);
  sd_event_source_disable_unref(u->events_source);
  sd_event_source_disable_unref(u->timer);
  nl_socket_free(u->events);
  free(u);
}

/* --- JSON, metrics --- */

static void link_json(struct buf *b, const struct link *l)
{
  json_open(b, NULL, '{');
  json_str(b, "name", l->name);
  json_str(b, "kind", l->kind);
  json_bool(b, "carrier", l->carrier);
  json_int(b, "addresses", l->addresses);
  json_bool(b, "default", l->is_default);
  json_close(b, '}');
}

void uplink_json(struct buf *b, const char *key, const struct uplink *u)
{
  if (!u || !u->known) {
    json_null(b, key);
    return;
  }
  const struct link_state *p = &u->shown;
  json_open(b, key, '{');
  json_bool(b, "online", p->out != 0);
  json_str(b, "interface", p->out ? p->out_name : NULL);
  json_time(b, "since", clock_wall_ms() - (clock_mono_ms() - u->since));
  json_open(b, "links", '[');
  for (size_t i = 0; i < p->n_links; i++)
    link_json(b, &p->links[i]);
  json_close(b, ']');
  json_close(b, '}');
}

void uplink_metrics(struct buf *b, const struct uplink *u)
{
  if (!u)
    return;
  prometheus_metric(b, "boothd_uplink_online", "gauge", "1 if there is a default route.",
                    u->known && u->shown.out != 0);
  prometheus_metric(b, "boothd_uplink_changes_total", "counter", "Changes of the interface that leads out.",
                    (double)u->changes);
  prometheus_metric(b, "boothd_uplink_answers_total", "counter", "Times that all links and routes were read.",
                    (double)u->dumps);
  prometheus_metric(b, "boothd_uplink_overruns_total", "counter", "Times that news of links and routes were lost.",
                    (double)u->overruns);
}
