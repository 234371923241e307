/* admin.c - results for scripts (a code, a key) go to stdout alone, explanations to stderr. */
#include "hub/admin.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/text.h"
#include "hub/api/auth.h"
#include "hub/database.h"
#include "hub/model/booths.h"
#include "hub/model/generation.h"
#include "hub/model/keys.h"

static const char SQL_ADD_API_KEY[] = "INSERT INTO api_key VALUES ($1, $2, $3::bigint::integer, $4, NULL)";
static const char SQL_LIST[] =
    "SELECT encode(b.id, 'hex'), b.name, coalesce(b.version, '-'), coalesce(b.seen_at, 0), "
    "coalesce(e.head - e.acked, 0), (SELECT count(*) FROM ticket t WHERE t.booth = b.n "
    "AND t.epoch = b.epoch AND t.state = 'waiting'), coalesce((SELECT string_agg(k.state, ',' "
    "ORDER BY k.made_at) FROM booth_key k WHERE k.booth = b.n), 'not enrolled') FROM booth b "
    "LEFT JOIN epoch e ON e.n = b.epoch ORDER BY b.name, b.n";

static int print_error(const char *message)
{
  fprintf(stderr, "boothhub: %s\n", message);
  return 1;
}

static bool name_is_valid(const char *s)
{
  int n = utf8_length(s, strlen(s));
  for (const char *p = s; *p; p++)
    if ((unsigned char)*p < ' ' || *p == 0x7f)
      return false;
  return n >= 1 && n <= LIMIT_BOOTH;
}

static int find_booth(struct pg *db, const char *name, struct booth *ret)
{
  int r = booths_find(db, name, ret);
  if (r == -ENOENT)
    return print_error("there is no such booth; see boothhub admin list");
  if (r == -EEXIST)
    return print_error("several booths have that name; give its id");
  return r;
}

static int print_new_code(const struct hub_config *c, struct pg *db, const struct booth *b)
{
  struct enrol_code code;
  char text[ENROL_CODE], id[33];
  int r = booths_make_code(db, b, &code);
  if (r < 0)
    return r;
  enrol_code_text(text, &code);
  util_hex(id, b->id, sizeof b->id);
  printf("%s\n", text);
  fflush(stdout);
  fprintf(stderr, "boothhub: for booth %s, once, within 7 days. On the box:\n  boothctl enrol %s %s\n", id,
          *c->public_url ? c->public_url : "https://YOUR-HUB", text);
  return 0;
}

static int create_booth(const struct hub_config *c, struct pg *db, char **args)
{
  struct booth b;
  if (!name_is_valid(args[0]))
    return print_error("a booth's name is 1 to 60 characters");
  int r = booths_create(db, args[0], &b);
  return r < 0 ? r : print_new_code(c, db, &b);
}

static int create_code(const struct hub_config *c, struct pg *db, char **args)
{
  struct booth b;
  int r = find_booth(db, args[0], &b);
  return r ? r : print_new_code(c, db, &b);
}

static int revoke_booth(const struct hub_config *c, struct pg *db, char **args)
{
  struct booth b;
  int r = find_booth(db, args[0], &b);
  return r ? r : booths_revoke(db, &b);
}

static int create_key(const struct hub_config *c, struct pg *db, char **args)
{
  char key[AUTH_KEY];
  uint8_t hash[32];
  int64_t scopes;
  if (!name_is_valid(args[0]))
    return print_error("a key's name is 1 to 60 characters");
  if (auth_parse_scopes(args[1] ? args[1] : "read", &scopes) < 0)
    return print_error("scopes are read, guests and admin, with commas");
  auth_key_make(key);
  auth_key_hash(hash, key);
  struct pg_args a = {0};
  pg_bytes(&a, hash, sizeof hash);
  pg_text(&a, args[0]);
  pg_int(&a, scopes);
  pg_int(&a, clock_wall_ms());
  int r = pg_do(db, SQL_ADD_API_KEY, &a, NULL);
  if (r < 0)
    return r;
  printf("%s\n", key);
  fflush(stdout);
  fprintf(stderr, "boothhub: shown this once; a caller sends it as Authorization: Bearer KEY\n");
  return 0;
}

static int list_booths(const struct hub_config *c, struct pg *db, char **args)
{
  autorows struct pg_rows *rows = NULL;
  int r = pg_query(db, SQL_LIST, NULL, &rows);
  if (r < 0)
    return r;
  printf("%-32s  %-10s  %-24s  %7s  %6s  %-12s  %s\n", "ID", "VERSION", "LAST SEEN", "WAITING", "LAG", "KEYS", "NAME");
  for (size_t i = 0; i < pg_count(rows); i++) {
    char seen[25] = "never";
    if (pg_get_int(rows, i, 3))
      text_time(seen, pg_get_int(rows, i, 3));
    printf("%-32s  %-10s  %-24s  %7s  %6s  %-12s  %s\n", pg_get(rows, i, 0), pg_get(rows, i, 2), seen,
           pg_get(rows, i, 5), pg_get(rows, i, 4), pg_get(rows, i, 6), pg_get(rows, i, 1));
  }
  return 0;
}

static int rotate_hub_keys(const struct hub_config *c, struct pg *db, char **args)
{
  uint16_t number;
  int r = keys_rotate(db, &number);
  if (r == 0)
    printf("%u\n", number);
  return r;
}

static int mark_restored(const struct hub_config *c, struct pg *db, char **args)
{
  int64_t generation;
  int r = pg_begin(db);
  if (r < 0)
    return r;
  r = generation_raise(db, INT64_MAX, 0);
  if (r < 0)
    return r;
  r = generation_read(db, &generation);
  if (r < 0)
    return r;
  r = pg_commit(db);
  if (r == 0)
    printf("%lld\n", (long long)generation);
  return r;
}

static const struct {
  const char *name;
  const char *args; /* for the usage */
  int min_args;
  int max_args;
  int (*run)(const struct hub_config *c, struct pg *db, char **args); /* 0, an exit status, or a code of pg.h */
  const char *help;
} commands[] = {
    {"create-booth", "NAME", 1, 1, create_booth, "a new booth; prints its one-time enrolment code"},
    {"enrol-code", "BOOTH", 1, 1, create_code, "a code for a booth's next box; using it retires the old box's keys"},
    {"revoke", "BOOTH", 1, 1, revoke_booth, "refuse the booth's keys from now on"},
    {"list", "", 0, 0, list_booths, "the booths"},
    {"create-key", "NAME [SCOPES]", 1, 2, create_key, "an API key: read, guests, admin with commas [read]"},
    {"rotate-keys", "", 0, 0, rotate_hub_keys, "new keys of the hub; prints their number"},
    {"restored", "", 0, 0, mark_restored, "the database was restored from a backup: booths report anew"},
};

void admin_usage(struct buf *b)
{
  for (size_t i = 0; i < array_len(commands); i++) {
    char command[40];
    snprintf(command, sizeof command, "%s %s", commands[i].name, commands[i].args);
    buf_fmt(b, "  admin %-26s %s\n", command, commands[i].help);
  }
}

static int printf_like(1, 2) print_misuse(const char *format, ...)
{
  va_list args;
  autobuf struct buf usage = {0};
  admin_usage(&usage);
  fputs("boothhub: ", stderr);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fprintf(stderr, "\nUsage: boothhub …\n%s", usage.data);
  return EX_USAGE;
}

int admin_run(const struct hub_config *c, char **words)
{
  size_t i = 0;
  int n = 0;
  if (!words[0])
    return print_misuse("admin needs a command");
  while (i < array_len(commands) && strcmp(commands[i].name, words[0]) != 0)
    i++;
  while (words[n + 1])
    n++;
  if (i == array_len(commands))
    return print_misuse("there is no admin %s", words[0]);
  if (n < commands[i].min_args)
    return print_misuse("admin %s needs %s", commands[i].name, commands[i].args);
  if (n > commands[i].max_args)
    return print_misuse("admin %s: too many words", commands[i].name);
  struct pg *db = NULL;
  int status = database_open(c->database, &db);
  if (status)
    return status;
  int r = commands[i].run(c, db, words + 1);
  pg_close(db);
  if (r >= 0)
    return r;
  print_error("the database failed; see the log above");
  return EX_UNAVAILABLE;
}
