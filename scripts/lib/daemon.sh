# shellcheck shell=bash
# daemon.sh - functions of scripts/run and scripts/hub. Source it after packages.sh, in a script that defines usage.
#
#   needs WHAT OPTION [VALUE]       exits with usage if the option has no value
#   can_listen ADDRESS:PORT[,...]   exits if a port is in use: says which program uses it, and which port is free
#   build TARGET...                 runs make and shows its progress
#   start ADDRESS PROGRAM ARGUMENT...
#                                   starts our daemon and sets url; the daemon ends with this shell, however that ends
#   stay                            waits until the daemon ends, by Ctrl-C or by itself, and exits with its status

misused() {
  printf '%s: %s\n\n' "${0##*/}" "$*" >&2
  usage >&2
  exit 2
}

needs() {
  [[ ${3-} && $3 != --* ]] || misused "$2 needs $1"
}

# Tries it, which finds every reason. Every Debian has perl; elsewhere the daemon itself fails, after the build.
try_listen() { # ADDRESS:PORT: if it fails, prints why
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
  # Of its log, people see only warnings and errors.
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
    can_listen "$listen" # another program took the port meanwhile
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
