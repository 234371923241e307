/* health.c - booths run on power banks, in tents and on memory cards, which weaken before they fail. The kernel
 * measures that; only attributes that drivers keep in memory are read. A missing attribute is searched again each time,
 * because udev loads its driver late.
 */
#include "system/health.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/prometheus.h"
#include "base/text.h"

#define HEALTH_MS  5000
#define HOLD_MS    300000   /* a drop of the voltage is short, but the supply stays too weak */
#define ATTRIBUTE  4096     /* bytes of a sysfs file */
#define THROTTLED  0xeu     /* firmware: frequency capped, throttled, soft temperature limit */
#define UNDER      0x1u     /* firmware: under-voltage now */
#define UNDER_ONCE 0x10000u /* firmware: since the boot */

const char *const warning_names[WARNINGS + 1] = {"read_only", "under_voltage", "space_low", "hot",
                                                 "wal_big",   "memory_low",    "stations",  NULL};

/* On at one value and off at another, so that a value at the edge is reported once. */
static const struct warning_bound {
  double on;
  double off;
} bounds[WARNINGS] = {
    [WARNING_SPACE_LOW] = {LIMIT_SPACE_LOW, LIMIT_SPACE_LOW * 1.25},
    [WARNING_HOT] = {LIMIT_HOT_C, LIMIT_HOT_C - 5},
    [WARNING_WAL_BIG] = {LIMIT_WAL_BIG, LIMIT_WAL_BIG / 2.0},
    [WARNING_MEMORY_LOW] = {LIMIT_MEMORY_LOW, LIMIT_MEMORY_LOW * 1.25},
};

struct health {
  char *root;
  char *state_dir;
  char *model;
  char *voltage_path; /* of sysfs attributes; NULL = not found */
  char *firmware_path;
  char *heat_path;
  int64_t polled_ms;        /* mono_ms; 0 = never */
  int64_t under_voltage_ms; /* mono_ms; 0 = never */
  int64_t free_bytes;       /* -1 = unknown */
  int64_t memory_bytes;     /* -1 = unknown */
  double celsius;
  bool has_voltage; /* the last poll could read it */
  bool has_firmware;
  bool has_heat;
  bool under_voltage;
  bool throttled;
  uint32_t warnings;
};

/* --- attributes --- */

static bool read_first_line(const char *path, struct buf *to)
{
  buf_clear(to);
  if (file_read(path, ATTRIBUTE, to) < 0 || !to->len)
    return false;
  to->len = strcspn(to->data, "\n"); /* device tree: the text ends in a NUL */
  to->data[to->len] = '\0';
  return true;
}

static bool read_number(const char *path, int base, double *ret)
{
  autobuf struct buf text = {0};
  char *end;
  if (!path || !read_first_line(path, &text))
    return false;
  errno = 0;
  long long n = strtoll(text.data, &end, base);
  if (errno || end == text.data || *end)
    return false;
  *ret = (double)n;
  return true;
}

/* Path of an attribute of the device in this class whose file `named` contains `name`; NULL = there is none. */
static char *find_attribute(const struct health *h, const char *class, const char *named, const char *name,
                            const char *attribute)
{
  autobuf struct buf folder = {0}, path = {0}, text = {0};
  char *found = NULL;
  buf_fmt(&folder, "%s/sys/class/%s", h->root, class);
  DIR *d = opendir(folder.data);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): readdir is safe on a stream of its own
  for (struct dirent *e; d && !found && (e = readdir(d));) {
    buf_clear(&path);
    buf_fmt(&path, "%s/%s/%s", folder.data, e->d_name, named);
    if (*e->d_name == '.' || !read_first_line(path.data, &text) || strcmp(text.data, name) != 0)
      continue;
    buf_clear(&path);
    buf_fmt(&path, "%s/%s/%s", folder.data, e->d_name, attribute);
    found = buf_take(&path);
  }
  if (d)
    closedir(d);
  return found;
}

static void find_attributes(struct health *h)
{
  if (!h->voltage_path)
    h->voltage_path = find_attribute(h, "hwmon", "name", "rpi_volt", "in0_lcrit_alarm");
  if (!h->firmware_path) /* the voltage's device is a child of the firmware's */
    h->firmware_path = find_attribute(h, "hwmon", "name", "rpi_volt", "device/../get_throttled");
  if (!h->heat_path)
    h->heat_path = find_attribute(h, "thermal", "type", "cpu-thermal", "temp");
  if (!h->heat_path)
    h->heat_path = find_attribute(h, "hwmon", "name", "cpu_thermal", "temp1_input");
}

static char *find_model(const struct health *h)
{
  static const char *const places[] = {"/sys/firmware/devicetree/base/model", "/sys/class/dmi/id/product_name"};
  for (size_t i = 0; i < array_len(places); i++) {
    autobuf struct buf path = {0}, text = {0};
    buf_fmt(&path, "%s%s", h->root, places[i]);
    if (read_first_line(path.data, &text) && *text.data && utf8_length(text.data, strlen(text.data)) > 0)
      return xstrdup(text.data);
  }
  return NULL;
}

/* --- polling --- */

static bool exceeds(const struct health *h, enum warning w, double value)
{
  const struct warning_bound *b = &bounds[w];
  double from = h->warnings & WARNING_BIT(w) ? b->off : b->on;
  return b->on > b->off ? value >= from : value <= from;
}

void health_warn(struct health *h, enum warning warning, bool on)
{
  uint32_t before = h->warnings;
  uint32_t bit = WARNING_BIT(warning);
  h->warnings = on ? before | bit : before & ~bit;
  if (h->warnings == before)
    return;
  if (on)
    log_warn("warning", "code=%s", warning_names[warning]);
  else
    log_info("warning_over", "code=%s", warning_names[warning]);
}

static void poll_power(struct health *h, int64_t now_ms)
{
  double alarm = 0;
  double word = 0;
  h->has_voltage = read_number(h->voltage_path, 10, &alarm);
  h->has_firmware = read_number(h->firmware_path, 16, &word);
  uint32_t bits = (uint32_t)word;
  h->under_voltage = alarm > 0 || bits & UNDER;
  h->throttled = bits & THROTTLED;
  if (h->under_voltage || (!h->polled_ms && bits & UNDER_ONCE)) /* before this program started */
    h->under_voltage_ms = max(now_ms, 1);
  health_warn(h, WARNING_UNDER_VOLTAGE, h->under_voltage_ms && now_ms - h->under_voltage_ms < HOLD_MS);
}

static void poll_heat(struct health *h)
{
  double milli = 0;
  h->has_heat = read_number(h->heat_path, 10, &milli);
  h->celsius = milli / 1000;
  health_warn(h, WARNING_HOT, h->has_heat && exceeds(h, WARNING_HOT, h->celsius));
}

static void poll_space(struct health *h)
{
  struct statvfs s;
  bool known = statvfs(h->state_dir, &s) == 0;
  h->free_bytes = known ? (int64_t)s.f_bavail * (int64_t)s.f_frsize : -1;
  health_warn(h, WARNING_SPACE_LOW, known && exceeds(h, WARNING_SPACE_LOW, (double)h->free_bytes));
  health_warn(h, WARNING_READ_ONLY, known && s.f_flag & ST_RDONLY);
}

static void poll_memory(struct health *h)
{
  autobuf struct buf path = {0}, text = {0};
  long long kib;
  buf_fmt(&path, "%s/proc/meminfo", h->root);
  const char *line =
      file_read(path.data, ATTRIBUTE, &text) == 0 && text.len ? strstr(text.data, "\nMemAvailable:") : NULL;
  h->memory_bytes = line && sscanf(line, " MemAvailable: %lld kB", &kib) == 1 ? kib * 1024 : -1;
  health_warn(h, WARNING_MEMORY_LOW, h->memory_bytes >= 0 && exceeds(h, WARNING_MEMORY_LOW, (double)h->memory_bytes));
}

void health_poll(struct health *h, int64_t now_ms, int64_t wal_bytes)
{
  if (h->polled_ms && now_ms - h->polled_ms < HEALTH_MS)
    return;
  find_attributes(h);
  poll_power(h, now_ms);
  poll_heat(h);
  poll_space(h);
  poll_memory(h);
  health_warn(h, WARNING_WAL_BIG, exceeds(h, WARNING_WAL_BIG, (double)wal_bytes));
  h->polled_ms = max(now_ms, 1);
}

/* --- results --- */

uint32_t health_warnings(const struct health *h)
{
  return h->warnings;
}

int64_t health_free_bytes(const struct health *h)
{
  return max(h->free_bytes, 0);
}

int64_t health_resident_bytes(void)
{
  long pages = 0;
  FILE *f = fopen("/proc/self/statm", "re");
  if (f) {
    if (fscanf(f, "%*s %ld", &pages) != 1)
      pages = 0;
    fclose(f);
  }
  return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

void health_warnings_json(struct buf *b, const char *key, uint32_t warnings)
{
  json_open(b, key, '[');
  for (int w = 0; w < WARNINGS; w++)
    if (warnings & WARNING_BIT(w))
      json_str(b, NULL, warning_names[w]);
  json_close(b, ']');
}

static void bool_or_null(struct buf *b, const char *key, bool known, bool v)
{
  if (known)
    json_bool(b, key, v);
  else
    json_null(b, key);
}

void health_json(struct buf *b, const char *key, const struct health *h)
{
  int64_t ago_ms = clock_mono_ms() - h->under_voltage_ms; /* the wall clock may have been set since */
  json_open(b, key, '{');
  json_str(b, "model", h->model);
  bool_or_null(b, "under_voltage", h->has_voltage || h->has_firmware, h->under_voltage);
  json_time(b, "under_voltage_at", h->under_voltage_ms ? clock_wall_ms() - ago_ms : 0);
  bool_or_null(b, "throttled", h->has_firmware, h->throttled);
  if (h->has_heat)
    json_num(b, "temperature_c", h->celsius);
  else
    json_null(b, "temperature_c");
  if (h->memory_bytes >= 0)
    json_int(b, "memory_free_bytes", h->memory_bytes);
  else
    json_null(b, "memory_free_bytes");
  health_warnings_json(b, "warnings", h->warnings);
  json_close(b, '}');
}

void health_metrics(struct buf *b, const struct health *h)
{
  if (h->has_voltage || h->has_firmware)
    prometheus_metric(b, "boothd_under_voltage", "gauge", "1 if the supply is too weak now.", h->under_voltage);
  if (h->has_firmware)
    prometheus_metric(b, "boothd_throttled", "gauge", "1 if the processor is slowed down.", h->throttled);
  if (h->has_heat)
    prometheus_metric(b, "boothd_temperature_celsius", "gauge", "Of the processor.", h->celsius);
  if (h->memory_bytes >= 0)
    prometheus_metric(b, "boothd_memory_free_bytes", "gauge", "Memory that programs could still have.",
                      (double)h->memory_bytes);
  prometheus_metric(b, "boothd_free_bytes", "gauge", "Left on the file system of the state.",
                    (double)health_free_bytes(h));
  prometheus_head(b, "boothd_warning", "gauge", "1 while it is on.");
  for (int w = 0; w < WARNINGS; w++)
    prometheus_sample(b, "boothd_warning", "code", warning_names[w], (h->warnings & WARNING_BIT(w)) != 0);
}

/* --- start and stop --- */

struct health *health_new(const char *root, const char *state_dir)
{
  struct health *h = xnew(struct health);
  h->root = xstrdup(root);
  h->state_dir = xstrdup(state_dir);
  h->free_bytes = h->memory_bytes = -1;
  h->model = find_model(h);
  return h;
}

void health_free(struct health *h)
{
  if (!h)
    return;
  free(h->root);
  free(h->state_dir);
  free(h->model);
  free(h->voltage_path);
  free(h->firmware_path);
  free(h->heat_path);
  free(h);
}
