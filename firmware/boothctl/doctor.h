/* doctor.h - what the parts of boothctl doctor share. A check looks at one thing and adds one sentence to said. */
#ifndef BOOTHCTL_DOCTOR_H
#define BOOTHCTL_DOCTOR_H

#include "boothctl/client.h"
#include "config/config.h"

enum check_result { FINE, PROBLEM, NOTHING }; /* nothing to look at: left out, unless it says why */

struct doctor_ctx {
  struct ctl *c;
  struct config config;
  bool configured;      /* config is boothd's */
  struct answer system; /* of GET /system; json NULL = boothd does not answer */
  int error;            /* why not */
};

/* A member of GET /system; NULL if boothd does not answer. */
const struct json *doctor_member(const struct doctor_ctx *p, const char *member);

/* What boothd tells. */
enum check_result check_storage(struct doctor_ctx *p, struct buf *said);
enum check_result check_backup(struct doctor_ctx *p, struct buf *said);
enum check_result check_clock(struct doctor_ctx *p, struct buf *said);
enum check_result check_banner(struct doctor_ctx *p, struct buf *said);
enum check_result check_hardware(struct doctor_ctx *p, struct buf *said);
enum check_result check_panel(struct doctor_ctx *p, struct buf *said);
enum check_result check_uplink(struct doctor_ctx *p, struct buf *said);
enum check_result check_hub(struct doctor_ctx *p, struct buf *said);

#endif
