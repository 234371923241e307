/* statements.c - the statements that a start or a command needs. Those of commands find their row by its id: none needs
 * an index, and none reads more than it changes.
 */
#include "store/statements.h"

#include "store/columns.h"

#define UNDO_SELECT "SELECT id, actor, kind, wall, ticket, prev, class, day, mono, fields, boot, before FROM command "

const char *const store_sql[STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_SAVEPOINT] = "SAVEPOINT one",
    [SQL_RELEASE] = "RELEASE one",
    [SQL_ROLLBACK_TO] = "ROLLBACK TO one",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_EVENT] = "INSERT INTO event VALUES (?1, ?2)",
    [SQL_COMMAND] = "INSERT INTO command VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT last FROM ticket WHERE id = ?7),"
                    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [SQL_TICKET] = "INSERT OR REPLACE INTO ticket VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
                   " ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ifnull(?23, (SELECT last FROM ticket WHERE id = ?1)))",
    [SQL_PERSON] = "INSERT OR REPLACE INTO person VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_PERSON_CLEAR] = "UPDATE person SET version = ?2, name = NULL, phone = NULL, note = NULL WHERE ticket = ?1",
    [SQL_DAY] = "INSERT INTO day VALUES (?1, ?2, ?3, ?4, (SELECT ifnull(max(id), 0) + 1 FROM ticket), ?5)"
                " ON CONFLICT (id) DO UPDATE SET date = ?2, trusted = ?3",
    [SQL_META] = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)",
    [SQL_META_GET] = "SELECT v FROM meta WHERE k = ?1",
    [SQL_OPEN_FLOOR] = "SELECT ifnull(min(id), (SELECT ifnull(max(id), 0) + 1 FROM ticket)) FROM ticket"
                       " WHERE id >= ?1 AND state < 2",
    [SQL_ACTIVE] = TICKET_SELECT TICKET_FROM "WHERE t.id >= ?1 AND t.state < 2 ORDER BY t.id",
    [SQL_CLOSED] = TICKET_SELECT TICKET_FROM
    "WHERE t.id IN (SELECT id FROM (SELECT * FROM ticket ORDER BY id DESC LIMIT 500) WHERE state >= 2"
    " ORDER BY closed_at DESC, undo_transition DESC LIMIT ?1) ORDER BY t.closed_at, t.undo_transition",
    [SQL_LOAD_DAY] = "SELECT id, date, trusted, started_at, first_ticket FROM day ORDER BY id DESC LIMIT 1",
    [SQL_COUNT] = "SELECT max(ifnull((SELECT max(number) FROM ticket WHERE id >= ?2 AND day = ?1 AND line = ?3), 0),"
                  " ifnull((SELECT count FROM line_count WHERE day = ?1 AND line = ?3), 0),"
                  " ifnull((SELECT count FROM line_count WHERE day = ?1 AND line = '*'), 0))",
    [SQL_LAST_TICKET] = "SELECT max(ifnull((SELECT max(id) FROM ticket), 0),"
                        " ifnull((SELECT v FROM meta WHERE k = 'ticket_floor'), 0))",
    [SQL_LOAD_TICKET] = TICKET_SELECT TICKET_FROM "WHERE t.id = ?1",
    [SQL_LOAD_UNDO] = UNDO_SELECT "WHERE id = ?1 AND class IS NOT NULL",
    [SQL_RECENT_UNDO] = UNDO_SELECT "ORDER BY id DESC LIMIT ?1",
    [SQL_LOAD_KEYS] = "SELECT id, key FROM command WHERE key IS NOT NULL",
    [SQL_FIND_KEY] = "SELECT key, print, ticket FROM command WHERE id = ?1",
    [SQL_BOOT] = "INSERT INTO boot (id) VALUES (?1) ON CONFLICT DO NOTHING",
    [SQL_BOOT_GET] = "SELECT n FROM boot WHERE id = ?1",
    [SQL_PROBE] = "INSERT INTO meta VALUES ('probe', 1) ON CONFLICT DO UPDATE SET v = v + 1",
    [SQL_EPOCH] = "INSERT INTO epoch (ordinal, id, booth, parent_event, started_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_EPOCH_GET] = "SELECT ordinal, lower(hex(id)), lower(hex(booth)) FROM epoch ORDER BY ordinal DESC LIMIT 1",
    [SQL_DEVICE_ADD] = "INSERT OR REPLACE INTO device VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6)",
    [SQL_DEVICE_REMOVE] = "DELETE FROM device WHERE id = ?1",
    [SQL_DEVICES] = "SELECT * FROM device ORDER BY seen_at DESC LIMIT ?1",
};

/* Ids skip ahead for the life of the database, numbers only for the open day (or the first). Commands of another epoch
 * cannot be undone in this one: its seqs begin again, so one would name somebody else's command. */
const char store_epoch_sql[] =
    "UPDATE ticket SET undo_transition = 0, undo_phoned = 0, undo_edit = 0"
    "  WHERE undo_transition OR undo_phoned OR undo_edit;"
    "INSERT OR REPLACE INTO meta SELECT 'ticket_floor', 1000 + max(ifnull((SELECT max(id) FROM ticket), 0),"
    "  ifnull((SELECT v FROM meta WHERE k = 'ticket_floor'), 0));"
    "INSERT OR REPLACE INTO line_count SELECT line, today, 100 + max(number) FROM"
    "  (SELECT ifnull(max(id), 1) AS today FROM day) JOIN"
    "  (SELECT line, day, number FROM ticket UNION ALL SELECT line, day, count FROM line_count"
    "   UNION ALL SELECT '*', (SELECT ifnull(max(id), 1) FROM day), 0) ON day = today GROUP BY line;";
