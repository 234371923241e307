/* captive.h - phones ask fixed names whether this Wi-Fi has internet (config/captive_probes.h); the DNS sends those
 * names here, and these answers keep the phones. Loop thread only.
 */
#ifndef API_CAPTIVE_H
#define API_CAPTIVE_H

#include "base/util.h"

struct http_request;

/* A request whose Host is one of those names: true, and it has been answered, here and only here: none of them ever
 * reaches a page, a session or the API. name: of the Host, without its port. */
bool captive_answer(struct http_request *r, const char *name) must_check;

#endif
