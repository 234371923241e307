# shellcheck shell=bash
# node_suite.sh - runs the *.test.mjs of one folder with node's own test runner. To be sourced; set before:
#   patient  waits far more than it works: beside all others
#   beside   three at a time
#   alone    measures, and needs quiet: one after the other, last
#
#   node_suite FOLDER [NAME...]   these only, or all three lists

node_suite() {
  local folder=$1 logs passed failed broken=0
  shift
  if (($#)); then
    patient=() beside=("$@") alone=()
  fi
  logs=$(mktemp -d)
  run() { # run LOG CONCURRENCY NAME...
    local files=() name
    for name in "${@:3}"; do
      name=${name##*/}
      files+=("$folder/${name%.test.mjs}.test.mjs")
    done
    ((${#files[@]} == 0)) || node --test --test-reporter=spec --test-concurrency="$2" "${files[@]}" >"$logs/$1" 2>&1
  }
  sum() { cat "$logs"/* | sed -n "s/^ℹ $1 //p" | awk '{ n += $1 } END { print n + 0 }'; }
  run patient 1 "${patient[@]}" &
  run beside 3 "${beside[@]}" || broken=1
  run alone 1 "${alone[@]}" || broken=1
  wait "$!" || broken=1
  { grep -L '^✖' "$logs"/*; grep -l '^✖' "$logs"/*; } | xargs cat # what failed comes last
  passed=$(sum pass) failed=$(($(sum fail) + $(sum cancelled)))
  ((failed)) || failed=$broken # some did not even begin
  rm -rf "$logs"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0 && passed > 0))
}
