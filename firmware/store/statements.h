/* statements.h - the store's statements, prepared while the database is open. */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

enum statement {
  SQL_BEGIN,
  SQL_SAVEPOINT,
  SQL_RELEASE,
  SQL_ROLLBACK_TO,
  SQL_COMMIT,
  SQL_ROLLBACK,
  SQL_EVENT,
  SQL_COMMAND,
  SQL_TICKET,
  SQL_PERSON,
  SQL_PERSON_CLEAR,
  SQL_DAY,
  SQL_META,
  SQL_META_GET,
  SQL_OPEN_FLOOR,
  SQL_ACTIVE,
  SQL_CLOSED,
  SQL_LOAD_DAY,
  SQL_COUNT,
  SQL_LAST_TICKET,
  SQL_LOAD_TICKET,
  SQL_LOAD_UNDO,
  SQL_RECENT_UNDO,
  SQL_LOAD_KEYS,
  SQL_FIND_KEY,
  SQL_BOOT,
  SQL_BOOT_GET,
  SQL_PROBE,
  SQL_EPOCH,
  SQL_EPOCH_GET,
  SQL_DEVICE_ADD,
  SQL_DEVICE_REMOVE,
  SQL_DEVICES,
  STATEMENTS
};

extern const char *const store_sql[STATEMENTS];
extern const char store_epoch_sql[]; /* several statements, for a new epoch */

#endif
