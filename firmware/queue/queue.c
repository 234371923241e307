/* queue.c - the tickets in memory, and applying changes to them.
 *
 * The writer's queue and the loop's view get the same changes and are therefore equal. A change carries the whole new
 * ticket: to apply it, unlink the ticket from treaps and lists, replace it, link it again. Ids rise one by one and
 * labels are short, so both hash tables have a fixed number of buckets: no rehash ever stalls a command.
 *
 * Held: a ticket that is put back in its old place after a call would be first again at once. It has the event that put
 * it back (held_at) and is passed over until its line has a later call, or nobody else waits. held_at is the mark of
 * its treap node, so the first ticket that is not held is found in one descent.
 */
#include "queue/internal.h"

#define LONGEST_WAIT_MS (INT64_C(24) * 60 * 60 * 1000) /* a stepped clock must not make a wait longer */

/* --- hash tables --- */

static size_t id_bucket(int64_t id)
{
  return (uint64_t)id % QUEUE_BUCKETS;
}

static size_t label_bucket(const char *label)
{
  uint32_t hash = 2166136261u;
  for (const char *s = label; *s; s++)
    hash = (hash ^ (unsigned char)*s) * 16777619u;
  return hash % QUEUE_BUCKETS;
}

struct ticket_node *queue_node(const struct queue *q, int64_t id)
{
  struct ticket_node *n = q->ids[id_bucket(id)];
  while (n && n->ticket.id != id)
    n = n->id_next;
  return n;
}

const struct ticket_node *queue_label_owner(const struct queue *q, const char *label)
{
  const struct ticket_node *n = q->labels[label_bucket(label)];
  while (n && strcmp(n->ticket.label, label) != 0)
    n = n->label_next;
  return n;
}

static void ids_remove(struct queue *q, struct ticket_node *n)
{
  struct ticket_node **at = &q->ids[id_bucket(n->ticket.id)];
  while (*at != n)
    at = &(*at)->id_next;
  *at = n->id_next;
}

static void labels_add(struct queue *q, struct ticket_node *n)
{
  struct ticket_node **at = &q->labels[label_bucket(n->ticket.label)];
  n->label_next = *at;
  *at = n;
}

static void labels_remove(struct queue *q, struct ticket_node *n)
{
  struct ticket_node **at = &q->labels[label_bucket(n->ticket.label)];
  while (*at != n)
    at = &(*at)->label_next;
  *at = n->label_next;
}

/* --- lists --- */

/* Behind `after`; NULL = first. */
static void list_insert(struct ticket_list *l, struct ticket_node *n, struct ticket_node *after)
{
  n->prev = after;
  n->next = after ? after->next : l->first;
  *(n->prev ? &n->prev->next : &l->first) = n;
  *(n->next ? &n->next->prev : &l->last) = n;
}

static void list_remove(struct ticket_list *l, struct ticket_node *n)
{
  *(n->prev ? &n->prev->next : &l->first) = n->next;
  *(n->next ? &n->next->prev : &l->last) = n->prev;
}

static void timers_insert(struct queue *q, struct ticket_node *n)
{
  struct ticket_node *after = q->timers.last;
  while (after && after->ticket.called_mono > n->ticket.called_mono)
    after = after->prev;
  list_insert(&q->timers, n, after);
}

/* A ticket that closes now goes first, whatever the clock says; one closed earlier is sorted in by its time. */
static void closed_insert(struct queue *q, struct ticket_node *n, bool now)
{
  struct ticket_node *after = NULL;
  for (struct ticket_node *at = q->closed.first; !now && at && at->ticket.closed_at > n->ticket.closed_at;
       at = at->next)
    after = at;
  list_insert(&q->closed, n, after);
}

/* --- nodes in treaps and lists --- */

static struct treap *treap_of(struct queue *q, const struct ticket_node *n)
{
  return n->ticket.state == TICKET_WAITING ? &q->lines[n->line].waiting : &q->called;
}

static void track_ranks(struct queue *q, const struct ticket_node *n)
{
  if (n->line < 0)
    return;
  struct line_state *line = &q->lines[n->line];
  line->high = max(line->high, n->ticket.rank);
  line->low = min(line->low, n->ticket.rank);
  line->last_call = max(line->last_call, n->ticket.call_event);
}

static void node_link(struct queue *q, struct ticket_node *n, bool closes_now)
{
  struct ticket *t = &n->ticket;
  n->line = queue_line(q, t->line);
  if (n->line < 0 && state_active(t->state))
    n->line = 0; /* settings never remove a line in use; if they did, its tickets stay visible */
  track_ranks(q, n);
  if (!state_active(t->state)) {
    closed_insert(q, n, closes_now);
    q->n_closed++;
    return;
  }
  n->in_treap =
      (struct treap_node){.key = t->state == TICKET_WAITING ? t->rank : t->call_event, .id = t->id, .mark = t->held_at};
  treap_insert(treap_of(q, n), &n->in_treap);
  labels_add(q, n);
  q->active++;
  if (t->state == TICKET_CALLED) {
    timers_insert(q, n);
    q->lines[n->line].called++;
  }
}

static void node_unlink(struct queue *q, struct ticket_node *n)
{
  if (!state_active(n->ticket.state)) {
    list_remove(&q->closed, n);
    q->n_closed--;
    return;
  }
  treap_remove(treap_of(q, n), &n->in_treap);
  labels_remove(q, n);
  q->active--;
  if (n->ticket.state == TICKET_CALLED) {
    list_remove(&q->timers, n);
    q->lines[n->line].called--;
  }
}

static bool same_order(const struct ticket *a, const struct ticket *b)
{
  return a->state == b->state && a->rank == b->rank && a->held_at == b->held_at && a->call_event == b->call_event &&
         a->called_mono == b->called_mono && a->closed_at == b->closed_at;
}

static struct ticket_node *node_add(struct queue *q, const struct ticket *t, bool closes_now)
{
  struct ticket_node *n = xnew(struct ticket_node);
  n->ticket = *t;
  n->issued_mono = -1;
  person_ref(t->person);
  struct ticket_node **bucket = &q->ids[id_bucket(t->id)];
  n->id_next = *bucket;
  *bucket = n;
  q->last_id = max(q->last_id, t->id);
  node_link(q, n, closes_now);
  return n;
}

static void node_replace(struct queue *q, struct ticket_node *n, const struct ticket *t, bool closes_now)
{
  bool stays = same_order(&n->ticket, t);
  if (!stays)
    node_unlink(q, n);
  person_ref(t->person);
  person_unref(n->ticket.person);
  n->ticket = *t;
  if (!stays)
    node_link(q, n, closes_now);
}

static void node_free(struct queue *q, struct ticket_node *n)
{
  node_unlink(q, n);
  ids_remove(q, n);
  person_unref(n->ticket.person);
  free(n);
}

static int line_index(const struct settings *s, const char *id)
{
  for (int i = 0; i < s->n_lines; i++)
    if (strcmp(s->lines[i].id, id) == 0)
      return i;
  return -1;
}

static void trim_closed(struct queue *q)
{
  while (q->n_closed > LIMIT_CLOSED)
    node_free(q, q->closed.last); // NOLINT(clang-analyzer-unix.Malloc): it unlinks before it frees
}

/* --- applying a change --- */

static void apply_entry(struct queue *q, const struct ticket_node *n, const struct change *c)
{
  int64_t waited = n->issued_mono >= 0 ? c->mono_ms - n->issued_mono : c->wall_ms - n->ticket.issued_at;
  waited = min(max(waited, 0), LONGEST_WAIT_MS);
  service_rate_enter(&q->lines[n->line].service_rate, c->mono_ms, waited);
}

static void apply_ticket(struct queue *q, const struct change *c)
{
  struct ticket_node *n = queue_node(q, c->ticket.id);
  bool waited = n && n->ticket.state == TICKET_WAITING;
  bool closes_now = c->type == EVENT_SEATED || c->type == EVENT_NO_SHOW || c->type == EVENT_CANCELLED;
  if (n)
    node_replace(q, n, &c->ticket, closes_now);
  else
    n = node_add(q, &c->ticket, closes_now);

  if (c->type == EVENT_ISSUED) {
    n->issued_mono = c->mono_ms;
    q->lines[n->line].count = c->ticket.number;
  }
  if (c->type == EVENT_CALLED)
    q->lines[n->line].last_call_mono = c->mono_ms;
  if (waited && ((c->type == EVENT_CALLED && c->ticket.calls == 1) || (c->type == EVENT_SEATED && !c->ticket.calls)))
    apply_entry(q, n, c);
  trim_closed(q);
}

static void pause_lines(struct queue *q, int64_t mono_ms)
{
  for (size_t i = 0; i < q->n_lines; i++)
    service_rate_pause(&q->lines[i].service_rate, mono_ms, q->intake.state == INTAKE_PAUSED);
}

static void apply_intake(struct queue *q, const struct change *c)
{
  q->intake = c->intake;
  pause_lines(q, c->mono_ms);
}

static void redate_tickets(struct queue *q)
{
  for (size_t i = 0; i < QUEUE_BUCKETS; i++)
    for (struct ticket_node *n = q->ids[i]; n; n = n->id_next)
      if (n->ticket.day == q->day.id)
        n->ticket.date = q->day.date;
}

static void apply_day(struct queue *q, const struct change *c)
{
  bool starts = c->day.id != q->day.id;
  q->day = c->day;
  if (!starts) {
    redate_tickets(q);
    return;
  }
  for (size_t i = 0; i < q->n_lines; i++) {
    q->lines[i].count = 0;
    q->lines[i].service_rate = (struct service_rate){0};
  }
  pause_lines(q, c->mono_ms);
}

/* A start restarts timers: in full for called tickets, with the time that was left for a pause. */
static void apply_boot(struct queue *q, const struct change *c)
{
  for (struct ticket_node *n = q->timers.first; n; n = n->next)
    n->ticket.called_mono = c->mono_ms;
  if (q->intake.resume_at) {
    int64_t left = max(q->intake.resume_at - c->wall_ms, 0);
    q->intake.resume_mono = c->mono_ms + min(left, INT64_C(1000) * LIMIT_RESUME_S);
  }
}

static struct line_state line_new(const char *id)
{
  struct line_state line = {.last_call_mono = INT64_MIN / 2};
  util_copy(line.id, sizeof line.id, id);
  return line;
}

/* Lines keep their state by id. The count of a removed line stays until the next day, in case the line returns. */
static void set_lines(struct queue *q, const struct settings *s)
{
  struct line_state old[QUEUE_LINES];
  size_t n_old = q->n_lines;
  memcpy(old, q->lines, sizeof old);
  q->settings = *s;
  for (q->n_lines = 0; q->n_lines < s->n_lines; q->n_lines++) {
    struct line_state *line = &q->lines[q->n_lines];
    *line = line_new(s->lines[q->n_lines].id);
    for (size_t i = 0; i < n_old; i++)
      if (strcmp(old[i].id, line->id) == 0)
        *line = old[i];
  }
  for (size_t i = 0; i < n_old && q->n_lines < QUEUE_LINES; i++)
    if (old[i].count && queue_line(q, old[i].id) < 0)
      q->lines[q->n_lines++] = old[i];
}

static void apply_settings(struct queue *q, const struct change *c)
{
  for (size_t i = 0; i < QUEUE_BUCKETS; i++)
    for (struct ticket_node *n = q->ids[i]; n; n = n->id_next)
      n->line = line_index(c->settings, n->line < 0 ? n->ticket.line : q->lines[n->line].id);
  set_lines(q, c->settings);
  pause_lines(q, c->mono_ms);
}

/* Active tickets of those days keep their personal data. */
static void apply_erased(struct queue *q, const struct change *c)
{
  for (struct ticket_node *n = q->closed.first; n; n = n->next)
    for (size_t i = 0; i < c->erased->n; i++)
      if (c->erased->days[i].id == n->ticket.day)
        person_unref(take(n->ticket.person));
}

static void apply_message(struct queue *q, const struct change *c)
{
  q->message = *c->message;
}

void queue_apply(struct queue *q, const struct change *c)
{
  static void (*const apply[EVENT_TYPES])(struct queue *, const struct change *) = {
      [EVENT_INTAKE] = apply_intake,     [EVENT_DAY] = apply_day,       [EVENT_BOOTED] = apply_boot,
      [EVENT_SETTINGS] = apply_settings, [EVENT_ERASED] = apply_erased, [EVENT_MESSAGE] = apply_message};
  if (apply[c->type])
    apply[c->type](q, c);
  if (c->ticket.id)
    apply_ticket(q, c);
  q->trusted = c->trusted;
  q->issued_untrusted = !c->trusted && (q->issued_untrusted || c->type == EVENT_ISSUED);
}

void change_done(struct change *c)
{
  person_unref(c->ticket.person);
  c->ticket.person = NULL;
  free(take(c->settings));
  free(take(c->remote));
  free(take(c->epoch_snapshot));
  free(take(c->erased));
  free(take(c->message));
}

/* --- creating, copying, loading --- */

struct queue *queue_new(const struct settings *settings)
{
  struct queue *q = xnew(struct queue);
  set_lines(q, settings);
  return q;
}

void queue_free(struct queue *q)
{
  if (!q)
    return;
  for (size_t i = 0; i < QUEUE_BUCKETS; i++)
    for (struct ticket_node *n = q->ids[i], *next; n; n = next) {
      next = n->id_next;
      person_unref(n->ticket.person);
      free(n);
    }
  free(q);
}

static void node_copy(struct queue *to, const struct ticket_node *n)
{
  node_add(to, &n->ticket, true)->issued_mono = n->issued_mono;
}

struct queue *queue_clone(const struct queue *q)
{
  struct queue *copy = xnew(struct queue);
  *copy = *q;
  copy->active = copy->n_closed = 0;
  copy->called = (struct treap){0};
  copy->timers = copy->closed = (struct ticket_list){0};
  memset(copy->ids, 0, sizeof copy->ids);
  memset(copy->labels, 0, sizeof copy->labels);
  for (size_t i = 0; i < q->n_lines; i++) {
    copy->lines[i].waiting = (struct treap){0};
    copy->lines[i].called = 0;
    for (struct treap_node *r = treap_at(&q->lines[i].waiting, 0); r; r = treap_next(&q->lines[i].waiting, r))
      node_copy(copy, ticket_node_of(r));
  }
  for (const struct ticket_node *n = q->timers.first; n; n = n->next)
    node_copy(copy, n);
  for (const struct ticket_node *n = q->closed.last; n; n = n->prev)
    node_copy(copy, n);
  return copy;
}

void queue_put(struct queue *q, const struct ticket *t)
{
  struct ticket_node *n = queue_node(q, t->id);
  if (n) {
    node_replace(q, n, t, false);
  } else {
    trim_closed(q); /* tickets fetched earlier; the new one stays, however old */
    node_add(q, t, false);
  }
}

void queue_set_day(struct queue *q, const struct day *d)
{
  q->day = *d;
}
void queue_set_intake(struct queue *q, const struct intake *i)
{
  q->intake = *i;
}
void queue_set_message(struct queue *q, const struct notice *m)
{
  q->message = *m;
}

void queue_set_counts(struct queue *q, int64_t last_id, const uint32_t counts[LIMIT_LINES])
{
  q->last_id = max(q->last_id, last_id);
  for (size_t i = 0; i < q->settings.n_lines; i++)
    q->lines[i].count = counts[i];
}

/* --- reading --- */

const struct settings *queue_settings(const struct queue *q)
{
  return &q->settings;
}
const struct day *queue_day(const struct queue *q)
{
  return &q->day;
}
const struct intake *queue_intake(const struct queue *q)
{
  return &q->intake;
}
const struct notice *queue_message(const struct queue *q)
{
  return &q->message;
}
size_t queue_active(const struct queue *q)
{
  return q->active;
}

const struct ticket *queue_find(const struct queue *q, int64_t id)
{
  const struct ticket_node *n = queue_node(q, id);
  return n ? &n->ticket : NULL;
}

int queue_line(const struct queue *q, const char *id)
{
  return line_index(&q->settings, id);
}

static bool node_held(const struct queue *q, const struct ticket_node *n)
{
  return n->ticket.state == TICKET_WAITING && n->ticket.held_at > q->lines[n->line].last_call;
}

static struct ticket_node *line_first(const struct line_state *line)
{
  struct treap_node *not_held = treap_first_with_mark(&line->waiting, line->last_call);
  return ticket_node_of(not_held ? not_held : treap_at(&line->waiting, 0));
}

struct ticket_node *queue_first_node(const struct queue *q, int line)
{
  if (line >= 0)
    return line_first(&q->lines[line]);
  struct ticket_node *first = NULL;
  for (int i = 0; i < q->settings.n_lines; i++) {
    struct ticket_node *n = line_first(&q->lines[i]);
    if (n && (!first || node_held(q, n) < node_held(q, first) ||
              (node_held(q, n) == node_held(q, first) && n->ticket.id < first->ticket.id)))
      first = n;
  }
  return first;
}

const struct ticket *queue_first(const struct queue *q, int line)
{
  const struct ticket_node *n = queue_first_node(q, line);
  return n ? &n->ticket : NULL;
}

size_t queue_waiting(const struct queue *q, int line)
{
  if (line >= 0)
    return treap_count(&q->lines[line].waiting);
  return q->active - treap_count(&q->called);
}

int queue_position(const struct queue *q, const struct ticket *t)
{
  const struct ticket_node *n = queue_node(q, t->id);
  if (!n || n->ticket.state != TICKET_WAITING)
    return 0;
  return (int)treap_index(&q->lines[n->line].waiting, &n->in_treap) + 1;
}

bool queue_held(const struct queue *q, const struct ticket *t)
{
  const struct ticket_node *n = queue_node(q, t->id);
  return n && node_held(q, n);
}

struct estimate queue_estimate(const struct queue *q, int line, int ahead)
{
  return service_rate_estimate(&q->lines[line].service_rate, ahead, (int)queue_waiting(q, line));
}

void queue_service_rate(const struct queue *q, int line, int32_t *ret_gap_s, int32_t *ret_last_wait_s)
{
  const struct service_rate *rate = &q->lines[line].service_rate;
  int64_t gap = service_rate_gap_ms(rate);
  *ret_gap_s = gap < 0 ? -1 : (int32_t)(gap / 1000);
  *ret_last_wait_s = rate->n ? (int32_t)(rate->last_wait_ms / 1000) : -1;
}

const struct ticket *queue_next(const struct queue *q, const struct ticket *after)
{
  const struct ticket_node *n = after ? queue_node(q, after->id) : NULL;
  int state = n ? n->ticket.state : TICKET_WAITING;
  const struct ticket_node *next = NULL;
  if (state == TICKET_WAITING) {
    int line = n ? n->line : 0;
    next = ticket_node_of(treap_next(&q->lines[line].waiting, n ? &n->in_treap : NULL));
    while (!next && ++line < q->settings.n_lines)
      next = ticket_node_of(treap_at(&q->lines[line].waiting, 0));
  }
  if (!next && state_active(state))
    next = ticket_node_of(treap_next(&q->called, state == TICKET_CALLED ? &n->in_treap : NULL));
  if (!next)
    next = state_active(state) ? q->closed.first : n->next;
  return next ? &next->ticket : NULL;
}

const struct ticket *queue_after_waiting(const struct queue *q)
{
  const struct ticket_node *n = ticket_node_of(treap_at(&q->called, 0));
  n = n ? n : q->closed.first;
  return n ? &n->ticket : NULL;
}
