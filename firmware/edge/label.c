/* The label is the key to the booth's Wi-Fi, so it is only made for those who may see it and never stored. Its page has
 * no style of its own but SVG attributes and HTML's defaults: nothing that a strict Content-Security-Policy would
 * refuse. */
#include "edge/label.h"

#include <qrencode.h>

#define QUIET 4

void label_wifi(struct buf *b, const struct label *l)
{
  const char *const parts[] = {"WIFI:T:WPA;S:", l->ssid, ";P:", l->passphrase, ";;"};
  for (size_t i = 0; i < array_len(parts); i++)
    for (const char *s = parts[i]; *s; s++) {
      if (i % 2 == 1 && strchr("\\;,\":", *s))
        buf_add(b, "\\", 1);
      buf_add(b, s, 1);
    }
}

void label_svg(struct buf *b, const char *text)
{
  QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
  if (!code)
    abort(); /* out of memory: 2,331 bytes fit, and no name or passphrase comes near */
  int size = code->width + 2 * QUIET;
  buf_fmt(b,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"240\" height=\"240\" "
          "shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
          "<path d=\"",
          size, size, size, size);
  for (int y = 0; y < code->width; y++)
    for (int x = 0; x < code->width; x++)
      if (code->data[y * code->width + x] & 1)
        buf_fmt(b, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
  buf_str(b, "\"/></svg>");
  QRcode_free(code);
}

static void html_text(struct buf *b, const char *s)
{
  static const char *const entities[256] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};
  for (; *s; s++)
    if (entities[(unsigned char)*s])
      buf_str(b, entities[(unsigned char)*s]);
    else
      buf_add(b, s, 1);
}

static void row(struct buf *b, const char *name, const char *value)
{
  if (!value)
    return;
  buf_fmt(b, "<tr><th align=\"left\">%s<td><b>", name);
  html_text(b, value);
  buf_str(b, "</b>\n");
}

void label_html(struct buf *b, const struct label *l)
{
  autobuf struct buf wifi = {0};
  buf_str(b, "<!doctype html>\n<html lang=\"ko\">\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
  html_text(b, l->booth);
  buf_str(b, "</title>\n<h1>");
  html_text(b, l->booth);
  buf_str(b, "</h1>\n<p>1. Wi-Fi &nbsp; 2. ");
  html_text(b, l->address);
  buf_str(b, " &nbsp; 3. PIN</p>\n<table cellpadding=\"12\"><tr><td>");
  label_wifi(&wifi, l);
  label_svg(b, wifi.data);
  buf_str(b, "<td>");
  label_svg(b, l->address);
  buf_str(b, "</table>\n<table cellpadding=\"6\">\n");
  row(b, "Wi-Fi", l->ssid);
  row(b, "비밀번호 / Password", l->passphrase);
  row(b, "주소 / Address", l->address);
  row(b, "스태프 PIN / Staff PIN", l->staff_pin);
  row(b, "관리자 PIN / Manager PIN", l->manager_pin);
  buf_str(b, "</table>\n");
}
