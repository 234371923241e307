/* machine_id.c - a Raspberry Pi has a serial number, a PC at least the id of its installation. The latter is on the
 * card and is copied with it, so the serial number comes first.
 */
#include "writer/machine_id.h"

#include "base/file.h"

char *machine_id_find(const char *configured)
{
  static const char *const paths[] = {"/sys/firmware/devicetree/base/serial-number", "/etc/machine-id"};
  if (strcmp(configured, "auto") != 0)
    return xstrdup(configured);
  for (size_t i = 0; i < array_len(paths); i++) {
    autobuf struct buf text = {0};
    if (file_read(paths[i], 256, &text) < 0 || !text.len)
      continue;
    text.data[strcspn(text.data, "\n")] = '\0';
    if (*text.data)
      return xstrdup(text.data);
  }
  return NULL;
}
