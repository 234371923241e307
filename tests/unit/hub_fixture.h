/* hub_fixture.h - a hub's part towards a booth, played by a test: items of the inbox, cursors, and days that pass. */
#ifndef UNIT_HUB_FIXTURE_H
#define UNIT_HUB_FIXTURE_H

#include "booth_fixture.h"

/* Both clocks go on by so many days, and the writer notices. */
static inline void hub_days_pass(struct booth *b, int days)
{
  const int64_t ms = INT64_C(86400000) * days;
  time_ahead_ms += ms;
  clock_set(clock_offset_ms() + ms, clock_trusted());
  if (b->writer)
    writer_request_free(booth_call(b, writer_request_new(WRITER_PROBE, NULL)));
}

/* The n-th item; its id is made of id. */
static inline struct writer_request *hub_item(int64_t generation, int64_t n, uint8_t id, const char *type,
                                              struct command c)
{
  struct writer_request *r = writer_request_new(WRITER_INBOX, NULL);
  r->command = c;
  r->item.generation = generation;
  r->item.n = n;
  memset(r->item.id, id, sizeof r->item.id);
  util_copy(r->item.type, sizeof r->item.type, type);
  return r;
}

static inline struct writer_request *hub_join(int64_t generation, int64_t n, uint8_t id)
{
  const struct command c = {.kind = CMD_ISSUE, .party_size = 3, .person = person_new("먼손님", "010-7777-8888", NULL)};
  return hub_item(generation, n, id, "remote.join", c);
}

/* Of the ticket that the join with that id led to. */
static inline struct writer_request *hub_about(int64_t generation, int64_t n, uint8_t id, uint8_t join,
                                               struct command c)
{
  struct writer_request *r = hub_item(generation, n, id, c.kind == CMD_CANCEL ? "remote.cancel" : "remote.defer", c);
  memset(r->item.join, join, sizeof r->item.join);
  r->item.has_join = true;
  return r;
}

static inline int hub_cursor(struct booth *b, int64_t ordinal, int64_t generation, int64_t acked)
{
  struct writer_request *r = writer_request_new(WRITER_CURSOR, NULL);
  r->cursor = (struct cursor){ordinal, generation, acked};
  return outcome_of(booth_call(b, r)).code;
}

/* All steps; how many, or minus the code. */
static inline int hub_steps(struct booth *b, enum writer_request_kind kind, int32_t through_day, bool no_hub)
{
  bool more = true;
  int steps = 0;
  for (; more; steps++) {
    struct writer_request *r = writer_request_new(kind, NULL);
    if (kind == WRITER_ERASE)
      r->erasure = (struct erasure){.keep_h = 24, .through_day = through_day};
    else
      r->compaction.no_hub = no_hub;
    r = booth_call(b, r);
    more = r->more;
    int code = r->refusal;
    writer_request_free(r);
    if (code)
      return -code;
    assert_true(steps < 1000);
  }
  return steps;
}

/* Is the text anywhere in the files of the folder? */
static inline bool booth_contains(const struct booth *b, const char *folder, const char *text)
{
  char command[200];
  snprintf(command, sizeof command, "grep -qr -- '%s' '%s/%s'", text, b->dir, folder);
  return system(command) == 0;
}

#endif
