/* listen.c - sockets are made here and not by microhttpd, so that a port of 0, a unix socket, a socket passed by
 * systemd and an address in use are handled alike.
 *
 * A unix socket is bound beside its name and renamed once it listens and has its mode. One that nobody answers is left
 * over from a crash and is replaced.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "http/internal.h"

#define BACKLOG 512

union socket_address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un un;
  struct sockaddr_storage storage;
};

static int printf_like(3, 4) listen_error(int error, char ret_error[static 160], const char *format, ...)
{
  va_list args;
  va_start(args, format);
  int n = vsnprintf(ret_error, 160, format, args);
  va_end(args);
  if (n >= 0 && n < 160)
    snprintf(ret_error + n, (size_t)(160 - n), ": %s", strerrordesc_np(error));
  return -error;
}

void http_socket_close(struct http_socket *s)
{
  if (s->path)
    unlink(s->path);
  free(s->path);
  s->path = NULL;
  if (s->fd >= 0)
    close(s->fd);
  s->fd = -1;
}

static int bind_and_listen(int family, const void *address, socklen_t size)
{
  int on = 1;
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  if (family != AF_UNIX)
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6)
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(fd, address, size) == 0 && listen(fd, BACKLOG) == 0)
    return fd;
  int error = errno;
  close(fd);
  return -error;
}

static int open_tcp(const char *text, struct http_socket *ret, char ret_error[static 160])
{
  char host[INET6_ADDRSTRLEN + 2];
  const char *colon = strrchr(text, ':');
  size_t n = colon ? (size_t)(colon - text) : 0;
  bool v6 = n > 2 && text[0] == '[' && text[n - 1] == ']';
  if (n == 0 || n >= sizeof host)
    return listen_error(EINVAL, ret_error, "%.80s", text);
  memcpy(host, text + v6, n - (v6 ? 2 : 0));
  host[n - (v6 ? 2 : 0)] = '\0';

  const struct addrinfo hints = {
      .ai_family = v6 ? AF_INET6 : AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
  struct addrinfo *found;
  if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
    return listen_error(EINVAL, ret_error, "%.80s", text);
  int fd = bind_and_listen(found->ai_family, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  if (fd < 0)
    return listen_error(-fd, ret_error, "%.80s", text);
  *ret = (struct http_socket){.fd = fd};
  return 0;
}

static bool set_path(struct sockaddr_un *a, const char *path, const char *suffix)
{
  *a = (struct sockaddr_un){.sun_family = AF_UNIX};
  return (size_t)snprintf(a->sun_path, sizeof a->sun_path, "%s%s", path, suffix) < sizeof a->sun_path;
}

static bool is_answered(const struct sockaddr_un *a)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return false;
  bool answered = connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno == EAGAIN;
  close(fd);
  return answered;
}

static int open_unix(const char *path, struct http_socket *ret, char ret_error[static 160])
{
  struct sockaddr_un name;
  struct sockaddr_un beside;
  if (!set_path(&name, path, "") || !set_path(&beside, path, "~"))
    return listen_error(ENAMETOOLONG, ret_error, "%.80s", path);
  if (is_answered(&name))
    return listen_error(EADDRINUSE, ret_error, "%.80s", path);
  unlink(beside.sun_path);
  int fd = bind_and_listen(AF_UNIX, &beside, sizeof beside);
  if (fd < 0)
    return listen_error(-fd, ret_error, "%.80s", path);
  if (chmod(beside.sun_path, 0660) < 0 || rename(beside.sun_path, path) < 0) {
    int r = listen_error(errno, ret_error, "%.80s", path);
    unlink(beside.sun_path);
    close(fd);
    return r;
  }
  *ret = (struct http_socket){.fd = fd, .local = true, .path = xstrdup(path)};
  return 0;
}

/* The number of sockets that systemd passed. */
static int inherit_sockets(struct http_socket to[static HTTP_SOCKETS], char ret_error[static 160])
{
  int n = sd_listen_fds(1);
  if (n < 0)
    return listen_error(-n, ret_error, "sockets of systemd");
  if (n > HTTP_SOCKETS)
    return listen_error(E2BIG, ret_error, "%d sockets of systemd", n);
  for (int i = 0; i < n; i++) {
    int fd = SD_LISTEN_FDS_START + i;
    if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
      return listen_error(EINVAL, ret_error, "socket %d of systemd", i);
    to[i] = (struct http_socket){.fd = fd, .local = sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) > 0};
  }
  return n;
}

int http_sockets_open(const struct http_options *o, struct http_socket to[static HTTP_SOCKETS], size_t *ret_n,
                      char ret_error[static 160])
{
  int r = inherit_sockets(to, ret_error);
  if (r != 0) {
    *ret_n = r > 0 ? (size_t)r : 0;
    return min(r, 0);
  }
  size_t n = 0;
  autofree char *list = xstrdup(o->listen);
  char *rest = list;
  for (char *one; r == 0 && (one = strsep(&rest, ", "));) {
    if (!*one)
      continue;
    r = n < LIMIT_LISTENERS ? open_tcp(one, &to[n], ret_error) : listen_error(E2BIG, ret_error, "listen");
    n += r == 0;
  }
  if (r == 0 && o->socket) {
    r = open_unix(o->socket, &to[n], ret_error);
    n += r == 0;
  }
  while (r < 0 && n)
    http_socket_close(&to[--n]);
  if (r == 0)
    *ret_n = n;
  return r;
}

void http_local_address_text(int fd, char to[static HTTP_ADDRESS])
{
  union socket_address a = {0};
  socklen_t size = sizeof a;
  char host[INET6_ADDRSTRLEN];
  *to = '\0';
  if (getsockname(fd, &a.any, &size) < 0)
    return;
  if (a.any.sa_family == AF_INET && inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof host))
    snprintf(to, HTTP_ADDRESS, "%s:%d", host, ntohs(a.v4.sin_port));
  else if (a.any.sa_family == AF_INET6 && inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof host))
    snprintf(to, HTTP_ADDRESS, "[%s]:%d", host, ntohs(a.v6.sin6_port));
}

/* FNV-1a of an IPv4 address, or of the network half of an IPv6 one: phones change the other half. */
uint64_t http_peer_hash(int fd)
{
  union socket_address a = {0};
  socklen_t size = sizeof a;
  if (getpeername(fd, &a.any, &size) < 0)
    return 0;
  const uint8_t *bytes = NULL;
  size_t n = 0;
  if (a.any.sa_family == AF_INET) {
    bytes = (const uint8_t *)&a.v4.sin_addr;
    n = 4;
  } else if (a.any.sa_family == AF_INET6) {
    bytes = a.v6.sin6_addr.s6_addr;
    n = 8;
  }
  uint64_t hash = n ? UINT64_C(14695981039346656037) : 0;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
  return hash;
}
