/* Bytes become an evening: commands, time, clocks, days, in whatever order; the model of the unit tests watches. */
#include "queue_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  struct model m = {.random = 1, .bytes = bytes, .left = n};
  setenv("CMOCKA_TEST_ABORT", "1", 1);
  evening(m, roll(&m, 6), 1000);
  return 0;
}
