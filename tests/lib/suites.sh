# shellcheck shell=bash
# suites.sh - the long suites that .ci/run and tests/nightly share. To be sourced after suite.sh.

# ThreadSanitizer cannot map its shadow where addresses are randomised too widely; setarch -R turns that off.
fixed_addresses=()
setarch -R true 2>/dev/null && fixed_addresses=(setarch -R)

sanitizers() { # sanitizers [quick]; quick: of the longest suites what is most at risk
  local jobs STRIDE CUTS hostile=() browser=() sync=()
  if [[ ${1-} == quick ]]; then
    hostile=(malformed contract access) sync=(inbox restored security)
    browser=(tests/browser/{evening,live,outage,board}.test.mjs)
  fi
  jobs=$(nproc)
  export ASAN_OPTIONS=halt_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
  export STRIDE=20 CUTS=50 # each of them takes longer here
  if step asan-build 420 make --no-print-directory SAN=asan -j"$jobs" programs hub unit replay shims hub_load; then
    suite asan-unit 300 tests/run-unit build/asan/unit/test_* build/asan/replay/fuzz_*
    suite asan-api 600 env BOOTHD_BUILD=build/asan tests/run-api
    suite asan-units 120 env BOOTHD_BUILD=build/asan tests/run-units render errand
    suite asan-hostile 600 env BOOTHD_BUILD=build/asan tests/run-hostile "${hostile[@]}"
    suite asan-browser 900 env BOOTHD_BUILD=build/asan tests/run-browser "${browser[@]}"
    suite asan-sync 600 env BOOTHD_BUILD=build/asan tests/run-sync "${sync[@]}"
    suite asan-hub 300 env BOOTHD_BUILD=build/asan tests/run-hub
  fi
  if step tsan-build 420 make --no-print-directory SAN=tsan -j"$jobs" programs hub unit shims hub_load; then
    suite tsan-unit 300 "${fixed_addresses[@]}" tests/run-unit build/tsan/unit/test_{base_mailbox,data,edge}*
    suite tsan-api 420 "${fixed_addresses[@]}" env BOOTHD_BUILD=build/tsan tests/run-api concurrency stream sync
    suite tsan-sync 300 "${fixed_addresses[@]}" env BOOTHD_BUILD=build/tsan tests/run-sync inbox
    suite tsan-hub 300 "${fixed_addresses[@]}" env BOOTHD_BUILD=build/tsan tests/run-hub guests
  fi
}

analysis() {
  step analyzer 600 make --no-print-directory O=build/analyzer WERROR=1 CFLAGS=-fanalyzer -j"$(nproc)" programs hub
  step tidy 600 make --no-print-directory -j"$(nproc)" tidy
}

hostile() { # hostile SECONDS of attack on the memory
  suite hostile $((300 + $1)) env ATTACK_S="$1" tests/run-hostile
}

faults() { # faults CUTS SEED: so many cuts of power; and a disk that fails at each single call
  suite faults $((300 + $1 / 10)) env STRIDE=1 CUTS="$1" SEED="$2" UNIT_TIMEOUT=$((280 + $1 / 10)) \
    tests/run-unit build/unit/test_data_{disk,powercut}
}

fuzz() { # fuzz SECONDS on each target
  step fuzz-build 300 make --no-print-directory SAN=fuzz -j"$(nproc)" fuzzers
  suite fuzz $((120 + $1 * 5)) make --no-print-directory fuzz SECONDS="$1"
}

crash() { # crash CYCLES
  suite crash $((120 + $1 * 6)) env CYCLES="$1" node tests/crash/kill.mjs
  suite instructions 300 node tests/crash/instructions.mjs
}

box() { # box [--arm64]: the package in an emulated machine
  SECONDS_MOST=1080 suite "box${1+${1#-}}" 1200 tests/run-system "$@"
}

power() { # power CUTS of it, in an emulated machine
  suite power $((420 + $1 * 3)) tests/run-power "$1"
}

sync() { # sync SECONDS of chaos between booths and hub
  suite sync $((180 + $1)) env CHAOS_S="$1" tests/run-sync
}

deb() { # deb [ARCHITECTURE...], both unless told
  suite deb 900 tests/run-deb "$@"
}

bare_root() { # bare_root VERSION
  suite "debian-$1" 1200 tests/bare-root "$1"
}
