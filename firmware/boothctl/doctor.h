/* doctor.h - what the parts of boothctl doctor share. A check looks at one thing and adds one sentence to said. */
#ifndef BOOTHCTL_DOCTOR_H
#define BOOTHCTL_DOCTOR_H

#include "boothctl/client.h"
#include "config/config.h"

enum verdict { FINE, PROBLEM, NOTHING }; /* nothing to look at: left out, unless it says why */

struct patient {
  struct ctl *c;
  struct config config;
  bool configured;      /* config is boothd's */
  struct answer system; /* of GET /system; json NULL = boothd does not answer */
  int error;            /* why not */
};

/* A member of GET /system; NULL if boothd does not answer. */
const struct json *doctor_of(const struct patient *p, const char *member);

/* What boothd tells. */
enum verdict doctor_storage(struct patient *p, struct buf *said);
enum verdict doctor_backup(struct patient *p, struct buf *said);
enum verdict doctor_clock(struct patient *p, struct buf *said);
enum verdict doctor_banner(struct patient *p, struct buf *said);
enum verdict doctor_board(struct patient *p, struct buf *said);
enum verdict doctor_panel(struct patient *p, struct buf *said);
enum verdict doctor_uplink(struct patient *p, struct buf *said);
enum verdict doctor_hub(struct patient *p, struct buf *said);

#endif
