# shellcheck shell=bash
# suite.sh - runs suites one after another, each within its time, and adds up what they say. To be sourced.
#
#   suite NAME SECONDS COMMAND...   a suite closes with "N passed, N failed"; one that ran no test has failed
#   step  NAME SECONDS COMMAND...   work that counts nothing (a build, an analysis); it can only fail
#   summary                         the table, which tests failed, the sum alone on the last line; false if any did
#
# What a command prints goes to build/log/NAME.log; its end is shown when it fails. Nothing stops at a failure.

suite_logs=${suite_logs:-build/log}
suite_table=()
suite_wrong=()
suite_passed=0
suite_failed=0
suite_pid=
trap '[[ -z $suite_pid ]] || kill -TERM "$suite_pid" 2>/dev/null; exit 130' INT TERM

suite_run() { # suite_run NAME SECONDS COUNTS COMMAND...
  local name=$1 seconds=$2 counts=$3 log=$suite_logs/$1.log began=$SECONDS status=0 sum='' passed=0 failed=0 note=''
  shift 3
  mkdir -p "$suite_logs"
  printf '== %s\n' "$name"
  timeout --kill-after=20 "$seconds" "$@" >"$log" 2>&1 </dev/null &
  suite_pid=$!
  wait "$suite_pid" || status=$?
  suite_pid=
  if [[ $counts ]]; then
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if [[ $sum =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
      passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
    fi
    if ((passed + failed == 0)); then
      note='no test ran' failed=1
    fi
  fi
  if ((status == 124 || status == 137)); then
    note="not done in $seconds s"
  elif ((status)); then
    note="exit status $status"
  fi
  if ((status && failed == 0)); then
    failed=1
  fi
  suite_passed=$((suite_passed + passed)) suite_failed=$((suite_failed + failed))
  if ((failed)); then
    printf -- '-- the end of %s:\n' "$log"
    tail -n 60 "$log" | cut -c1-300
    printf -- '--\n'
    mapfile -t -O "${#suite_wrong[@]}" suite_wrong < <(grep -E '^ *(✖ |FAIL |not ok )' "$log" |
      grep -v '^✖ failing tests:$' | sort -u | head -n 20 | cut -c1-200)
  fi
  [[ $counts || $failed -gt 0 ]] && sum="$passed passed, $failed failed" || sum='done'
  printf -v sum '%-5s %-16s %-24s %4d s  %s' "$( ((failed)) && echo FAIL || echo ok)" "$name" "$sum" $((SECONDS - began)) "$note"
  suite_table+=("${sum%"${sum##*[! ]}"}")
  printf '%s\n' "${suite_table[-1]}"
  ((failed == 0))
}
suite() { suite_run "$1" "$2" yes "${@:3}"; }
step() { suite_run "$1" "$2" '' "${@:3}"; }

summary() {
  printf '\n'
  printf '%s\n' "${suite_table[@]}"
  ((${#suite_wrong[@]} == 0)) || printf '%s\n' '' "${suite_wrong[@]}"
  printf '%d s in all\n\n%d passed, %d failed\n' "$SECONDS" "$suite_passed" "$suite_failed"
  ((suite_failed == 0 && suite_passed > 0))
}
