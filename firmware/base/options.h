/* options.h - the command line that all daemons share. Main thread. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/util.h"

struct options {
  const char *file;             /* --config FILE, or NULL */
  const char *sets[LIMIT_SETS]; /* --set KEY=VALUE, in order */
  size_t n_sets;
  bool check;      /* --check: check the configuration and exit */
  bool routes;     /* --routes: print the routes and exit */
  bool release;    /* --release: turn the panel's outputs off and exit */
  char **operands; /* after the options; NULL-terminated */
};

struct options_program {
  const char *name;
  const char *purpose;  /* for --help */
  const char *operands; /* for --help; NULL = none are allowed */
  const char *keys;     /* config_usage(), for --help */
  bool panel;           /* it has a panel, and --release */
};

/* Returns -1 to go on, or an exit status. */
int options_read(int argc, char **argv, const struct options_program *program, struct options *ret) must_check;

#endif
