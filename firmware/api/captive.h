/* captive.h - phones ask fixed names whether this Wi-Fi has internet (config/captive_probes.h). The booth's DNS answers
 * those names with its own address, and these answers keep the phones in its Wi-Fi. Loop thread only.
 */
#ifndef API_CAPTIVE_H
#define API_CAPTIVE_H

#include "base/util.h"

struct http_request;

/* True: the Host is one of those names, and the request has been answered; none of them reaches a page, a session or
 * the API. name: the Host without its port. */
bool captive_answer(struct http_request *r, const char *name) must_check;

#endif
