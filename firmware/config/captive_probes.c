/* captive_probes.c - only names that serve nothing but probes are listed, so that no other site becomes unreachable.
 * Rows of one host are adjacent.
 */
#include "config/captive_probes.h"

#define HTML "text/html"
#define TEXT "text/plain"

static const char apple[] = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>";

#define NO_CONTENT(host)                                                                                               \
  {host, "/generate_204", 204, NULL, NULL},                                                                            \
  {                                                                                                                    \
    host, "/gen_204", 204, NULL, NULL                                                                                  \
  }

const struct captive_probe captive_probes[] = {
    {"captive.apple.com", "/hotspot-detect.html", 200, HTML, apple},
    {"captive.apple.com", "/", 200, HTML, apple},
    NO_CONTENT("connectivitycheck.gstatic.com"),
    NO_CONTENT("connectivitycheck.android.com"),
    NO_CONTENT("connectivitycheck.samsung.com"),
    NO_CONTENT("connectivitycheck.platform.hicloud.com"),
    NO_CONTENT("connect.rom.miui.com"),
    {"www.msftconnecttest.com", "/connecttest.txt", 200, TEXT, "Microsoft Connect Test"},
    {"www.msftncsi.com", "/ncsi.txt", 200, TEXT, "Microsoft NCSI"},
    {"detectportal.firefox.com", "/success.txt", 200, TEXT, "success\n"},
    {"detectportal.firefox.com", "/canonical.html", 200, HTML,
     "<meta http-equiv=\"refresh\" content=\"0;url=https://support.mozilla.org/kb/captive-portal\"/>"},
    {"nmcheck.gnome.org", "/check_network_status.txt", 200, TEXT, "NetworkManager is online\n"},
    {"network-test.debian.org", "/nm", 200, TEXT, "NetworkManager is online\n"},
    {"networkcheck.kde.org", "/", 200, TEXT, "OK\n"},
};
const size_t n_captive_probes = array_len(captive_probes);
