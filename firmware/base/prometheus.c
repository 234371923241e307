#include "base/prometheus.h"

void prometheus_head(struct buf *b, const char *name, const char *type, const char *help)
{
  buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void prometheus_sample(struct buf *b, const char *name, const char *label, const char *label_value, double value)
{
  buf_str(b, name);
  if (label)
    buf_fmt(b, "{%s=\"%s\"}", label, label_value);
  buf_fmt(b, " %.15g\n", value);
}

void prometheus_metric(struct buf *b, const char *name, const char *type, const char *help, double value)
{
  prometheus_head(b, name, type, help);
  prometheus_sample(b, name, NULL, NULL, value);
}
