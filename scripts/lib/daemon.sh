# shellcheck shell=bash
# daemon.sh - what scripts/run and scripts/hub share. To be sourced after packages.sh, by a script that has usage.
#
#   needs WHAT OPTION [VALUE]       the option's value is there, or this is the end
#   can_listen ADDRESS:PORT[,...]   it is free, or this is the end: says who has it, and which one is free
#   build TARGET...                 make, and how far it is
#   start ADDRESS PROGRAM ARGUMENT...
#                                   a daemon of ours; sets url. It ends with this shell, however that ends
#   stay                            until it ends, by Ctrl-C or by itself, and with its exit status

misused() {
  printf '%s: %s\n\n' "${0##*/}" "$*" >&2
  usage >&2
  exit 2
}

needs() {
  [[ ${3-} && $3 != --* ]] || misused "$2 needs $1"
}

# A try says more than any table. perl is on every Debian; elsewhere the daemon says it, after the build.
try_listen() { # ADDRESS:PORT: false, and prints why
  ! command -v perl >/dev/null || LC_ALL=C perl -MIO::Socket::IP -e '
    IO::Socket::IP->new(LocalHost => $ARGV[0], Listen => 1, ReuseAddr => 1, V6Only => 1) or print("$!\n"), exit 1' "$1"
}

holder() { # PORT: the program that listens on it, as far as this user may see
  local inode pid
  for inode in $(awk -v port=":$(printf '%04X' "$1")" '$4 == "0A" && $2 ~ port "$" { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null); do
    pid=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null | cut -d / -f 3 | head -n 1)
    [[ $pid ]] && printf '%s (process %d)' "$(cat "/proc/$pid/comm")" "$pid" && return
  done
  printf 'another program'
}

can_listen() {
  local each host port why free addresses
  IFS=, read -ra addresses <<<"$1"
  for each in "${addresses[@]}"; do
    [[ $each =~ ^(\[[0-9a-fA-F:.]+\]|[0-9.]+):([0-9]{1,5})$ ]] || misused "--listen needs ADDRESS:PORT, as 0.0.0.0:8080, not $each"
    host=${BASH_REMATCH[1]} port=$((10#${BASH_REMATCH[2]}))
    why=$(try_listen "$each") && continue
    case $why in
    *'in use'*) why="port $port of $host is taken by $(holder "$port"): end that, or choose another" free=$((port + 1)) ;;
    *denied*) why="port $port of $host is for root alone: choose another" free=8080 ;;
    *) die "cannot listen on $each: $why" ;;
    esac
    while ((free < 65535)) && ! try_listen "$host:$free" >/dev/null; do
      ((++free))
    done
    die "$why, as in $0 --listen $host:$free"
  done
}

build() {
  local line
  make --silent -j"$(nproc)" "$@" 2>&1 | while IFS= read -r line; do
    if [[ $line =~ ^\ \ [A-Z]+\ + ]]; then
      show "  building  ${line#  }"
    else
      show '' && printf '%s\n' "$line" >&2
    fi
  done || die 'the build failed'
  show ''
}

start() { # ADDRESS PROGRAM ARGUMENT...
  local line="" listen=$1 name=${2##*/}
  shift
  # What it tells the journal is not for a person, but for its warnings and errors.
  exec {journal}> >(closed_lock && trap '' INT TERM && exec grep --line-buffered -v "^$name: info: " >&2)
  filter=$!
  exec {out}< <(closed_lock && exec setpriv --pdeathsig TERM "$@" 2>&"$journal")
  daemon=$!
  exec {journal}>&-
  trap 'kill -TERM "$daemon" 2>/dev/null || true' INT TERM
  while IFS= read -r line <&"$out"; do
    [[ $line != "$name: ready on "* ]] || break
  done
  url=${line#"$name: ready on "}
  if [[ $url == "$line" ]]; then
    can_listen "$listen" # somebody was quicker
    stay
  fi
}
closed_lock() { [[ -z ${lock-} ]] || exec {lock}>&-; }

stay() {
  local status=0
  wait "$daemon" || status=$?
  while kill -0 "$daemon" 2>/dev/null; do # the wait was interrupted by Ctrl-C
    status=0
    wait "$daemon" || status=$?
  done
  wait "$filter" || true
  exit "$status"
}
