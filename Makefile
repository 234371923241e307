# boothd: one non-recursive Makefile.  `make help` lists what it can do.
#
#   V=1          show commands
#   SAN=asan     build into build/asan with AddressSanitizer and UBSan (SAN=tsan: ThreadSanitizer, SAN=fuzz: libFuzzer)
#   WERROR=1     warnings are errors (CI)

VERSION := $(shell sed -n 's/^## \([0-9][^ ]*\).*/\1/p' CHANGELOG.md 2>/dev/null | head -1)
O       := build$(if $(SAN),/$(SAN))
CC      ?= gcc
PKG_CONFIG ?= pkg-config
WEB     ?= build/web
PKGS    := libmicrohttpd sqlite3 libcjson libsodium libsystemd libqrencode zlib libcurl openssl \
           'libgpiod >= 2' libnl-3.0 libnl-genl-3.0 libnl-route-3.0

ifeq ($(filter clean help,$(MAKECMDGOALS)),)
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS))
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
        -Wvla -Wformat=2 -Wundef -Wswitch-enum -Wnull-dereference -Wno-missing-field-initializers $(if $(WERROR),-Werror)
OPT  := -O2 -g
HARD := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
SANFLAGS_asan := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SANFLAGS_tsan := -fsanitize=thread
SANFLAGS_fuzz := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifeq ($(SAN),fuzz)
CC   := clang-19
endif
ifneq ($(SAN),)
OPT  := -O1 -g $(SANFLAGS_$(SAN))
HARD := -fPIE
endif

override CFLAGS   := -std=c17 $(OPT) $(WARN) -ffunction-sections -fdata-sections $(CFLAGS)
override CPPFLAGS := -D_GNU_SOURCE -Ifirmware -I$(O)/gen $(HARD) $(PKG_CFLAGS) \
                     -DBOOTHD_VERSION='"$(or $(VERSION),0)"' -DGEN_DIR='"$(O)/gen"' $(CPPFLAGS)
override LDFLAGS  := -pie -Wl,-z,relro,-z,now,--gc-sections,--as-needed $(OPT) $(LDFLAGS)
LIBS := $(PKG_LIBS) -lpthread -lm

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(patsubst $(O)/%,%,$@)')

# --- the box ----------------------------------------------------------------------------------------------------

# What boothd is made of, the lowest room first; the first three are also boothctl's and boothd-root's.
SHARED   := base protocol config
ROOMS    := $(SHARED) http queue store writer worker sync panel wifi system api boothd
in        = $(sort $(wildcard $(1:%=firmware/%/*.c)))
LIB_SRC  := $(filter-out %/main.c,$(call in,$(ROOMS)))
APP_SRC  := firmware/boothd/main.c
CTL_SRC  := $(call in,boothctl)
CTL_OBJ  := $(CTL_SRC:%.c=$(O)/%.o)
LIB_OBJ  := $(LIB_SRC:%.c=$(O)/%.o)
APP_OBJ  := $(APP_SRC:%.c=$(O)/%.o)
BASE_OBJ := $(patsubst %.c,$(O)/%.o,$(call in,$(SHARED)))
ROOT_SRC := $(call in,boothd-root)
ROOT_OBJ := $(patsubst %.c,$(O)/%.o,$(ROOT_SRC) firmware/wifi/nl80211.c firmware/wifi/channel.c)
PROGRAMS := $(O)/boothd $(O)/boothctl $(O)/boothd-root

.PHONY: all programs hub web
all: programs hub web
programs: $(PROGRAMS)

$(O)/boothd: $(APP_OBJ) $(O)/libboothd.a
$(O)/boothctl: $(CTL_OBJ) $(O)/libbase.a
$(O)/boothd-root: $(ROOT_OBJ) $(O)/libbase.a
$(PROGRAMS):
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/libboothd.a: $(LIB_OBJ)
$(O)/libbase.a: $(BASE_OBJ)
$(O)/%.a:
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/%.o: %.c
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# What is embedded: migrations as they are, the API document compressed (-n: the same bytes each time).
MIGRATIONS := $(sort $(wildcard firmware/store/migrations/*.sql))
$(O)/firmware/store/migrate.o: $(MIGRATIONS:firmware/store/migrations/%=$(O)/gen/%)
$(O)/firmware/api/openapi.o: $(O)/gen/openapi.json.gz
$(O)/gen/%.sql: firmware/store/migrations/%.sql
	$(Q)mkdir -p $(@D) && cp $< $@
$(O)/gen/openapi.json.gz: firmware/api/openapi.json
	$(Q)mkdir -p $(@D) && gzip -9nc $< > $@

# --- the hub: base, protocol, http and the estimate of the box, and libpq ----------------------------------------------------------

HUB_SRC := $(wildcard hub/*.c hub/*/*.c)
HUB_OBJ := $(HUB_SRC:%.c=$(O)/%.o)
HUB_LIB := $(patsubst %.c,$(O)/%.o,$(call in,base protocol http) firmware/queue/estimate.c)
hub: $(O)/boothhub ## the central server; needs libpq
$(HUB_OBJ): override CPPFLAGS += -I. $(shell $(PKG_CONFIG) --cflags libpq 2>/dev/null)
HUB_PURE := $(patsubst %,$(O)/hub/ingest/%.o,ranges event_parse exchange_request)
$(O)/boothhub: $(HUB_OBJ) $(HUB_LIB)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lpq
$(O)/hub/db/migrate.o: $(patsubst hub/db/schema/%,$(O)/gen/hub/%,$(wildcard hub/db/schema/*.sql))
$(O)/hub/api/openapi.o: $(O)/gen/hub/openapi.json.gz
$(O)/gen/hub/openapi.json.gz: hub/api/openapi.json
	$(Q)mkdir -p $(@D) && gzip -9nc $< > $@
$(O)/gen/hub/%.sql: hub/db/schema/%.sql
	$(Q)mkdir -p $(@D) && cp $< $@

# --- the web app ------------------------------------------------------------------------------------------------

WEB_SRC := $(shell find web-static -path web-static/node_modules -prune -o -type f -print)
web: $(WEB)/.stamp
$(WEB)/.stamp: $(WEB_SRC) firmware/api/openapi.json web-static/node_modules/.stamp
	$(call say,WEB)
	$(Q)cd web-static && node build.mjs $(abspath $(WEB))
	$(Q)touch $@
web-static/node_modules/.stamp: web-static/package-lock.json
	$(call say,NPM)
	$(Q)cd web-static && npm ci --no-audit --no-fund --loglevel=error
	$(Q)touch $@

# --- installed, and packed ----------------------------------------------------------------------------------------

PREFIX ?= /usr
to      = $(DESTDIR)$(PREFIX)/$(1)
# The web app is taken as it lies there: who packs it has no node.
install: programs ## into DESTDIR, under PREFIX (/usr): programs, web app, units, manual pages
	$(Q)test -e $(WEB)/index.html || { echo 'there is no web app in $(WEB): make web' >&2; false; }
	$(Q)install -D -t $(call to,bin) $(O)/boothd $(O)/boothctl
	$(Q)install -D -t $(call to,lib/boothd) $(O)/boothd-root
	$(Q)mkdir -p $(call to,share/boothd/web) && cp -R $(WEB)/* $(call to,share/boothd/web)
	$(Q)install -D -m 644 -t $(call to,share/man/man1) docs/man/boothctl.1
	$(Q)install -D -m 644 -t $(call to,share/man/man5) docs/man/boothd.conf.5
	$(Q)install -D -m 644 -t $(call to,share/man/man8) docs/man/boothd.8 $(wildcard docs/man/boothd-root.8)
	$(Q)install -D -m 644 scripts/boothctl.bash $(call to,share/bash-completion/completions/boothctl)
	$(Q)install -D -m 644 -t $(call to,lib/systemd/system) $(foreach kind,service socket target path timer,$(wildcard systemd/*.$(kind)))
	$(Q)install -D -m 644 systemd/boothd.preset $(call to,lib/systemd/system-preset/80-boothd.preset)
	$(Q)install -D -m 644 -t $(call to,lib/boothd) systemd/journald.conf systemd/watchdog.conf systemd/no-wifi.conf
	$(Q)install -D -m 644 systemd/sysusers.conf $(call to,lib/sysusers.d/boothd.conf)
	$(Q)install -D -m 644 systemd/tmpfiles.conf $(call to,lib/tmpfiles.d/boothd.conf)
	$(Q)install -D -m 644 systemd/gpio.rules $(call to,lib/udev/rules.d/60-boothd-gpio.rules)
deb: web ## the Debian packages, for amd64 and arm64 (ARCH=amd64: one of them), in build/deb; needs root
	$(Q)WEB=$(WEB) image-build/build-deb $(O)/deb $(ARCH)

# --- tests ------------------------------------------------------------------------------------------------------

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT     := $(UNIT_SRC:tests/unit/%.c=$(O)/unit/%)
$(O)/unit/%: $(O)/tests/unit/%.o $(O)/libboothd.a
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka
$(O)/tests/unit/test_hub_%.o: override CPPFLAGS += -I.
$(O)/unit/test_hub_%: $(O)/tests/unit/test_hub_%.o $(HUB_PURE) $(O)/libboothd.a
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka
ROOT_PARTS := $(patsubst %.c,$(O)/%.o,$(filter-out %/main.c,$(call in,boothd-root)))
$(O)/unit/test_root: $(O)/tests/unit/test_root.o $(ROOT_PARTS) $(O)/libboothd.a
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka
$(O)/shim/%.so: tests/shim/%.c
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) -D_GNU_SOURCE -std=c17 -O2 -g -Wall -Wextra -shared -fPIC -o $@ $< -ldl
SHIMS := $(patsubst tests/shim/%.c,$(O)/shim/%.so,$(wildcard tests/shim/*.c))
$(O)/load: tests/bench/load.c
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) -std=c17 -O2 -g -Wall -Wextra -o $@ $<
$(O)/bare_group: tests/bench/bare_group.c
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) -std=c17 -O2 -g -Wall -Wextra -o $@ $< -lsqlite3
$(O)/hub_load: $(O)/tests/bench/hub_load.o $(O)/libbase.a
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)
$(O)/make_bundle: tests/fixtures/make_bundle.c
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) -std=c17 -O2 -g -Wall -Wextra -o $@ $< $(LIBS)
$(O)/power_client: tests/power/client.c
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) -std=c17 -O2 -g -Wall -Wextra -static -o $@ $< -lpthread
.PHONY: unit shims load hub_load
unit: $(UNIT)
shims: $(SHIMS)
load: $(O)/load $(O)/bare_group
hub_load: $(O)/hub_load

# Each fuzz target as libFuzzer drives it (make fuzz), and as replay.c does, which any compiler can build (make check).
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ     := $(FUZZ_SRC:tests/fuzz/%.c=$(O)/fuzz/%)
REPLAY   := $(FUZZ_SRC:tests/fuzz/%.c=$(O)/replay/%)
$(O)/fuzz/%: $(O)/tests/fuzz/%.o $(O)/libboothd.a
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS) -lcmocka
$(O)/replay/%: $(O)/tests/fuzz/%.o $(O)/tests/fuzz/replay.o $(O)/libboothd.a
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka
.PHONY: replay fuzz fuzzers
replay: $(REPLAY)
fuzzers: $(FUZZ)
SECONDS ?= 60
fuzz:  ## libFuzzer on each target in tests/fuzz for SECONDS (60); needs clang-19
	$(Q)$(MAKE) --no-print-directory SAN=fuzz fuzzers
	$(Q)tests/fuzz/run $(SECONDS) $(FUZZ_SRC:tests/fuzz/%.c=build/fuzz/fuzz/%)

.PHONY: check check-long test lint format tidy nightly bench clean install deb help
check: ## seconds: strict warnings, layer lint, format, unit tests, what fuzzers ever found
	$(Q)tests/run check
check-long: ## the long unit tests: power cuts, disk faults
	$(Q)tests/run check-long
lint:  ## the include rule, formatting, header sizes
	$(Q)scripts/lint
format: ## rewrite the C sources in the project's style
	$(Q)clang-format-19 -i $(shell git ls-files 'firmware/*.[ch]' 'hub/*.[ch]' 'tests/*.[ch]')
tidy: $(patsubst %.c,tidy/%,$(LIB_SRC) $(APP_SRC) $(CTL_SRC) $(ROOT_SRC) $(HUB_SRC)) ## clang-tidy over firmware and hub
tidy/hub/%: override CPPFLAGS += -I. $(shell $(PKG_CONFIG) --cflags libpq 2>/dev/null)
tidy/%: %.c
	$(Q)clang-tidy-19 --quiet $< -- -std=c17 -O2 $(CPPFLAGS)
test:  ## everything that ./scripts/test runs
	$(Q)scripts/test
nightly: ## the long suites, by hand
	$(Q)tests/run nightly
bench: ## measurements, one table
	$(Q)tests/bench/run
clean:
	$(Q)rm -rf build
help:
	@sed -n 's/^\([a-z]*\):.*## /  \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

-include $(LIB_OBJ:.o=.d) $(HUB_OBJ:.o=.d) $(APP_OBJ:.o=.d) $(CTL_OBJ:.o=.d) $(ROOT_OBJ:.o=.d) $(UNIT_SRC:%.c=$(O)/%.d) $(FUZZ_SRC:%.c=$(O)/%.d)
.SECONDARY:
