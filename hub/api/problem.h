/* problem.h - the hub's refusals as RFC 9457 answers, one table row each. Any thread; sending: loop thread. */
#ifndef HUB_API_PROBLEM_H
#define HUB_API_PROBLEM_H

struct http_request;

enum problem {
  PROBLEM_NONE,
  PROBLEM_NOT_SIGNED_IN,
  PROBLEM_FORBIDDEN,
  PROBLEM_NO_BOOTH,
  PROBLEM_NO_GUEST,
  PROBLEM_NO_DAY,
  PROBLEM_NO_CALL,
  PROBLEM_NOT_ENROLLED,
  PROBLEM_INBOX_FULL,
  PROBLEM_GUEST_CLOSED,
  PROBLEM_KEY_REUSED,
  PROBLEM_BAD_CURSOR,
  PROBLEM_BAD_ENROLMENT,
  PROBLEM_BAD_CODE,
  PROBLEM_WRONG_CODES,
  PROBLEM_BAD_BUNDLE,
  PROBLEM_UNKNOWN_KEY,
  PROBLEM_REVOKED,
  PROBLEM_RETIRED,
  PROBLEM_BUSY,
  PROBLEM_NO_DATABASE,
  PROBLEMS
};

void problem_send(struct http_request *r, enum problem p);
void problem_send_retry(struct http_request *r, enum problem p, int retry_after_s); /* 0 = that of the table */

#endif
