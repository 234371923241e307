/* doctor.h - the checks of boothctl doctor. Each examines one thing and appends one sentence to text. */
#ifndef BOOTHCTL_DOCTOR_H
#define BOOTHCTL_DOCTOR_H

#include "boothctl/client.h"
#include "config/config.h"

/* A skipped check had nothing to examine. It is not shown, unless it says why. */
enum check_result { CHECK_OK, CHECK_FAIL, CHECK_SKIP };

struct doctor_ctx {
  struct ctl *c;
  struct config config;
  bool configured;      /* config is valid */
  struct answer system; /* GET /system; its json is NULL if boothd does not answer */
  int error;            /* why it does not: negative errno */
};

/* A member of GET /system; NULL if boothd does not answer. */
const struct json *doctor_member(const struct doctor_ctx *ctx, const char *member);
/* Whether the configuration has a Wi-Fi of the booth's own. */
bool doctor_has_wifi(const struct doctor_ctx *ctx);

/* What boothd reports (doctor_daemon.c). */
enum check_result check_storage(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_backup(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_clock(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_banner(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_hardware(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_panel(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_uplink(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_hub(struct doctor_ctx *ctx, struct buf *text);

/* The booth's own network (doctor_network.c). */
enum check_result check_country(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_rfkill(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_radio(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_address(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_lan(struct doctor_ctx *ctx, struct buf *text);
enum check_result check_firewall(struct doctor_ctx *ctx, struct buf *text);

#endif
