/* nl80211.c - a request is a message and its answers, each parsed by one function. Errors are those of the kernel's own
 * message, because libnl maps several of them to one number.
 */
#include "wifi/nl80211.h"

#include <errno.h>
#include <linux/nl80211.h>
#include <net/if.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/clock.h"

#define DUMP_TRIES 3 /* of a list that changed while it was read */

struct nl80211 {
  struct nl_sock *sock;
  struct nl_sock *events;
  int family;
};

/* libnl's error as -errno. */
static int as_errno(int nle)
{
  static const struct {
    int nle;
    int error;
  } known[] = {{NLE_AGAIN, ETIMEDOUT}, {NLE_OBJ_NOTFOUND, ENOENT}, {NLE_NOMEM, ENOMEM},
               {NLE_PERM, EPERM},      {NLE_DUMP_INTR, EINTR},     {NLE_NOACCESS, EACCES}};
  for (size_t i = 0; i < array_len(known); i++)
    if (nle == -known[i].nle)
      return -known[i].error;
  return -EIO;
}

static struct nl_sock *connect_genl(void)
{
  struct nl_sock *sock = nl_socket_alloc();
  if (sock && genl_connect(sock) < 0) {
    nl_socket_free(sock);
    sock = NULL;
  }
  return sock;
}

int nl80211_open(struct nl80211 **ret)
{
  const struct timeval timeout = {.tv_sec = NL80211_TIMEOUT_MS / 1000};
  struct nl80211 *n = xnew(struct nl80211);
  n->sock = connect_genl();
  int r = n->sock ? 0 : -EIO;
  if (r == 0 && setsockopt(nl_socket_get_fd(n->sock), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) < 0)
    r = -errno;
  if (r == 0) {
    n->family = genl_ctrl_resolve(n->sock, NL80211_GENL_NAME);
    r = n->family < 0 ? as_errno(n->family) : 0;
  }
  if (r < 0) {
    nl80211_close(n);
    return r;
  }
  *ret = n;
  return 0;
}

void nl80211_close(struct nl80211 *n)
{
  if (!n)
    return;
  nl_socket_free(n->sock);
  nl_socket_free(n->events);
  free(n);
}

/* --- one request --- */

struct nl_request {
  void (*parse)(struct nlattr **attributes, void *context);
  void *context;
  int result; /* 1 = not answered yet */
};

static int on_answer(struct nl_msg *m, void *context)
{
  const struct nl_request *q = context;
  const struct genlmsghdr *h = nlmsg_data(nlmsg_hdr(m));
  struct nlattr *attributes[NL80211_ATTR_MAX + 1];
  if (q->parse && nla_parse(attributes, NL80211_ATTR_MAX, genlmsg_attrdata(h, 0), genlmsg_attrlen(h, 0), NULL) >= 0)
    q->parse(attributes, q->context);
  return NL_OK;
}

static int on_end(struct nl_msg *m, void *context)
{
  struct nl_request *q = context;
  q->result = 0;
  return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *context)
{
  struct nl_request *q = context;
  q->result = e->error ? e->error : -EIO;
  return NL_STOP;
}

/* Sends the message, waits for its answers, and frees it. m NULL = memory is out. */
static int send_request(struct nl80211 *n, struct nl_msg *m, void (*parse)(struct nlattr **, void *), void *context)
{
  struct nl_request q = {parse, context, 1};
  struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
  int r = m && cb ? nl_send_auto(n->sock, m) : -NLE_NOMEM;
  if (r >= 0) {
    nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_answer, &q);
    nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_end, &q);
    nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_end, &q);
    nl_cb_err(cb, NL_CB_CUSTOM, on_error, &q);
    while (q.result > 0 && (r = nl_recvmsgs(n->sock, cb)) >= 0)
      ;
  }
  nl_cb_put(cb);
  nlmsg_free(m);
  return r < 0 && q.result >= 0 ? as_errno(r) : q.result;
}

/* index: 0 = not about an interface. NULL when memory is out. */
static struct nl_msg *new_message(const struct nl80211 *n, int command, int flags, unsigned index)
{
  struct nl_msg *m = nlmsg_alloc();
  if (m && (!genlmsg_put(m, NL_AUTO_PORT, NL_AUTO_SEQ, n->family, 0, flags, (uint8_t)command, 0) ||
            (index && nla_put_u32(m, NL80211_ATTR_IFINDEX, index) < 0))) {
    nlmsg_free(m);
    m = NULL;
  }
  return m;
}

/* Adds an attribute; m or NULL, as new_message(). */
static struct nl_msg *put_u32(struct nl_msg *m, int attribute, uint32_t value)
{
  if (!m || nla_put_u32(m, attribute, value) == 0)
    return m;
  nlmsg_free(m);
  return NULL;
}

static uint32_t get_u32(struct nlattr *a)
{
  return a ? nla_get_u32(a) : 0;
}

/* --- the interface --- */

static void parse_interface(struct nlattr **a, void *context)
{
  struct nl80211_interface *i = context;
  uint32_t type = get_u32(a[NL80211_ATTR_IFTYPE]);
  i->wiphy = get_u32(a[NL80211_ATTR_WIPHY]);
  i->type = type == NL80211_IFTYPE_AP ? NL80211_AP : type == NL80211_IFTYPE_STATION ? NL80211_STATION : NL80211_OTHER;
  i->freq_mhz = (int)get_u32(a[NL80211_ATTR_WIPHY_FREQ]);
  if (a[NL80211_ATTR_SSID]) {
    size_t n = min((size_t)nla_len(a[NL80211_ATTR_SSID]), sizeof i->ssid - 1);
    memcpy(i->ssid, nla_data(a[NL80211_ATTR_SSID]), n);
    i->ssid[n] = '\0';
  }
}

int nl80211_interface(struct nl80211 *n, const char *name, struct nl80211_interface *ret)
{
  struct nl80211_interface i = {.index = if_nametoindex(name)};
  if (i.index == 0)
    return -ENODEV;
  int r = send_request(n, new_message(n, NL80211_CMD_GET_INTERFACE, 0, i.index), parse_interface, &i);
  if (r < 0)
    return r;
  *ret = i;
  return 0;
}

static void parse_max_stations(struct nlattr **a, void *context)
{
  if (a[NL80211_ATTR_MAX_AP_ASSOC_STA])
    *(int *)context = (int)nla_get_u32(a[NL80211_ATTR_MAX_AP_ASSOC_STA]);
}

/* The kernel reports the limit of stations only in split dumps. */
static struct nl_msg *put_split_dump(struct nl_msg *m)
{
  if (!m || nla_put_flag(m, NL80211_ATTR_SPLIT_WIPHY_DUMP) == 0)
    return m;
  nlmsg_free(m);
  return NULL;
}

int nl80211_max_stations(struct nl80211 *n, uint32_t wiphy, int *ret)
{
  struct nl_msg *m = put_u32(new_message(n, NL80211_CMD_GET_WIPHY, NLM_F_DUMP, 0), NL80211_ATTR_WIPHY, wiphy);
  int most = 0;
  int r = send_request(n, put_split_dump(m), parse_max_stations, &most);
  if (r == 0)
    *ret = most;
  return r;
}

/* --- lists --- */

struct dump {
  void *to;
  size_t most;
  size_t n;
};

/* Where the next entry goes; NULL = it is only counted, because the list is full. */
static void *next_entry(struct dump *l, size_t size)
{
  size_t i = l->n++;
  return i < l->most ? (char *)l->to + i * size : NULL;
}

/* *ret_n is how many there are, even beyond `most`. */
static int dump_list(struct nl80211 *n, int command, unsigned index, void (*parse)(struct nlattr **, void *), void *to,
                     size_t most, size_t *ret_n)
{
  struct dump l = {to, most, 0};
  int r = -EINTR;
  for (int i = 0; r == -EINTR && i < DUMP_TRIES; i++) {
    l.n = 0;
    r = send_request(n, new_message(n, command, NLM_F_DUMP, index), parse, &l);
  }
  if (r == 0)
    *ret_n = l.n;
  return r;
}

static void parse_station(struct nlattr **a, void *context)
{
  struct nlattr *info[NL80211_STA_INFO_MAX + 1];
  if (!a[NL80211_ATTR_MAC] || nla_len(a[NL80211_ATTR_MAC]) < 6 || !a[NL80211_ATTR_STA_INFO] ||
      nla_parse_nested(info, NL80211_STA_INFO_MAX, a[NL80211_ATTR_STA_INFO], NULL) < 0)
    return;
  struct nl80211_station *s = next_entry(context, sizeof *s);
  if (!s)
    return;
  memcpy(s->mac, nla_data(a[NL80211_ATTR_MAC]), sizeof s->mac);
  s->signal_dbm = info[NL80211_STA_INFO_SIGNAL] ? (int8_t)nla_get_u8(info[NL80211_STA_INFO_SIGNAL]) : 0;
  s->connected_s = get_u32(info[NL80211_STA_INFO_CONNECTED_TIME]);
  s->inactive_ms = get_u32(info[NL80211_STA_INFO_INACTIVE_TIME]);
  s->failed = get_u32(info[NL80211_STA_INFO_TX_FAILED]);
}

int nl80211_stations(struct nl80211 *n, unsigned index, struct nl80211_station *ret, size_t most, size_t *ret_n)
{
  return dump_list(n, NL80211_CMD_GET_STATION, index, parse_station, ret, most, ret_n);
}

static void parse_bss(struct nlattr **a, void *context)
{
  struct nlattr *bss[NL80211_BSS_MAX + 1];
  if (!a[NL80211_ATTR_BSS] || nla_parse_nested(bss, NL80211_BSS_MAX, a[NL80211_ATTR_BSS], NULL) < 0 ||
      !bss[NL80211_BSS_FREQUENCY])
    return;
  struct channel_bss *h = next_entry(context, sizeof *h);
  if (!h)
    return;
  h->freq_mhz = (int)nla_get_u32(bss[NL80211_BSS_FREQUENCY]);
  if (bss[NL80211_BSS_SIGNAL_MBM])
    h->signal_dbm = (int32_t)nla_get_u32(bss[NL80211_BSS_SIGNAL_MBM]) / 100;
  else /* 0 to 100, without a unit */
    h->signal_dbm = (bss[NL80211_BSS_SIGNAL_UNSPEC] ? nla_get_u8(bss[NL80211_BSS_SIGNAL_UNSPEC]) / 2 : 25) - 95;
}

int nl80211_scan_results(struct nl80211 *n, unsigned index, struct channel_bss *ret, size_t most, size_t *ret_n)
{
  return dump_list(n, NL80211_CMD_GET_SCAN, index, parse_bss, ret, most, ret_n);
}

static uint64_t get_u64(struct nlattr *a)
{
  return a ? nla_get_u64(a) : 0;
}

static void parse_survey(struct nlattr **a, void *context)
{
  struct nlattr *info[NL80211_SURVEY_INFO_MAX + 1];
  if (!a[NL80211_ATTR_SURVEY_INFO] ||
      nla_parse_nested(info, NL80211_SURVEY_INFO_MAX, a[NL80211_ATTR_SURVEY_INFO], NULL) < 0 ||
      !info[NL80211_SURVEY_INFO_TIME] || !info[NL80211_SURVEY_INFO_TIME_BUSY])
    return;
  struct channel_survey *s = next_entry(context, sizeof *s);
  if (!s)
    return;
  s->freq_mhz = (int)get_u32(info[NL80211_SURVEY_INFO_FREQUENCY]);
  s->listened_ms = get_u64(info[NL80211_SURVEY_INFO_TIME]);
  s->busy_ms = get_u64(info[NL80211_SURVEY_INFO_TIME_BUSY]);
}

int nl80211_survey(struct nl80211 *n, unsigned index, struct channel_survey *ret, size_t most, size_t *ret_n)
{
  return dump_list(n, NL80211_CMD_GET_SURVEY, index, parse_survey, ret, most, ret_n);
}

/* --- events --- */

/* Opens another socket, so that events never come between a request and its answer. */
static int join_groups(struct nl80211 *n, const char *const *groups, struct nl_sock **ret)
{
  struct nl_sock *sock = connect_genl();
  int r = sock ? nl_socket_set_nonblocking(sock) : -NLE_NOMEM;
  for (; r >= 0 && *groups; groups++) {
    int group = genl_ctrl_resolve_grp(n->sock, NL80211_GENL_NAME, *groups);
    r = group < 0 ? group : nl_socket_add_membership(sock, group);
  }
  if (r < 0) {
    nl_socket_free(sock);
    return as_errno(r);
  }
  nl_socket_disable_seq_check(sock);
  *ret = sock;
  return 0;
}

int nl80211_subscribe(struct nl80211 *n, int *ret_fd)
{
  static const char *const groups[] = {NL80211_MULTICAST_GROUP_CONFIG, NL80211_MULTICAST_GROUP_MLME, NULL};
  int r = join_groups(n, groups, &n->events);
  if (r == 0)
    *ret_fd = nl_socket_get_fd(n->events);
  return r;
}

bool nl80211_drain_events(struct nl80211 *n)
{
  char bytes[1]; /* the rest of each is cut off, because its content does not matter */
  bool any = false;
  while (recv(nl_socket_get_fd(n->events), bytes, sizeof bytes, MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
    any = true;
  return any;
}

/* --- a scan --- */

int nl80211_become_station(struct nl80211 *n, unsigned index)
{
  struct nl_msg *m = new_message(n, NL80211_CMD_SET_INTERFACE, 0, index);
  return send_request(n, put_u32(m, NL80211_ATTR_IFTYPE, NL80211_IFTYPE_STATION), NULL, NULL);
}

/* An active scan for any SSID, on every channel where that is allowed. */
static bool put_scan(struct nl_msg *m)
{
  struct nlattr *names = nla_nest_start(m, NL80211_ATTR_SCAN_SSIDS);
  if (!names || nla_put(m, 1, 0, "") < 0)
    return false;
  nla_nest_end(m, names);
  struct nlattr *channels = nla_nest_start(m, NL80211_ATTR_SCAN_FREQUENCIES);
  for (int c = 1; channels && c <= 13; c++)
    if (nla_put_u32(m, c, (uint32_t)channel_freq_mhz(c)) < 0)
      return false;
  return channels && nla_nest_end(m, channels) == 0;
}

static int trigger_scan(struct nl80211 *n, unsigned index)
{
  struct nl_msg *m = new_message(n, NL80211_CMD_TRIGGER_SCAN, 0, index);
  if (m && !put_scan(m)) {
    nlmsg_free(m);
    m = NULL;
  }
  return send_request(n, m, NULL, NULL);
}

struct scan_wait {
  unsigned index;
  int result; /* 1 = not ended yet */
};

static int on_scan_event(struct nl_msg *m, void *context)
{
  struct scan_wait *w = context;
  const struct genlmsghdr *h = nlmsg_data(nlmsg_hdr(m));
  struct nlattr *of = nla_find(genlmsg_attrdata(h, 0), genlmsg_attrlen(h, 0), NL80211_ATTR_IFINDEX);
  if (get_u32(of) != w->index)
    return NL_OK;
  if (h->cmd == NL80211_CMD_NEW_SCAN_RESULTS)
    w->result = 0;
  else if (h->cmd == NL80211_CMD_SCAN_ABORTED)
    w->result = -ECANCELED;
  return NL_OK;
}

static int await_scan(struct nl_sock *events, unsigned index, int64_t until_ms)
{
  struct scan_wait w = {index, 1};
  struct pollfd p = {.fd = nl_socket_get_fd(events), .events = POLLIN};
  nl_socket_modify_cb(events, NL_CB_VALID, NL_CB_CUSTOM, on_scan_event, &w);
  while (w.result > 0) {
    int left_ms = (int)(until_ms - clock_mono_ms());
    if (left_ms <= 0 || poll(&p, 1, left_ms) == 0)
      return -ETIMEDOUT;
    int r = nl_recvmsgs_default(events);
    if (r < 0 && r != -NLE_AGAIN)
      return as_errno(r);
  }
  return w.result;
}

int nl80211_scan(struct nl80211 *n, unsigned index, int timeout_ms)
{
  static const char *const groups[] = {NL80211_MULTICAST_GROUP_SCAN, NULL};
  const int64_t until_ms = clock_mono_ms() + timeout_ms;
  struct nl_sock *events = NULL;
  int r = join_groups(n, groups, &events);
  if (r < 0)
    return r;
  r = trigger_scan(n, index);
  if (r == 0 || r == -EBUSY) /* another program's scan has the same results */
    r = await_scan(events, index, until_ms);
  nl_socket_free(events);
  return r;
}
