/* cmd_files.c - backup, restore and the label. */
#include "boothctl/client.h"

#include <stdio.h>

int cmd_backup(struct ctl *c)
{
  return client_download(c, API_SYSTEM "/backup", c->words[0]);
}

int cmd_restore(struct ctl *c)
{
  autoanswer struct answer a = {0};
  int r = client_upload(c, API_SYSTEM "/restore", "application/vnd.sqlite3", c->words[0], &a);
  if (r || c->options[OPT_JSON])
    return r ? r : answer_print(&a);
  puts("restored; the replaced database was kept beside it");
  return 0;
}

int cmd_label(struct ctl *c)
{
  return client_download(c, API_SYSTEM "/label", c->options[OPT_OUTPUT]);
}
