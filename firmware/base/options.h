/* options.h - command lines by a table, and the options that our daemons share. Main thread.
 *
 * --help and --version are built in. A wrong option or operand prints the usage and exits with EX_USAGE.
 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/util.h"

struct options_list {
  const char *at[LIMIT_SETS];
  size_t n;
};

enum option_type {
  OPTION_FLAG, /* bool */
  OPTION_TEXT, /* const char *, the last one given */
  OPTION_LIST, /* struct options_list; may be given LIMIT_SETS times */
};

/* One option; what is not given leaves its target untouched. */
struct option_row {
  const char *name;
  char letter; /* 'c' for -c; 0 = none */
  enum option_type type;
  const char *value; /* "FILE"; NULL for a flag */
  size_t offset;     /* of its target */
  const char *help;
};

struct options_program {
  const char *name;
  const char *usage; /* after the name: "[--config FILE] COMMAND" */
  const char *purpose;
  const char *more; /* after the options: what they are about, line by line */
};

/* Returns -1 to go on, with the operands (NULL-terminated), or an exit status. */
int options_parse(int argc, char **argv, const struct options_program *program, const struct option_row *rows, size_t n,
                  void *target, char ***ret_operands) must_check;

struct daemon_options {
  const char *file;         /* --config FILE, or NULL */
  struct options_list sets; /* --set KEY=VALUE, in order */
  bool check;               /* --check: check the configuration and exit */
  bool routes;              /* --routes: print the routes and exit */
  bool release;             /* --release: turn the panel's outputs off and exit */
  char **operands;          /* NULL-terminated */
};

struct daemon_program {
  const char *name;
  const char *purpose;
  const char *operands; /* "[admin COMMAND…]"; NULL = none are allowed */
  const char *keys;     /* of its configuration, a line each */
  bool panel;           /* it has a panel, and --release */
};

/* As options_parse(). */
int options_parse_daemon(int argc, char **argv, const struct daemon_program *program,
                         struct daemon_options *ret) must_check;

#endif
