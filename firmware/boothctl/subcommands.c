#include "boothctl/subcommands.h"

const struct subcommand subcommands[] = {
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
const size_t n_subcommands = array_len(subcommands);

const struct subcommand_option subcommand_options[OPTIONS] = {
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

const struct subcommand *subcommands_find(const char *name)
{
  for (size_t i = 0; i < n_subcommands; i++)
    if (strcmp(subcommands[i].name, name) == 0)
      return &subcommands[i];
  return NULL;
}
