/* maintenance.c - expires old keys, old codes, and names in items that never became a ticket. Names of tickets are
 * deleted when the booth erases them (people.erased), or when it was silent for LIMIT_HUB_PEOPLE_D. Each statement may
 * run twice, or in several processes at once.
 */
#include "hub/model/maintenance.h"

#include "base/clock.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static const char SQL_KEYS[] =
    "UPDATE hub_key SET sign_secret = '', open_secret = '' WHERE retired_at < $1 AND sign_secret <> ''";
static const char SQL_CODES[] = "DELETE FROM enrol_code WHERE used_by IS NULL AND expires_at < $1";
static const char SQL_JOINS[] =
    "UPDATE inbox i SET body = i.body - 'name' - 'phone' - 'note' WHERE i.type = 'remote.join' "
    "AND i.body ?| ARRAY['name', 'phone', 'note'] AND coalesce(i.valid_until, i.made_at) < $1 "
    "AND NOT EXISTS (SELECT FROM ticket_issue s WHERE s.booth = i.booth AND s.remote = i.id)";
static const char SQL_GUESTS[] =
    "UPDATE guest g SET contact = NULL WHERE contact IS NOT NULL AND made_at < $1 AND NOT EXISTS "
    "(SELECT FROM ticket_issue s WHERE s.booth = g.booth AND s.remote = g.item)";
static const char SQL_SILENT_PEOPLE[] = "DELETE FROM person p USING epoch e WHERE e.n = p.epoch AND e.seen_at < $1";
static const char SQL_OLD_JOINS[] =
    "UPDATE inbox SET body = body - 'name' - 'phone' - 'note' WHERE type = 'remote.join' "
    "AND body ?| ARRAY['name', 'phone', 'note'] AND coalesce(valid_until, made_at) < $1";
static const char SQL_IDEMPOTENCY[] = "DELETE FROM idempotency_key WHERE made_at < $1";
static const char SQL_ITEMS[] =
    "UPDATE inbox SET type = 'passed', body = '{}' WHERE acked_at < $1 AND type NOT IN ('passed', 'hub.keys')";

static const struct {
  const char *sql;
  int64_t age_ms;
} tasks[] = {
    {SQL_KEYS, LIMIT_HUB_KEY_H *HOUR_MS},
    {SQL_CODES, DAY_MS},
    {SQL_JOINS, 2 * DAY_MS},
    {SQL_GUESTS, 2 * DAY_MS},
    {SQL_IDEMPOTENCY, LIMIT_HUB_IDEMPOTENCY_D *DAY_MS},
    {SQL_ITEMS, 90 * DAY_MS},
    {SQL_SILENT_PEOPLE, LIMIT_HUB_PEOPLE_D *DAY_MS},
    {SQL_OLD_JOINS, LIMIT_HUB_PEOPLE_D *DAY_MS},
};

int maintenance_run(struct pg *db)
{
  int r = 0;
  for (size_t i = 0; r == 0 && i < array_len(tasks); i++) {
    struct pg_args a = {0};
    pg_int(&a, clock_wall_ms() - tasks[i].age_ms);
    r = pg_do(db, tasks[i].sql, &a, NULL);
  }
  return r;
}
