#include "base/options.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/buf.h"

#define ROWS_MAX 8 /* of one program */

enum { HELP = 256, VERSION, FIRST_ROW };

static void print_option(FILE *to, int width, const struct option_row *row)
{
  char name[40];
  snprintf(name, sizeof name, "--%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
  fprintf(to, row->letter ? "  -%c, " : "      ", row->letter);
  fprintf(to, "%-*s  %s\n", width, name, row->help);
}

static int print_usage(int status, const struct options_program *p, const struct option_row *rows, size_t n)
{
  static const struct option_row help = {"help", .letter = 'h', .help = "this text"},
                                 version = {"version", .help = "version"};
  FILE *to = status ? stderr : stdout;
  size_t width = strlen("--version");
  for (size_t i = 0; i < n; i++)
    width = max(width, strlen(rows[i].name) + 2 + (rows[i].value ? strlen(rows[i].value) + 1 : 0));
  fprintf(to, "Usage: %s %s\n%s\n\n", p->name, p->usage, p->purpose);
  for (size_t i = 0; i < n; i++)
    print_option(to, (int)width, &rows[i]);
  print_option(to, (int)width, &help);
  print_option(to, (int)width, &version);
  fprintf(to, "\n%s", p->more);
  return status;
}

/* False: one too many of a list. */
static bool store_option(const struct option_row *row, void *target, const char *value)
{
  void *to = (char *)target + row->offset;
  struct options_list *list = to;
  switch (row->type) {
  case OPTION_FLAG:
    *(bool *)to = true;
    return true;
  case OPTION_TEXT:
    *(const char **)to = value;
    return true;
  case OPTION_LIST:
    if (list->n == LIMIT_SETS)
      return false;
    list->at[list->n++] = value;
    return true;
  }
  return false;
}

int options_parse(int argc, char **argv, const struct options_program *program, const struct option_row *rows, size_t n,
                  void *target, char ***ret_operands)
{
  struct option known[ROWS_MAX + 3] = {{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, VERSION}};
  char letters[2 * ROWS_MAX + 2] = "h", *letter = letters + 1;
  if (n > ROWS_MAX)
    abort();
  for (size_t i = 0; i < n; i++) {
    known[i + 2] = (struct option){rows[i].name, rows[i].value ? required_argument : no_argument, NULL,
                                   rows[i].letter ? rows[i].letter : FIRST_ROW + (int)i};
    if (rows[i].letter)
      *letter++ = rows[i].letter;
    if (rows[i].letter && rows[i].value)
      *letter++ = ':';
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before threads start
  for (int o; (o = getopt_long(argc, argv, letters, known, NULL)) != -1;) {
    if (o == 'h')
      return print_usage(0, program, rows, n);
    if (o == VERSION) {
      printf("%s " BOOTHD_VERSION "\n", program->name);
      return 0;
    }
    size_t i = 0;
    while (i < n && o != known[i + 2].val)
      i++;
    if (i == n || !store_option(&rows[i], target, optarg))
      return print_usage(EX_USAGE, program, rows, n);
  }
  *ret_operands = argv + optind;
  return -1;
}

int options_parse_daemon(int argc, char **argv, const struct daemon_program *program, struct daemon_options *ret)
{
#define TARGET(member) offsetof(struct daemon_options, member)
  static const struct option_row rows[] = {
      {"config", 'c', OPTION_TEXT, "FILE", TARGET(file), "read start-up keys from FILE (key = value lines)"},
      {"set", 's', OPTION_LIST, "KEY=VALUE", TARGET(sets), "set one key; may be repeated, wins over the file"},
      {"check", 0, OPTION_FLAG, NULL, TARGET(check), "check the keys, say what is wrong, and exit"},
      {"routes", 0, OPTION_FLAG, NULL, TARGET(routes), "print the HTTP routes and exit"},
      {"release", 0, OPTION_FLAG, NULL, TARGET(release), "turn the panel's LED and buzzer off and exit"},
  };
#undef TARGET
  autobuf struct buf usage = {0}, keys = {0};
  *ret = (struct daemon_options){0};
  buf_fmt(&usage, "[--config FILE] [--set KEY=VALUE]... [--check]%s%s", program->operands ? " " : "",
          program->operands ? program->operands : "");
  buf_fmt(&keys, "Keys:\n%s", program->keys);
  const struct options_program p = {program->name, usage.data, program->purpose, keys.data};
  const size_t n = program->panel ? array_len(rows) : array_len(rows) - 1;
  int status = options_parse(argc, argv, &p, rows, n, ret, &ret->operands);
  if (status < 0 && *ret->operands && !program->operands)
    return print_usage(EX_USAGE, &p, rows, n);
  return status;
}
