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
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS)) $(shell $(PKG_CONFIG) --cflags libpq 2>/dev/null)
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS))
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
        -Wvla -Wformat=2 -Wundef -Wswitch-enum -Wnull-dereference -Wno-missing-field-initializers -Wno-unused-parameter $(if $(WERROR),-Werror)
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
override CPPFLAGS := -D_GNU_SOURCE -I. -Ifirmware -Itests/unit $(HARD) $(PKG_CFLAGS) \
                     -DBOOTHD_VERSION='"$(or $(VERSION),0)"' -DGEN_DIR='"$(O)/gen"' $(CPPFLAGS)
override LDFLAGS  := -pie -Wl,-z,relro,-z,now,-z,pack-relative-relocs,--gc-sections,--as-needed $(OPT) $(LDFLAGS)
LIBS := $(PKG_LIBS) -lpthread -lm

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(patsubst $(O)/%,%,$@)')

# --- programs: a library of everything but main, which tests link, too ------------------------------------------

SHARED    := base protocol config
ROOMS     := $(SHARED) http queue store writer worker sync panel wifi system api boothd
in         = $(filter-out %/main.c,$(sort $(wildcard $(1:%=firmware/%/*.c))))
obj        = $(patsubst %.c,$(O)/%.o,$(1))
HUB_SRC   := $(filter-out %/main.c,$(wildcard hub/*.c hub/*/*.c))
MAINS     := $(wildcard firmware/*/main.c) hub/main.c
SRC       := $(call in,$(ROOMS) boothctl boothd-root) $(HUB_SRC) $(MAINS)

.PHONY: all programs hub web
all: programs hub web
programs: $(O)/boothd $(O)/boothctl $(O)/boothd-root
hub: $(O)/boothhub ## the central server; needs libpq

$(O)/boothd:      $(O)/firmware/boothd/main.o $(O)/libboothd.a
$(O)/boothctl:    $(O)/firmware/boothctl/main.o $(O)/libboothctl.a $(O)/libshared.a
$(O)/boothd-root: $(O)/firmware/boothd-root/main.o $(O)/libboothd-root.a $(O)/libshared.a
$(O)/boothhub:    $(O)/hub/main.o $(O)/libboothhub.a

$(O)/libshared.a:      $(call obj,$(call in,$(SHARED)))
$(O)/libboothd.a:      $(call obj,$(call in,$(ROOMS)))
$(O)/libboothctl.a:    $(call obj,$(call in,boothctl))
$(O)/libboothd-root.a: $(call obj,$(call in,boothd-root) firmware/wifi/nl80211.c firmware/wifi/channel.c)
$(O)/libboothhub.a:    $(call obj,$(HUB_SRC) $(call in,base protocol http) firmware/queue/estimate.c)
$(O)/%.a:
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $^
$(O)/%.o: %.c
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Files that base/embed.h includes in a program; documents are compressed (-n: reproducibly).
$(O)/firmware/store/migrate.o: $(wildcard firmware/store/migrations/*.sql)
$(O)/hub/db/migrate.o: $(wildcard hub/db/schema/*.sql)
$(O)/firmware/api/openapi.o $(O)/hub/api/openapi.o: $(O)/%.o: $(O)/gen/%.json.gz
$(O)/gen/%.gz: %
	$(Q)mkdir -p $(@D) && gzip -9nc $< > $@

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

# --- installation and package -----------------------------------------------------------------------------------

PREFIX ?= /usr
to      = $(DESTDIR)$(PREFIX)/$(1)
# The web app is not built here: the package is built without node.
install: programs ## into DESTDIR, under PREFIX (/usr): programs, web app, units, manual pages
	$(Q)test -e $(WEB)/index.html || { echo 'there is no web app in $(WEB): make web' >&2; false; }
	$(Q)install -D -t $(call to,bin) $(O)/boothd $(O)/boothctl
	$(Q)install -D -t $(call to,lib/boothd) $(O)/boothd-root
	$(Q)mkdir -p $(call to,share/boothd/web) && cp -R $(WEB)/* $(call to,share/boothd/web)
	$(Q)install -D -m 644 -t $(call to,share/man/man1) docs/man/boothctl.1
	$(Q)install -D -m 644 -t $(call to,share/man/man5) docs/man/boothd.conf.5
	$(Q)install -D -m 644 -t $(call to,share/man/man8) docs/man/boothd.8 docs/man/boothd-root.8
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

UNIT   := $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c))
FUZZ   := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
SHIMS  := $(patsubst tests/shim/%.c,$(O)/shim/%.so,$(wildcard tests/shim/*.c))
TOOLS  := $(addprefix $(O)/,load bare_group hub_load make_bundle power_client)
.PHONY: unit shims load hub_load replay fuzz fuzzers
unit: $(UNIT)
shims: $(SHIMS)
load: $(O)/load $(O)/bare_group
hub_load: $(O)/hub_load
replay: $(FUZZ:%=$(O)/replay/%)
fuzzers: $(FUZZ:%=$(O)/fuzz/%)

$(UNIT): $(O)/unit/%: $(O)/tests/unit/%.o
$(filter $(O)/unit/boothctl/%,$(UNIT)): $(O)/libboothctl.a
$(filter $(O)/unit/boothd-root/%,$(UNIT)): $(O)/libboothd-root.a
$(filter $(O)/unit/hub/%,$(UNIT)): $(O)/libboothhub.a
$(UNIT): $(O)/libboothd.a
# Each fuzz target is linked with libFuzzer (make fuzz), and with replay.c, which any compiler can build (make check).
$(FUZZ:%=$(O)/fuzz/%): $(O)/fuzz/%: $(O)/tests/fuzz/%.o $(O)/libboothd.a
$(FUZZ:%=$(O)/replay/%): $(O)/replay/%: $(O)/tests/fuzz/%.o $(O)/tests/fuzz/replay.o $(O)/libboothd.a
$(FUZZ:%=$(O)/fuzz/%): override LDFLAGS += -fsanitize=fuzzer
$(O)/load: $(O)/tests/bench/load.o
$(O)/bare_group: $(O)/tests/bench/bare_group.o
$(O)/hub_load: $(O)/tests/bench/hub_load.o $(O)/libshared.a
$(O)/make_bundle: $(O)/tests/fixtures/make_bundle.o
$(O)/power_client: $(O)/tests/power/client.o
$(O)/power_client: override LDFLAGS := -static
$(O)/power_client: LIBS := -lpthread
$(O)/shim/%.so: tests/shim/%.c
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) -D_GNU_SOURCE -std=c17 -O2 -g -Wall -Wextra -shared -fPIC -o $@ $< -ldl

# The one recipe that links programs.
$(O)/boothhub $(filter $(O)/unit/hub/%,$(UNIT)): LIBS += -lpq
$(UNIT) $(FUZZ:%=$(O)/fuzz/%) $(FUZZ:%=$(O)/replay/%): LIBS += -lcmocka
$(O)/boothd $(O)/boothctl $(O)/boothd-root $(O)/boothhub $(UNIT) $(FUZZ:%=$(O)/fuzz/%) $(FUZZ:%=$(O)/replay/%) $(TOOLS):
	$(call say,LD)
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS)

SECONDS ?= 60
fuzz:  ## libFuzzer on each target in tests/fuzz for SECONDS (60); needs clang-19
	$(Q)$(MAKE) --no-print-directory SAN=fuzz fuzzers
	$(Q)tests/fuzz/run $(SECONDS) $(FUZZ:%=build/fuzz/fuzz/%)

.PHONY: check check-long test lint format tidy nightly bench clean install deb help
check: ## seconds: strict warnings, layer lint, format, unit tests, earlier findings of fuzzers
	$(Q)tests/run check
check-long: ## the long unit tests: power cuts, disk faults
	$(Q)tests/run check-long
lint:  ## the rules of the tree: includes, names, formatting, the web app, scripts
	$(Q)scripts/lint
format: web-static/node_modules/.stamp ## rewrite the C sources and the web app in the project's style
	$(Q)clang-format-19 -i $(shell git ls-files 'firmware/*.[ch]' 'hub/*.[ch]' 'tests/*.[ch]')
	$(Q)web-static/node_modules/.bin/prettier --log-level warn --write $(shell git ls-files 'web-static/*.ts' 'web-static/*.tsx' 'web-static/*.mjs')
tidy: $(SRC:%.c=tidy/%) ## clang-tidy over firmware and hub
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

-include $(shell test -d $(O) && find $(O)/firmware $(O)/hub $(O)/tests -name "*.d" 2>/dev/null)
.SECONDARY:
