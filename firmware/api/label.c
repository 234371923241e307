/* label.c - a label opens the booth's Wi-Fi, so it is made for managers only and never stored. Its page has SVG
 * attributes and HTML's defaults for a style, because the Content-Security-Policy allows no other.
 */
#include "api/label.h"

#include <qrencode.h>

#define QUIET 4 /* modules around a code */

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

/* A code with its quiet zone, as a square of that side. */
static void add_qr(struct buf *b, const char *text, int x, int y, int side)
{
  QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
  if (!code)
    abort(); /* out of memory: 2,331 bytes fit, and no name or passphrase comes near */
  int size = code->width + 2 * QUIET;
  buf_fmt(b,
          "<svg xmlns=\"http://www.w3.org/2000/svg\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
          "viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"QR\">"
          "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
          x, y, side, side, size, size, size, size);
  for (int row = 0; row < code->width; row++)
    for (int column = 0; column < code->width; column++)
      if (code->data[row * code->width + column] & 1)
        buf_fmt(b, "M%d %dh1v1h-1z", column + QUIET, row + QUIET);
  buf_str(b, "\"/></svg>");
  QRcode_free(code);
}

void label_svg(struct buf *b, const char *text)
{
  add_qr(b, text, 0, 0, 240);
}

/* --- the label: 130 by 82 mm, in tenths of a millimetre --- */

#define WIDTH  1300
#define HEIGHT 820
#define MARGIN 50
#define SIDE   400 /* of a code */

static void add_text(struct buf *b, const char *s)
{
  static const char *const entities[256] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};
  for (; *s; s++)
    if (entities[(unsigned char)*s])
      buf_str(b, entities[(unsigned char)*s]);
    else
      buf_add(b, s, 1);
}

/* The largest font size that fits. Latin letters are some 0.62 of their size wide, others 1. */
static int font_size_for(const char *s, int most, int room)
{
  int hundredths = 1;
  for (; *s; s++)
    hundredths += (*s & 0xc0) == 0x80 ? 0 : *s & 0x80 ? 100 : 62;
  return min(most, room * 100 / hundredths);
}

static void add_text_at(struct buf *b, int x, int y, int size, const char *attributes, const char *s)
{
  buf_fmt(b, "<text x=\"%d\" y=\"%d\" font-size=\"%d\" %s>", x, y, size, attributes);
  add_text(b, s);
  buf_str(b, "</text>\n");
}

static void add_step(struct buf *b, int x, const char *number, const char *what)
{
  buf_fmt(b, "<circle cx=\"%d\" cy=\"165\" r=\"26\"/>", x + 26);
  add_text_at(b, x + 26, 178, 36, "fill=\"#fff\" text-anchor=\"middle\" font-weight=\"700\"", number);
  add_text_at(b, x + 66, 178, 36, "font-weight=\"700\"", what);
}

static void add_row(struct buf *b, int y, const char *name, const char *value)
{
  add_text_at(b, MARGIN, y, 28, "fill=\"#555\"", name);
  add_text_at(b, 400, y, font_size_for(value, 40, WIDTH - 400 - MARGIN),
              "font-family=\"monospace\" font-weight=\"700\"", value);
}

static void add_pin(struct buf *b, int y, int most, const char *name, const char *value)
{
  int x = MARGIN + 2 * (SIDE + 20), room = WIDTH - x - MARGIN;
  if (!value)
    return;
  add_text_at(b, x, y, 28, "fill=\"#555\"", name);
  add_text_at(b, x, y + most + 6, font_size_for(value, most, room), "font-family=\"monospace\" font-weight=\"700\"",
              value);
}

void label_html(struct buf *b, const struct label *l)
{
  autobuf struct buf wifi = {0};
  buf_str(b, "<!doctype html>\n<html lang=\"ko\">\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
  add_text(b, l->booth);
  buf_fmt(
      b,
      "</title>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"130mm\" height=\"82mm\" "
      "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n"
      "<rect x=\"2\" y=\"2\" width=\"%d\" height=\"%d\" rx=\"28\" fill=\"#fff\" stroke=\"#000\" stroke-width=\"3\"/>\n",
      WIDTH, HEIGHT, WIDTH - 4, HEIGHT - 4);
  add_text_at(b, MARGIN, 100, font_size_for(l->booth, 64, WIDTH - 2 * MARGIN), "font-weight=\"700\"", l->booth);
  label_wifi(&wifi, l);
  add_step(b, MARGIN, "1", "Wi-Fi");
  add_qr(b, wifi.data, MARGIN - 20, 200, SIDE);
  add_step(b, MARGIN + SIDE + 20, "2", "주소 Address");
  add_qr(b, l->address, MARGIN + SIDE, 200, SIDE);
  add_step(b, MARGIN + 2 * (SIDE + 20), "3", "PIN");
  add_pin(b, 260, 84, "스태프 Staff", l->staff_pin);
  add_pin(b, 440, 56, "관리자 Manager", l->manager_pin);
  add_row(b, 660, "Wi-Fi", l->ssid);
  add_row(b, 715, "비밀번호 Password", l->passphrase);
  add_row(b, 770, "주소 Address", l->address);
  buf_str(b, "</svg>\n");
}
