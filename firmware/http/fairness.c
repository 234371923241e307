/* fairness.c - one client must not take the box from the others, whatever it asks and over however many connections:
 * while somebody else asks too, it has LIMIT_TURN requests handled in a millisecond, and the rest stay suspended in the
 * order of their coming. So there is time for the others, in the loop and on the processor. Who is alone takes all
 * there is: nothing is kept from anybody then.
 */
#include "base/clock.h"
#include "http/connection.h"

#define ALONE_MS 1000 /* without a request of anybody else */

static struct http_share *share_of(const struct http_request *r)
{
  return &r->server->turns.shares[r->connection->client % LIMIT_SHARES];
}

static bool take_one(struct http_server *s, struct http_share *share, int64_t now_ms)
{
  if (share->ms != now_ms)
    share->taken = 0;
  share->ms = now_ms;
  return share->taken++ < LIMIT_TURN || now_ms - s->turns.mixed_ms >= ALONE_MS;
}

static void put(struct http_turns *t, struct http_request *r)
{
  *(t->tail ? &t->tail->later : &t->head) = r;
  t->tail = r;
}

bool http_turn_take(struct http_request *r)
{
  struct http_turns *t = &r->server->turns;
  struct http_share *share = share_of(r);
  int64_t now = clock_mono_ms();
  if (http_local(r) || r->server->options.proxied)
    return true; /* who may open that socket need not ask others; a proxy's clients cannot be told apart */
  if (t->client != r->connection->client)
    t->mixed_ms = now;
  t->client = r->connection->client;
  if (r->turn || (!share->waiting && take_one(r->server, share, now)))
    return true;
  share->waiting++;
  put(t, r);
  http_arm_timer(r->server, now + 1);
  return false;
}

void http_turn_next(struct http_server *s, int64_t now_ms)
{
  struct http_request *r = s->turns.head, *next;
  s->turns.head = s->turns.tail = NULL;
  for (; r; r = next) {
    struct http_share *share = share_of(r);
    next = r->later;
    r->later = NULL;
    if (!take_one(s, share, now_ms)) {
      put(&s->turns, r);
      continue;
    }
    share->waiting--;
    r->turn = true;
    http_resume(r);
  }
  if (s->turns.head)
    http_arm_timer(s, now_ms + 1);
}
