/* main.c - boothhub: the options, then the server or one admin command. */
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/options.h"
#include "base/process.h"
#include "base/random.h"
#include "hub/admin.h"
#include "hub/api/routes.h"
#include "hub/hub.h"

static int print_routes(void)
{
  autobuf struct buf routes = {0};
  routes_print(&routes);
  fputs(routes.data, stdout);
  return 0;
}

static int run_program(const struct daemon_options *o)
{
  struct hub_config c = {0};
  struct config_error e = {0};
  int status = 0;
  if (hub_config_load(o->file, o->sets.at, o->sets.n, &c, &e) < 0) {
    log_err("config", "key=%s detail=\"%s\"", e.key, e.detail);
    status = EX_CONFIG;
  } else if (random_start() < 0) {
    log_err("start_failed", "part=crypto detail=\"libsodium cannot start\"");
    status = EX_SOFTWARE;
  } else if (!o->check && *o->operands) {
    status = admin_run(&c, o->operands + 1);
  } else if (!o->check) {
    process_prepare((const int[]){SIGTERM, SIGINT, 0});
    status = hub_serve(&c);
  }
  hub_config_done(&c);
  return status;
}

int main(int argc, char **argv)
{
  autobuf struct buf keys = {0}, purpose = {0};
  struct daemon_options options;
  buf_str(&purpose, "The central server of many booths: collects their queues' events and passes remote guests' "
                    "requests to them.\n\n");
  admin_usage(&purpose);
  hub_config_usage(&keys);
  const struct daemon_program program = {"boothhub", purpose.data, "[admin COMMAND…]", keys.data};
  int status = options_parse_daemon(argc, argv, &program, &options);
  if (status >= 0)
    return status;
  if (*options.operands && strcmp(options.operands[0], "admin") != 0) {
    fprintf(stderr, "boothhub: not understood: %s\n", options.operands[0]);
    return EX_USAGE;
  }
  return options.routes ? print_routes() : run_program(&options);
}
