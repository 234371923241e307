/* boothctl - the command line of boothd. One table of subcommands gives usage, dispatch, checks and completion: in
 * `args` a word in capitals stands for a value, any other is typed as it is.
 *
 * It uses the same HTTP API as the phones, over the daemon's unix socket, and never opens the database.
 */
#include "base/json.h"
#include "boothctl/client.h"
#include "boothctl/ctl.h"
#include "boothctl/format_queue.h"
#include "boothctl/table.h"
#include "boothctl/term.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#define SOCKET "/run/boothd/boothd.sock"

static int cmd_completion(struct ctl *c);

static const struct subcommand {
  const char *name;
  const char *args;
  const char *help;
  int min_words;
  int max_words;
  int (*run)(struct ctl *c);
} commands[] = {
    {"status", "", "the booth's health", 0, 0, cmd_status},
    {"queue", "[--line LINE] [--all]", "the list; --all: with closed tickets", 0, 0, cmd_queue},
    {"watch", "", "the list, live; q quits", 0, 0, cmd_watch},
    {"issue", "PARTY [--line LINE] [--name NAME] [--phone PHONE] [--note NOTE]", "add a party to the list", 1, 1,
     cmd_issue},
    {"call", "TICKET", "call it, or call it again", 1, 1, cmd_call},
    {"call-next", "[--line LINE]", "call the next ticket", 0, 0, cmd_call_next},
    {"seat", "TICKET", "the guest has come", 1, 1, cmd_seat},
    {"no-show", "TICKET", "the guest has not come", 1, 1, cmd_no_show},
    {"cancel", "TICKET", "the guest no longer waits", 1, 1, cmd_cancel},
    {"phoned", "TICKET", "the guest was reached by phone", 1, 1, cmd_phoned},
    {"requeue", "TICKET keep|front|back|after N", "return it to the list", 2, 3, cmd_requeue},
    {"edit", "TICKET [--party PARTY] [--name NAME] [--phone PHONE] [--note NOTE]", "change it; \"\" clears", 1, 1,
     cmd_edit},
    {"undo", "[SEQ]", "undo a command, or the last one", 0, 1, cmd_undo},
    {"intake", "open|paused|closed [--for TIME]", "who may join", 1, 1, cmd_intake},
    {"days", "[DATE | new]", "business days, one of them, or start a new one", 0, 1, cmd_days},
    {"export", "[DATE] [-o FILE]", "a day as CSV; without DATE the open one", 0, 1, cmd_export},
    {"settings", "[get | set FILE]", "show the settings, or set them from JSON (- is stdin)", 0, 2, cmd_settings},
    {"devices", "[revoke ID]", "signed-in phones", 0, 2, cmd_devices},
    {"clock", "[set TIME]", "the booth's clock", 0, 2, cmd_clock},
    {"sync", "", "exchange with the hub now, and show the state", 0, 0, cmd_sync},
    {"enrol", "URL CODE", "enrol with the hub at URL", 2, 2, cmd_enrol},
    {"nightly", "[--erase]", "do the nightly maintenance now; --erase: erase the names of other days, too", 0, 0,
     cmd_nightly},
    {"backup", "FILE", "save the database to a file", 1, 1, cmd_backup},
    {"restore", "FILE", "replace the database by a backup", 1, 1, cmd_restore},
    {"label", "[-o FILE]", "the label to print, as HTML: Wi-Fi, address, PIN", 0, 0, cmd_label},
    {"panel", "[press TIME | watch | test led|buzzer PATTERN]", "button, LED, buzzer", 0, 3, cmd_panel},
    {"setup", "[--file FILE] [--yes] [--root FOLDER]",
     "make this machine a booth, by questions or from a file; as root", 0, 0, cmd_setup},
    {"doctor", "[--root FOLDER]", "check everything, and say what to do about each problem", 0, 0, cmd_doctor},
    {"completion", "[WORD]...", "possible next words, for a shell", 0, 256, cmd_completion},
};

static const struct {
  const char *name;
  bool flag;       /* takes no value */
  bool everywhere; /* goes with every subcommand */
} options[OPTIONS] = {
    [OPT_SOCKET] = {"--socket", .everywhere = true},
    [OPT_JSON] = {"--json", .flag = true, .everywhere = true},
    [OPT_LINE] = {"--line"},
    [OPT_ALL] = {"--all", .flag = true},
    [OPT_PARTY] = {"--party"},
    [OPT_NAME] = {"--name"},
    [OPT_PHONE] = {"--phone"},
    [OPT_NOTE] = {"--note"},
    [OPT_FOR] = {"--for"},
    [OPT_OUTPUT] = {"-o"},
    [OPT_ERASE] = {"--erase", .flag = true},
    [OPT_FILE] = {"--file"},
    [OPT_YES] = {"--yes", .flag = true},
    [OPT_ROOT] = {"--root"},
};

/* --- completion: the literal words of args, and the tickets in the list --- */

static void print_ticket_numbers(struct ctl *c)
{
  autoanswer struct answer a = {0};
  if (client_try_get(c, API_QUEUE, &a) < 0)
    return;
  const struct json *t = json_at(json_get(a.json, "tickets"), 0);
  for (; t; t = json_next(t)) {
    autobuf struct buf b = {0};
    term_text(&b, json_text_or_empty(t, "number"));
    if (ticket_is_active(t) && b.len)
      puts(b.data);
  }
}

static const struct subcommand *find_command(const char *name)
{
  for (size_t i = 0; i < array_len(commands); i++)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}

static int cmd_completion(struct ctl *c)
{
  const struct subcommand *command = c->n_words ? find_command(c->words[0]) : NULL;
  for (size_t i = 0; i < array_len(commands) && c->n_words == 0; i++)
    puts(commands[i].name);
  for (size_t i = 0; i < OPTIONS; i++)
    if (options[i].everywhere)
      puts(options[i].name);
  autofree char *args = xstrdup(command ? command->args : "");
  char *rest = args, *word;
  while ((word = strtok_r(NULL, " []|.", &rest))) {
    if (strcmp(word, "TICKET") == 0 && c->n_words == 1)
      print_ticket_numbers(c);
    if (*word == '-' || (*word >= 'a' && *word <= 'z'))
      puts(word);
  }
  return 0;
}

/* --- the command line --- */

static int print_help(void)
{
  autotable struct table t = {.columns = 2};
  puts("usage: boothctl [--socket PATH] [--json] COMMAND ...\n");
  for (size_t i = 0; i < array_len(commands); i++) {
    table_fmt(&t, "  %s %s", commands[i].name, commands[i].args);
    table_add(&t, commands[i].help);
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
    if (strlen(options[o].name) != length || strncmp(options[o].name, text, length) != 0)
      continue;
    if (options[o].flag && !text[length])
      c->options[o] = "";
    else if (!options[o].flag && text[length])
      c->options[o] = text + length + 1;
    else if (!options[o].flag && *i + 1 < argc)
      c->options[o] = argv[++*i];
    else
      return ctl_usage_error(options[o].flag ? "%s takes no value" : "%s needs a value", options[o].name);
    return 0;
  }
  return ctl_usage_error("%s is no option", text);
}

static int check_words(const struct ctl *c, const struct subcommand *command)
{
  for (size_t o = 0; o < OPTIONS; o++)
    if (c->options[o] && !options[o].everywhere && !strstr(command->args, options[o].name))
      return ctl_usage_error("%s does not go with %s", options[o].name, command->name);
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
  const struct subcommand *command = c->n_words ? find_command(c->words[0]) : NULL;
  if (!command) {
    if (c->n_words)
      ctl_print_error("%s is no command", c->words[0]);
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
