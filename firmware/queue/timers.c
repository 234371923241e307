/* timers.c - what happens by time alone: the end of a pause, a no-show, a new day.
 *
 * The day needs care: a machine without a battery-backed clock starts in the past. A day that was dated by an untrusted
 * clock, or in which tickets were issued by one, gets its date from a trusted clock later, and its numbers go on. Only
 * a day with a trusted date ends, when a trusted clock has passed it.
 */
#include "queue/internal.h"

enum day_change day_change_due(const struct queue *q, const struct moment *now)
{
  if (!q->day.id)
    return DAY_STARTS;
  if (!now->trusted)
    return DAY_UNCHANGED;
  if (!q->day.trusted || (q->issued_untrusted && now->date != q->day.date))
    return DAY_REDATED;
  return now->date > q->day.date ? DAY_STARTS : DAY_UNCHANGED;
}

static int64_t resume_due(const struct queue *q)
{
  bool timed = q->intake.state == INTAKE_PAUSED && q->intake.resume_mono;
  return timed ? q->intake.resume_mono : INT64_MAX;
}

static int64_t no_show_due(const struct queue *q)
{
  const struct ticket_node *first = q->timers.first;
  bool timed = first && q->settings.no_show_after_s > 0;
  return timed ? first->ticket.called_mono + INT64_C(1000) * q->settings.no_show_after_s : INT64_MAX;
}

int64_t queue_next_due(const struct queue *q)
{
  int64_t resume = resume_due(q);
  int64_t no_show = no_show_due(q);
  return min(resume, no_show);
}

bool queue_due_command(const struct queue *q, const struct moment *now, struct command *ret)
{
  *ret = (struct command){.actor = ACTOR_TIMER};
  if (day_change_due(q, now) != DAY_UNCHANGED) {
    ret->kind = CMD_DAY;
    return true;
  }
  if (resume_due(q) <= now->mono_ms) {
    ret->kind = CMD_INTAKE;
    ret->intake = INTAKE_OPEN;
    return true;
  }
  if (no_show_due(q) <= now->mono_ms) {
    ret->kind = CMD_NO_SHOW;
    ret->ticket = q->timers.first->ticket.id;
    ret->if_match = q->timers.first->ticket.version;
    return true;
  }
  return false;
}
