/* sim.c - a panel without wires: a timer releases the button, and panel_json() shows the outputs. A press while the
 * button is down holds it for longer.
 */
#include <systemd/sd-event.h>

#include "base/clock.h"
#include "panel/backend.h"

struct sim {
  sd_event_source *release;
  int64_t until;
};

static int on_release(sd_event_source *source, uint64_t at_us, void *user)
{
  panel_edge(user, false, clock_mono_ms());
  return 0;
}

static int sim_open(struct panel *p, const struct config *c)
{
  struct sim *s = xnew(struct sim);
  *panel_state(p) = s;
  int r = sd_event_add_time(panel_event(p), &s->release, CLOCK_BOOTTIME, UINT64_MAX, 1, on_release, p);
  return r < 0 ? r : sd_event_source_set_enabled(s->release, SD_EVENT_OFF);
}

static void sim_close(struct panel *p)
{
  struct sim *s = *panel_state(p);
  sd_event_source_disable_unref(s->release);
  free(s);
}

static int sim_press(struct panel *p, int ms)
{
  struct sim *s = *panel_state(p);
  int64_t now = clock_mono_ms();
  s->until = max(s->until, now + ms);
  int r = sd_event_source_set_time(s->release, (uint64_t)s->until * 1000);
  if (r < 0)
    return r;
  r = sd_event_source_set_enabled(s->release, SD_EVENT_ONESHOT);
  if (r < 0)
    return r;
  panel_edge(p, true, now);
  return 0;
}

const struct panel_backend panel_sim = {.name = "sim", .open = sim_open, .close = sim_close, .press = sim_press};
