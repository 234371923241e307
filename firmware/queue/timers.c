/* timers.c - what time alone brings about: the end of a pause, a guest who does not come, a new day.
 *
 * The day is the delicate one. A box without a battery-backed clock wakes up in the past. A day that was dated by a
 * clock nobody vouched for gets its date when one does, and its numbers go on; so does a day in which tickets were
 * issued on a guess. Only a day whose date was sure, and that a sure clock has left behind, is over.
 */
#include "queue/internal.h"

enum day_change day_change_due(const struct queue *q, const struct moment *now)
{
  if (!q->day.id)
    return DAY_STARTS;
  if (!now->trusted)
    return DAY_UNCHANGED;
  if (!q->day.trusted || (q->guessed && now->date != q->day.date))
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
  int64_t resume = resume_due(q), no_show = no_show_due(q);
  return min(resume, no_show);
}

bool queue_due(const struct queue *q, const struct moment *now, struct command *ret)
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
