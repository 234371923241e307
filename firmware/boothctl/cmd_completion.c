/* cmd_completion.c - possible next words: the literal words of a subcommand's args, and the tickets in the list. */
#include "base/json.h"
#include "boothctl/client.h"
#include "boothctl/format_queue.h"
#include "boothctl/subcommands.h"
#include "boothctl/term.h"

#include <stdio.h>

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

int cmd_completion(struct ctl *c)
{
  const struct subcommand *command = c->n_words ? subcommands_find(c->words[0]) : NULL;
  for (size_t i = 0; i < n_subcommands && c->n_words == 0; i++)
    puts(subcommands[i].name);
  for (size_t i = 0; i < OPTIONS; i++)
    if (subcommand_options[i].everywhere)
      puts(subcommand_options[i].name);
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
