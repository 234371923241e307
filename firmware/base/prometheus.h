/* prometheus.h - metrics in Prometheus' text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). name is the full name, as "boothd_wal_bytes". Any
 * thread.
 */
#ifndef BASE_PROMETHEUS_H
#define BASE_PROMETHEUS_H

#include "base/buf.h"

#define PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8" /* media type */

/* HELP and TYPE, once before the samples of a name. type: "counter", "gauge", "histogram". */
void prometheus_head(struct buf *b, const char *name, const char *type, const char *help);
/* One sample; label may be NULL. */
void prometheus_sample(struct buf *b, const char *name, const char *label, const char *label_value, double value);
/* A head and one sample without a label. */
void prometheus_metric(struct buf *b, const char *name, const char *type, const char *help, double value);

#endif
