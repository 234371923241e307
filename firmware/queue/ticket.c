/* ticket.c - wire names of states, and persons, the one value that threads share.
 *
 * A person is an immutable, reference-counted block, so that a queue, the view in another thread and the changes
 * between them can hold the same name without copying it, and so that it can be dropped everywhere at once.
 */
#include "queue/ticket.h"

const char *const ticket_state_names[] = {
    [TICKET_WAITING] = "waiting", [TICKET_CALLED] = "called",       [TICKET_SEATED] = "seated",
    [TICKET_NO_SHOW] = "no_show", [TICKET_CANCELLED] = "cancelled", [TICKET_STATES] = NULL,
};
const char *const source_names[] = {[SOURCE_STAFF] = "staff", [SOURCE_HUB] = "hub", [SOURCE_API] = "api", NULL};
const char *const delivery_names[] = {
    [DELIVERY_NONE] = NULL, /* null on the wire */
    [DELIVERY_PENDING] = "pending",
    [DELIVERY_DELIVERED] = "delivered",
    [DELIVERY_FAILED] = "failed",
    [DELIVERY_PHONED] = "phoned",
    NULL,
};
const char *const intake_names[] = {
    [INTAKE_OPEN] = "open", [INTAKE_PAUSED] = "paused", [INTAKE_CLOSED] = "closed", NULL};

static size_t text_size(const char *s)
{
  return s ? strlen(s) + 1 : 0;
}

static const char *text_put(char **to, const char *s)
{
  if (!s)
    return NULL;
  char *start = *to;
  *to += text_size(s);
  return memcpy(start, s, text_size(s));
}

struct person *person_new(const char *name, const char *phone, const char *note)
{
  if (!name && !phone && !note)
    return NULL;
  struct person *p = xcalloc(1, sizeof *p + text_size(name) + text_size(phone) + text_size(note));
  char *text = (char *)(p + 1);
  p->refs = 1;
  p->name = text_put(&text, name);
  p->phone = text_put(&text, phone);
  p->note = text_put(&text, note);
  return p;
}

struct person *person_ref(struct person *p)
{
  if (p)
    p->refs++;
  return p;
}

void person_unref(struct person *p)
{
  if (p && --p->refs == 0)
    free(p);
}
