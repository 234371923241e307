/* enrolment.h - ids and keys by which the booth and its hub know each other: state_dir/enrolment, 0600, in no backup.
 * Sync thread only. The booth's secret keys are made here and never leave the machine.
 */
#ifndef SYNC_ENROLMENT_H
#define SYNC_ENROLMENT_H

#include "protocol/bundle.h"
#include "protocol/enrol.h"

struct hub_key {
  uint16_t number;
  uint8_t sign_key[32];
  uint8_t open_key[32];
};
struct enrolment {
  char hub[LIMIT_HUB_URL + 1]; /* "" = not enrolled (yet) */
  uint8_t booth[16];           /* the id that the hub gave */
  uint8_t code[32];            /* hash of the code's secret half, to recognise a repeat */
  struct bundle_keys own;
  struct hub_key keys[LIMIT_HUB_KEYS]; /* the last one is in use; answers under earlier ones may still arrive */
  size_t n_keys;
};

/* --- the file --- */

/* -ENOENT: there is none; -EBADMSG: it is damaged; or why it cannot be read. */
int enrolment_load(const char *state_dir, struct enrolment *ret) must_check;
int enrolment_save(const char *state_dir, const struct enrolment *e) must_check;

/* --- an attempt --- */

/* Keys for an attempt with this code: those of the last attempt if it had the same code, since its answer may have been
 * lost; else new ones. They are on the disk before they are used. */
int enrolment_begin(const char *state_dir, const struct enrol_code *c, struct enrolment *ret) must_check;
void enrolment_request(const struct enrolment *e, const struct enrol_code *c, const char *name, struct buf *ret);
/* Reads the hub's answer into e. -EBADMSG also if it is not from the hub that the code names. */
int enrolment_answer(struct enrolment *e, const struct enrol_code *c, const char *hub, const char *text,
                     size_t n) must_check;
void enrolment_finish(const char *state_dir); /* after enrolment_save(): removes the attempt's keys */

/* --- the hub's keys --- */

const struct hub_key *enrolment_hub(const struct enrolment *e);                           /* the one in use */
const struct hub_key *enrolment_sender(const struct enrolment *e, const uint8_t key[32]); /* NULL = unknown */
/* 0: k is in use now, but not saved; 1: it was already; -EINVAL: it is older. */
int enrolment_rotate(struct enrolment *e, const struct hub_key *k) must_check;

#endif
