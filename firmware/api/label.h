/* label.h - what is printed and stuck on the box: the Wi-Fi join QR, the address, the PIN. Wraps libqrencode. Pure. */
#ifndef API_LABEL_H
#define API_LABEL_H

#include "base/buf.h"

struct label {
  const char *booth, *address, *ssid, *passphrase, *staff_pin, *manager_pin; /* manager_pin NULL = left out */
};
/* WIFI:T:WPA;S:...;P:...;; with \ ; , " : escaped. */
void label_wifi(struct buf *b, const struct label *l);
/* A QR code as SVG of the text: dark on white, 4 modules of quiet zone. At most 2,331 bytes. */
void label_svg(struct buf *b, const char *text);
/* A page of HTML to print, self-contained: a drawing of 130 by 82 mm, without styles. */
void label_html(struct buf *b, const struct label *l);

#endif
