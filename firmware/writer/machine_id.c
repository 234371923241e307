/* machine_id.c - a Raspberry Pi's serial number is burnt into it; a PC has at least what its installation was given. A
 * card that is copied whole takes the latter along: there the former has to tell.
 */
#include "writer/machine_id.h"

#include "base/file.h"

#define LONGEST 256

char *machine_id_find(const char *configured)
{
  static const char *const places[] = {"/sys/firmware/devicetree/base/serial-number", "/etc/machine-id"};
  if (strcmp(configured, "auto") != 0)
    return xstrdup(configured);
  for (size_t i = 0; i < array_len(places); i++) {
    autobuf struct buf text = {0};
    if (file_read(places[i], LONGEST, &text) < 0 || !text.len)
      continue;
    text.data[strcspn(text.data, "\n")] = '\0';
    if (*text.data)
      return xstrdup(text.data);
  }
  return NULL;
}
