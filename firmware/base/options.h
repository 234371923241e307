/* options.h - the command line of a daemon: the same for each of our programs. Main thread. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/util.h"

struct options {
  const char *file;             /* --config FILE, or NULL */
  const char *sets[LIMIT_SETS]; /* --set KEY=VALUE, in order */
  size_t n_sets;
  bool check, routes;
};

/* program and purpose: for --help, which ends with keys (config_usage). Returns -1 to go on, or an exit status. */
int options_read(int argc, char **argv, const char *program, const char *purpose, const char *keys,
                 struct options *ret) must_check;

#endif
