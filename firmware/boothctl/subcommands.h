/* subcommands.h - what boothctl can do: one table gives usage, dispatch, checks and completion. */
#ifndef BOOTHCTL_SUBCOMMANDS_H
#define BOOTHCTL_SUBCOMMANDS_H

#include "boothctl/ctl.h"

struct subcommand {
  const char *name;
  const char *args; /* a word in capitals stands for a value, any other is typed as it is */
  const char *help;
  int min_words;
  int max_words;
  int (*run)(struct ctl *c); /* an exit status */
};
extern const struct subcommand subcommands[];
extern const size_t n_subcommands;
const struct subcommand *subcommands_find(const char *name); /* NULL = there is none */

struct subcommand_option {
  const char *name;
  bool flag;       /* takes no value */
  bool everywhere; /* goes with every subcommand */
};
extern const struct subcommand_option subcommand_options[OPTIONS];

#endif
