/* main.c - boothctl: the command line is parsed, checked against the table of subcommands, and run.
 *
 * boothctl uses the same HTTP API as the phones, over the daemon's unix socket, and never opens the database.
 */
#include "boothctl/subcommands.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#define SOCKET "/run/boothd/boothd.sock"

static int print_help(void)
{
  autotable struct table t = {.columns = 2};
  puts("usage: boothctl [--socket PATH] [--json] COMMAND ...\n");
  for (size_t i = 0; i < n_subcommands; i++) {
    table_fmt(&t, "  %s %s", subcommands[i].name, subcommands[i].args);
    table_add(&t, subcommands[i].help);
  }
  table_print(&t);
  puts("\nA TICKET is named by its number as shown (12, A-12) or by #ID. A duration TIME is as 100ms, 30s, 10m, 2h.\n"
       "Exit status: 0 done, 1 refused, 2 not understood, 3 boothd cannot be reached. See boothctl(1).");
  return 0;
}

static int print_usage(const struct subcommand *command)
{
  if (command)
    fprintf(stderr, "usage: boothctl %s %s\n", command->name, command->args);
  else
    fputs("usage: boothctl [--socket PATH] [--json] COMMAND ... (boothctl --help lists them)\n", stderr);
  return CTL_USAGE;
}

/* Parses the option at argv[*i] and its value, --name VALUE or --name=VALUE. 0 or CTL_USAGE. */
static int parse_option(struct ctl *c, char **argv, int argc, int *i)
{
  const char *text = argv[*i];
  size_t length = strcspn(text, "=");
  for (size_t o = 0; o < OPTIONS; o++) {
    if (strlen(subcommand_options[o].name) != length || strncmp(subcommand_options[o].name, text, length) != 0)
      continue;
    if (subcommand_options[o].flag && !text[length])
      c->options[o] = "";
    else if (!subcommand_options[o].flag && text[length])
      c->options[o] = text + length + 1;
    else if (!subcommand_options[o].flag && *i + 1 < argc)
      c->options[o] = argv[++*i];
    else
      return ctl_usage_error(subcommand_options[o].flag ? "%s takes no value" : "%s needs a value",
                             subcommand_options[o].name);
    return 0;
  }
  return ctl_usage_error("unknown option: %s", text);
}

static int check_words(const struct ctl *c, const struct subcommand *command)
{
  for (size_t o = 0; o < OPTIONS; o++)
    if (c->options[o] && !subcommand_options[o].everywhere && !strstr(command->args, subcommand_options[o].name))
      return ctl_usage_error("%s does not go with %s", subcommand_options[o].name, command->name);
  if (c->n_words < command->min_words || c->n_words > command->max_words)
    return ctl_usage_error("%s: too %s words", command->name, c->n_words < command->min_words ? "few" : "many");
  return 0;
}

static int run_command_line(struct ctl *c, char **argv, int argc)
{
  bool only_words = false;
  const char *environment = getenv("BOOTHD_SOCKET"); // NOLINT(concurrency-mt-unsafe): one thread
  c->options[OPT_SOCKET] = environment && *environment ? environment : SOCKET;
  for (int i = 1; i < argc; i++) {
    const char *word = argv[i];
    if (only_words || *word != '-' || !word[1])
      c->words[c->n_words++] = argv[i];
    else if (strcmp(word, "--") == 0)
      only_words = true;
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
      return print_help();
    else if (strcmp(word, "--version") == 0)
      return puts("boothctl " BOOTHD_VERSION) < 0;
    else if (parse_option(c, argv, argc, &i))
      return print_usage(NULL);
  }
  const struct subcommand *command = c->n_words ? subcommands_find(c->words[0]) : NULL;
  if (!command) {
    if (c->n_words)
      ctl_print_error("unknown command: %s", c->words[0]);
    return print_usage(NULL);
  }
  c->words++;
  c->n_words--;
  int r = check_words(c, command);
  if (r == 0)
    r = command->run(c);
  return r == CTL_USAGE ? print_usage(command) : r;
}

int main(int argc, char **argv)
{
  autofree char **words = xcalloc((size_t)argc + 1, sizeof *words);
  struct ctl c = {.words = words};
  term_init();
  tzset();
  int r = run_command_line(&c, argv, argc);
  if (fflush(stdout) == EOF || ferror(stdout)) {
    ctl_print_error("stdout: %s", strerrordesc_np(errno));
    return r ? r : CTL_REFUSED;
  }
  return r;
}
