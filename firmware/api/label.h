/* label.h - the label to print for the booth: the QR code of its Wi-Fi, its address, its PINs. Wraps libqrencode. Pure.
 */
#ifndef API_LABEL_H
#define API_LABEL_H

#include "base/buf.h"

struct label {
  const char *booth;
  const char *address;
  const char *ssid;
  const char *passphrase;
  const char *staff_pin;
  const char *manager_pin; /* NULL = left out */
};
/* The text of the Wi-Fi code: WIFI:T:WPA;S:...;P:...;; with \ ; , " : escaped. */
void label_wifi(struct buf *b, const struct label *l);
/* A QR code as SVG of the text: dark on white, 4 modules of quiet zone. At most 2,331 bytes. */
void label_svg(struct buf *b, const char *text);
/* A page of HTML to print, self-contained: a drawing of 130 by 82 mm, without styles. */
void label_html(struct buf *b, const struct label *l);

#endif
