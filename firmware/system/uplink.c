/* uplink.c - one netlink socket hears that something changed, another asks for everything there is.
 *
 * What is shown comes from whole answers alone and never from the single messages, so nothing that was lost on the way
 * (a socket that overruns loses messages and then goes on as if nothing had happened) can leave a picture that is wrong
 * for longer than the next answer takes: an overrun is news like any other. While news do not cease the pauses between
 * questions grow with what an answer costs, and an answer is read in portions, a turn of the loop each.
 *
 * Links, addresses and routes are asked for one after the other on a socket that hears no news. An answer that the
 * kernel marks as interrupted is asked for again; after a few it is taken as it is, and asked for again later.
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

#define TURN_PARTS    16   /* messages of the kernel, each a page or four of entries, in a turn of the loop */
#define PAUSE_MS      50   /* at least, from news to a question: news come in flocks */
#define PAUSE_TIMES   8    /* of what the last answer took */
#define PAUSE_MOST_MS 5000 /* at most */
#define PATIENCE_MS   5000 /* for a whole answer; then the socket is opened anew */
#define INTERRUPTS    3    /* in a row */

enum part { PART_LINKS, PART_ADDRESSES, PART_ROUTES, PARTS };

struct link {
  int index;
  char name[IF_NAMESIZE];
  const char *kind;
  bool carrier, is_default;
  int addresses;
};

/* What one round of answers says. */
struct picture {
  struct link links[LIMIT_LINKS];
  size_t n_links; /* there may be more */
  int out;        /* index of the link of the best default route; 0 = none */
  uint32_t metric;
  char out_name[IF_NAMESIZE];
  int own; /* index of the booth's own interface */
};

struct uplink {
  struct uplink_options o;
  struct nl_sock *news, *ask; /* ask: NULL = to be opened */
  sd_event_source *news_source, *ask_source, *timer;
  struct picture shown, drawn; /* drawn: as far as the answers have come */
  bool known;                  /* shown is what the kernel said last */
  int64_t since;               /* mono_ms that `out` is as it is */
  bool dirty;                  /* news since the question */
  bool told;                   /* came() was called since a picture was shown */
  bool asking, interrupted;
  enum part part;
  unsigned sequence;
  int interrupts;
  int64_t asked, took; /* mono_ms of the question; ms of the last whole answer */
  uint64_t answers, overruns, changes;
};

static int as_errno(int nle)
{
  return nle == -NLE_NOMEM ? -ENOBUFS : nle == -NLE_AGAIN ? -EAGAIN : -EIO;
}

/* --- one entry of an answer --- */

static bool in_sysfs(const char *name, const char *what)
{
  char path[96];
  snprintf(path, sizeof path, "/sys/class/net/%s/%s", name, what);
  return access(path, F_OK) == 0;
}

static bool on_usb(const char *name)
{
  char path[96], to[128];
  snprintf(path, sizeof path, "/sys/class/net/%s/device/subsystem", name);
  ssize_t n = readlink(path, to, sizeof to - 1);
  to[max(n, 0)] = '\0';
  const char *last = strrchr(to, '/');
  return last && strcmp(last, "/usb") == 0;
}

static const char *kind_of(struct rtnl_link *l, const char *name)
{
  unsigned hardware = rtnl_link_get_arptype(l);
  const char *made = rtnl_link_get_type(l);
  if (in_sysfs(name, "phy80211"))
    return "wifi";
  if (strncmp(name, "ww", 2) == 0 || hardware == ARPHRD_PPP)
    return "modem";
  if (hardware != ARPHRD_ETHER || (made && strcmp(made, "veth") != 0))
    return "other";
  return on_usb(name) ? "usb" : "ethernet";
}

static struct link *find(struct picture *p, int index)
{
  for (size_t i = 0; i < p->n_links; i++)
    if (p->links[i].index == index)
      return &p->links[i];
  return NULL;
}

static void draw_link(struct nl_object *object, struct uplink *u)
{
  struct rtnl_link *l = (struct rtnl_link *)object;
  const char *name = rtnl_link_get_name(l);
  if (!name || rtnl_link_get_flags(l) & IFF_LOOPBACK)
    return;
  int index = rtnl_link_get_ifindex(l);
  struct picture *p = &u->drawn;
  if (strcmp(name, u->o.own) == 0) {
    p->own = index;
  } else if (p->n_links < LIMIT_LINKS) {
    struct link *to = &p->links[p->n_links++];
    const struct link *before = find(&u->shown, index);
    *to = (struct link){.index = index, .carrier = rtnl_link_get_flags(l) & IFF_RUNNING};
    util_copy(to->name, sizeof to->name, name);
    to->kind = before && strcmp(before->name, name) == 0 ? before->kind : kind_of(l, name);
  }
}

static void draw_address(struct nl_object *object, struct uplink *u)
{
  struct rtnl_addr *a = (struct rtnl_addr *)object;
  struct link *l = find(&u->drawn, rtnl_addr_get_ifindex(a));
  if (l && rtnl_addr_get_scope(a) == RT_SCOPE_UNIVERSE)
    l->addresses++;
}

static void draw_way(struct rtnl_nexthop *way, uint32_t metric, struct uplink *u)
{
  int index = rtnl_route_nh_get_ifindex(way);
  struct picture *p = &u->drawn;
  if (index == 0 || index == p->own || rtnl_route_nh_get_flags(way) & (RTNH_F_DEAD | RTNH_F_LINKDOWN))
    return;
  struct link *l = find(p, index);
  if (l)
    l->is_default = true;
  if (!p->out || metric < p->metric) {
    p->out = index;
    p->metric = metric;
  }
}

static void draw_route(struct nl_object *object, struct uplink *u)
{
  struct rtnl_route *r = (struct rtnl_route *)object;
  for (int i = 0; i < rtnl_route_get_nnexthops(r); i++)
    draw_way(rtnl_route_nexthop_n(r, i), rtnl_route_get_priority(r), u);
}

/* Told by the bare header, since a table may be long. */
static bool is_default_route(const struct nlmsghdr *h)
{
  if (h->nlmsg_type != RTM_NEWROUTE || h->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg)))
    return false;
  const struct rtmsg *route = NLMSG_DATA(h);
  return route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST && route->rtm_table == RT_TABLE_MAIN;
}

static const struct {
  int question, entry;
  void (*draw)(struct nl_object *object, struct uplink *u);
} parts[PARTS] = {
    [PART_LINKS] = {RTM_GETLINK, RTM_NEWLINK, draw_link},
    [PART_ADDRESSES] = {RTM_GETADDR, RTM_NEWADDR, draw_address},
    [PART_ROUTES] = {RTM_GETROUTE, RTM_NEWROUTE, draw_route},
};

static void on_object(struct nl_object *object, void *context)
{
  struct uplink *u = context;
  parts[u->part].draw(object, u);
}

static void draw(struct uplink *u, struct nlmsghdr *h)
{
  if (h->nlmsg_type != parts[u->part].entry || (u->part == PART_ROUTES && !is_default_route(h)))
    return;
  struct nl_msg *m = nlmsg_convert(h);
  if (m)
    nlmsg_set_proto(m, NETLINK_ROUTE);
  int r = m ? nl_msg_parse(m, on_object, u) : -NLE_NOMEM;
  if (r < 0)
    log_warn("uplink_unread", "type=%u error=\"%s\"", h->nlmsg_type, nl_geterror(r));
  nlmsg_free(m);
}

/* --- a round of questions --- */

static void schedule(struct uplink *u, int64_t in_ms)
{
  int r = sd_event_source_set_time_relative(u->timer, (uint64_t)in_ms * 1000);
  if (r >= 0)
    r = sd_event_source_set_enabled(u->timer, SD_EVENT_ONESHOT);
  if (r < 0)
    log_err("timer_failed", "error=%d", -r);
}

static void ask_later(struct uplink *u)
{
  u->dirty = true;
  if (!u->asking)
    schedule(u, min(max(u->took * PAUSE_TIMES, PAUSE_MS), PAUSE_MOST_MS));
}

static void close_ask(struct uplink *u)
{
  u->ask_source = sd_event_source_disable_unref(u->ask_source);
  nl_socket_free(take(u->ask));
  u->asking = false;
}

static int ask_part(struct uplink *u)
{
  struct nl_msg *m = nlmsg_alloc_simple(parts[u->part].question, NLM_F_DUMP);
  struct rtgenmsg any = {.rtgen_family = AF_UNSPEC};
  int r = m ? nlmsg_append(m, &any, sizeof any, NLMSG_ALIGNTO) : -NLE_NOMEM;
  if (r >= 0)
    r = nl_send_auto(u->ask, m);
  if (r >= 0)
    u->sequence = nlmsg_hdr(m)->nlmsg_seq;
  nlmsg_free(m);
  return r < 0 ? as_errno(r) : 0;
}

static void failed(struct uplink *u, int r)
{
  log_warn("uplink_unasked", "error=\"%s\"", strerrordesc_np(-r));
  close_ask(u);
  u->known = false;
  u->dirty = true;
  schedule(u, PAUSE_MOST_MS);
}

static const char *name_of(const struct picture *p, int index, char to[static IF_NAMESIZE])
{
  for (size_t i = 0; i < p->n_links; i++)
    if (p->links[i].index == index)
      return p->links[i].name;
  return if_indextoname((unsigned)index, to) ? to : "?";
}

static void show(struct uplink *u)
{
  struct picture *p = &u->drawn;
  char name[IF_NAMESIZE];
  if (p->out)
    util_copy(p->out_name, sizeof p->out_name, name_of(p, p->out, name));
  if (!u->known || p->out != u->shown.out) {
    u->since = clock_mono_ms();
    u->changes += u->known;
    log_info("uplink", "online=%d interface=%s", p->out != 0, p->out ? p->out_name : "-");
  }
  bool unheard = u->known && p->out && p->out != u->shown.out && !u->told; /* a cable that is back: no new route */
  u->shown = *p;
  u->known = true;
  u->told = false;
  if (unheard)
    u->o.came(u->o.context);
}

/* One part has been answered to its end. */
static void answered(struct uplink *u)
{
  if (u->interrupted && u->interrupts < INTERRUPTS) {
    u->interrupts++;
    u->asking = false;
    ask_later(u);
    return;
  }
  if (++u->part < PARTS) {
    int r = ask_part(u);
    if (r < 0)
      failed(u, r);
    return;
  }
  u->asking = false;
  u->answers++;
  u->took = clock_mono_ms() - u->asked;
  show(u);
  if (u->interrupted)
    u->dirty = true;
  else
    u->interrupts = 0;
  if (u->dirty)
    ask_later(u);
  else if (sd_event_source_set_enabled(u->timer, SD_EVENT_OFF) < 0)
    log_err("timer_failed", "error=%d", EIO);
}

/* 0, or what ended the answer. */
static int read_part(struct uplink *u, unsigned char *bytes, int n)
{
  for (struct nlmsghdr *h = (struct nlmsghdr *)bytes; nlmsg_ok(h, n); h = nlmsg_next(h, &n)) {
    if (h->nlmsg_seq != u->sequence)
      continue; /* of a question that was given up */
    u->interrupted |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_OVERRUN)
      return -EIO;
    if (h->nlmsg_type == NLMSG_DONE) {
      answered(u);
      return 0;
    }
    draw(u, h);
  }
  return 0;
}

/* 1 = there may be more, 0 = that was all there is now. */
static int read_some(struct uplink *u)
{
  struct sockaddr_nl from;
  autofree unsigned char *bytes = NULL;
  int n = nl_recv(u->ask, &from, &bytes, NULL);
  if (n <= 0)
    return n == 0 || n == -NLE_AGAIN ? 0 : as_errno(n);
  int r = read_part(u, bytes, n);
  return r < 0 ? r : 1;
}

static int on_answer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct uplink *u = userdata;
  int r = 1;
  (void)source, (void)fd, (void)events;
  for (int i = 0; i < TURN_PARTS && u->ask && r > 0; i++)
    r = read_some(u);
  if (r < 0)
    failed(u, r);
  return 0;
}

static int open_socket(struct uplink *u, sd_event_io_handler_t handler, struct nl_sock **ret,
                       sd_event_source **ret_source)
{
  struct nl_sock *sock = nl_socket_alloc();
  int r = sock ? nl_connect(sock, NETLINK_ROUTE) : -NLE_NOMEM;
  if (r >= 0)
    r = nl_socket_set_nonblocking(sock);
  r = r < 0 ? as_errno(r) : sd_event_add_io(u->o.event, ret_source, nl_socket_get_fd(sock), EPOLLIN, handler, u);
  if (r < 0) {
    nl_socket_free(sock);
    return r;
  }
  *ret = sock;
  return 0;
}

static int ask_all(struct uplink *u)
{
  int r = u->ask ? 0 : open_socket(u, on_answer, &u->ask, &u->ask_source);
  if (r < 0)
    return r;
  u->drawn = (struct picture){0};
  u->dirty = u->interrupted = false;
  u->asking = true;
  u->asked = clock_mono_ms();
  u->part = PART_LINKS;
  schedule(u, PATIENCE_MS);
  return ask_part(u);
}

static int on_timer(sd_event_source *source, uint64_t now, void *userdata)
{
  struct uplink *u = userdata;
  (void)source, (void)now;
  int r = u->asking ? -ETIMEDOUT : ask_all(u);
  if (r < 0)
    failed(u, r);
  return 0;
}

/* --- news --- */

/* 1 = news, 2 = with a way out among them, -EAGAIN = that was all. */
static int hear_some(struct uplink *u, int fd)
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
  bool came = false;
  for (struct nlmsghdr *h = &buffer.header; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
    came |= is_default_route(h);
  return 1 + came;
}

static int on_news(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
  struct uplink *u = userdata;
  bool came = false, any = false;
  int r = 1;
  (void)source, (void)events;
  for (int i = 0; i < TURN_PARTS && (r = hear_some(u, fd)) > 0; i++) {
    any = true;
    came |= r == 2;
  }
  if (any && !u->dirty)
    ask_later(u);
  if (came) {
    u->told = true;
    u->o.came(u->o.context);
  }
  return 0;
}

static int listen_for_news(struct uplink *u)
{
  static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
                               RTNLGRP_IPV6_ROUTE};
  int r = open_socket(u, on_news, &u->news, &u->news_source);
  for (size_t i = 0; r == 0 && i < array_len(groups); i++) {
    r = nl_socket_add_membership(u->news, groups[i]);
    r = r < 0 ? as_errno(r) : 0;
  }
  return r;
}

/* --- life --- */

int uplink_start(const struct uplink_options *o, struct uplink **ret)
{
  struct uplink *u = xnew(struct uplink);
  u->o = *o;
  int r = sd_event_add_time_relative(o->event, &u->timer, CLOCK_BOOTTIME, 0, 1, on_timer, u);
  if (r >= 0)
    r = listen_for_news(u); /* before the first question, so that nothing falls in between */
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
  close_ask(u);
  sd_event_source_disable_unref(u->news_source);
  sd_event_source_disable_unref(u->timer);
  nl_socket_free(u->news);
  free(u);
}

/* --- for people --- */

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
  const struct picture *p = &u->shown;
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
                    (double)u->answers);
  prometheus_metric(b, "boothd_uplink_overruns_total", "counter", "Times that news of links and routes were lost.",
                    (double)u->overruns);
}
