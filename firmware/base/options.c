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
  static const struct option_row help = {"help", 'h', .help = "this text"}, version = {"version", .help = "version"};
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
static bool store_option(const struct option_row *row, const char *value)
{
  if (row->flag)
    *row->flag = true;
  else if (row->text)
    *row->text = value;
  else if (row->list->n == LIMIT_SETS)
    return false;
  else
    row->list->at[row->list->n++] = value;
  return true;
}

int options_parse(int argc, char **argv, const struct options_program *program, const struct option_row *rows, size_t n,
                  char ***ret_operands)
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
    if (i == n || !store_option(&rows[i], optarg))
      return print_usage(EX_USAGE, program, rows, n);
  }
  *ret_operands = argv + optind;
  return -1;
}

int options_parse_daemon(int argc, char **argv, const struct daemon_program *program, struct daemon_options *ret)
{
  const struct option_row rows[] = {
      {"config", 'c', "FILE", "read start-up keys from FILE (key = value lines)", .text = &ret->file},
      {"set", 's', "KEY=VALUE", "set one key; may be repeated, wins over the file", .list = &ret->sets},
      {"check", .help = "check the keys, say what is wrong, and exit", .flag = &ret->check},
      {"routes", .help = "print the HTTP routes and exit", .flag = &ret->routes},
      {"release", .help = "turn the panel's LED and buzzer off and exit", .flag = &ret->release},
  };
  autobuf struct buf usage = {0}, keys = {0};
  *ret = (struct daemon_options){0};
  buf_fmt(&usage, "[--config FILE] [--set KEY=VALUE]... [--check]%s%s", program->operands ? " " : "",
          program->operands ? program->operands : "");
  buf_fmt(&keys, "Keys:\n%s", program->keys);
  const struct options_program p = {program->name, usage.data, program->purpose, keys.data};
  const size_t n = program->panel ? array_len(rows) : array_len(rows) - 1;
  int status = options_parse(argc, argv, &p, rows, n, &ret->operands);
  if (status < 0 && *ret->operands && !program->operands)
    return print_usage(EX_USAGE, &p, rows, n);
  return status;
}
