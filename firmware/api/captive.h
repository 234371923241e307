/* captive.h - phones probe fixed names to find out whether a Wi-Fi has internet (config/captive_probes.h). The booth's
 * DNS resolves them to the booth, and these answers keep the phones on its Wi-Fi. Loop thread only.
 */
#ifndef API_CAPTIVE_H
#define API_CAPTIVE_H

#include "base/util.h"

struct http_request;

/* True: the Host is one of those names, and the request has been answered; it never reaches a page, a session or the
 * API. name: the Host without its port. */
bool captive_answer(struct http_request *r, const char *name) must_check;

#endif
