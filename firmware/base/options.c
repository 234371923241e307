/* options.c - --help and --version print to stdout and exit with 0; an invalid option prints to stderr and exits with
 * EX_USAGE. */
#include "base/options.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

static int print_usage(int status, const struct options_program *p)
{
  fprintf(status ? stderr : stdout,
          "Usage: %s [--config FILE] [--set KEY=VALUE]... [--check]%s%s\n%s\n\n"
          "  -c, --config FILE    read start-up keys from FILE (key = value lines)\n"
          "  -s, --set KEY=VALUE  set one key; may be repeated, wins over the file\n"
          "      --check          check the keys, say what is wrong, and exit\n"
          "      --routes         print the HTTP routes and exit\n"
          "%s"
          "  -h, --help           this text\n"
          "      --version        version\n\nKeys:\n%s",
          p->name, p->operands ? " " : "", p->operands ? p->operands : "", p->purpose,
          p->panel ? "      --release        turn the panel's LED and buzzer off and exit\n" : "", p->keys);
  return status;
}

int options_read(int argc, char **argv, const struct options_program *program, struct options *ret)
{
  enum { CHECK = 256, ROUTES, RELEASE, VERSION };
  static const struct option known[] = {
      {"config", required_argument, NULL, 'c'}, {"set", required_argument, NULL, 's'},
      {"check", no_argument, NULL, CHECK},      {"routes", no_argument, NULL, ROUTES},
      {"release", no_argument, NULL, RELEASE},  {"help", no_argument, NULL, 'h'},
      {"version", no_argument, NULL, VERSION},  {0},
  };
  *ret = (struct options){0};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before threads start
  for (int o; (o = getopt_long(argc, argv, "c:s:h", known, NULL)) != -1;)
    switch (o) {
    case 'c':
      ret->file = optarg;
      break;
    case 's':
      if (ret->n_sets == LIMIT_SETS)
        return print_usage(EX_USAGE, program);
      ret->sets[ret->n_sets++] = optarg;
      break;
    case CHECK:
      ret->check = true;
      break;
    case ROUTES:
      ret->routes = true;
      break;
    case RELEASE:
      if (!program->panel)
        return print_usage(EX_USAGE, program);
      ret->release = true;
      break;
    case 'h':
      return print_usage(0, program);
    case VERSION:
      printf("%s " BOOTHD_VERSION "\n", program->name);
      return 0;
    default:
      return print_usage(EX_USAGE, program);
    }
  ret->operands = argv + optind;
  return *ret->operands && !program->operands ? print_usage(EX_USAGE, program) : -1;
}
