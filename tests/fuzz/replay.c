/* What libFuzzer would do with files, built by any compiler: the seeds, and whatever once broke a target, run through
 * it again. Tells in TAP; a file that is announced and not told of did not come back. Files may also be named.
 */
#include <errno.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void find(const char *folder, glob_t *found, int flags)
{
  char pattern[128];
  snprintf(pattern, sizeof pattern, "tests/fuzz/%s/%s/*", folder, program_invocation_short_name + sizeof "fuzz");
  (void)glob(pattern, flags, NULL, found);
}

static void run(const char *path)
{
  static uint8_t bytes[1 << 20];
  FILE *f = fopen(path, "re");
  if (!f) {
    perror(path);
    exit(1);
  }
  size_t n = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  LLVMFuzzerTestOneInput(bytes, n);
}

int main(int argc, char **argv)
{
  glob_t found = {0};
  if (argc == 1) {
    find("corpus", &found, 0);
    find("crashes", &found, GLOB_APPEND);
    argc = (int)found.gl_pathc + 1;
    argv = found.gl_pathv - 1;
  }
  printf("1..%d\n", argc - 1);
  for (int i = 1; i < argc; i++) {
    printf("# %s\n", argv[i]);
    fflush(stdout);
    run(argv[i]);
    printf("ok %d - %s\n", i, argv[i]);
  }
  globfree(&found);
  return argc == 1;
}
