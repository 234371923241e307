/* options.h - the command line of a daemon: the same for each of our programs. Main thread. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/util.h"

struct options {
  const char *file;             /* --config FILE, or NULL */
  const char *sets[LIMIT_SETS]; /* --set KEY=VALUE, in order */
  size_t n_sets;
  bool check;   /* --check: read the configuration, then end */
  bool routes;  /* --routes: print the routes, then end */
  bool release; /* --release: let go of the panel, then end */
  char **words; /* what stands after the options; NULL-terminated */
};

/* words: what may stand after the options, NULL = nothing. purpose, words and keys (config_usage) are for --help. */
struct options_program {
  const char *name;
  const char *purpose;
  const char *words;
  const char *keys;
  bool panel; /* has one, and --release */
};

/* Returns -1 to go on, or an exit status. */
int options_read(int argc, char **argv, const struct options_program *program, struct options *ret) must_check;

#endif
