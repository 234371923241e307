/* setup.h - what the parts of boothctl setup share. */
#ifndef BOOTHCTL_SETUP_H
#define BOOTHCTL_SETUP_H

#include "boothctl/config_edit.h"
#include "boothctl/ctl.h"

struct setup {
  struct ctl *c;
  struct config_edit config; /* all that the file will have */
  struct config_edit given;  /* of this, what was answered now */
  struct buf before;         /* the file as it is; empty = none */
  bool made;                 /* the booth has its secrets already */
  bool enrolled;             /* the booth has a hub already */
};

/* Asks all questions that apply, each until its answer is valid. 0, or an exit status. */
int setup_ask(struct setup *s) must_check;
/* Takes the default of each question that is not answered. */
void setup_use_defaults(struct setup *s);

/* One line of stdin without the blanks around it. 0; an exit status at the end of the input. */
int setup_read_line(char ret[static LIMIT_CONFIG_LINE]) must_check;
/* Prints that nothing was changed. Returns the exit status. */
int setup_cancelled(void);
bool setup_is_yes(const char *answer);
/* Whether the key has a value that is not empty. */
bool setup_has(const struct setup *s, const char *key);

#endif
