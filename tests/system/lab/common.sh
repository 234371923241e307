# shellcheck shell=bash
# common.sh - what the lab's scripts share: where things are kept, and Debian 13's packages, fetched the way this machine
# fetches its own. To be sourced, with the guest's architecture in `arch`; then `scratch` makes the folder $work.
#
# The cache is ${XDG_CACHE_HOME:-~/.cache}/boothd. A name in it carries a hash of the scripts that made it and the month,
# and nothing needs it: what is missing is made again.
set -euo pipefail
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$lab/../../.." && pwd)
. "$tree/scripts/lib/packages.sh"
. "$tree/scripts/lib/debian_root.sh"
codename=trixie
arch=${arch-}
[[ $arch == amd64 || $arch == arm64 ]] || die 'which machine, amd64 or arm64?'

scratch() {
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/boothd-lab.XXXXXX")
  trap 'root_leave "$work/compiler"; rm -rf --one-file-system "$work"' EXIT
  trap 'exit 130' INT TERM
}

kept() { # NAME COMMAND...: prints where NAME is kept; if it is not there, COMMAND PATH makes it
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/boothd name=lab-$1 path
  path=$cache/$name-$({ cat "$lab"/{common.sh,initrd-init} "$0" && date -u +%Y-%m; } | sha256sum | head -c 12)
  shift
  if [[ ! -e $path ]]; then
    mkdir -p "$cache"
    "$@" "$work/made" >&2
    mv -T "$work/made" "$path.$$"
    mv -T "$path.$$" "$path" 2>/dev/null || rm -rf "$path.$$" # somebody else was quicker
    find "$cache" -mindepth 1 -maxdepth 1 -name "$name-*" ! -path "$path" -mmin +60 -exec rm -rf {} +
  fi
  printf '%s\n' "$path"
}

# An apt of its own, to download from Debian 13 without touching this machine's.
private_apt() {
  local at=$work/apt host site suite
  [[ ! -e $at ]] || return 0
  host=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME-}")
  mkdir -p "$at"/etc/{apt.conf.d,preferences.d,sources.list.d,trusted.gpg.d} "$at"/{state/lists,cache/archives}/partial
  : >"$at/status"
  for suite in '' -updates -security; do
    site=$(apt_sites "$host$suite" | head -n 1)
    [[ -z $site ]] || printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s main\n' "$site $codename$suite"
  done >"$at/etc/sources.list"
  [[ -s $at/etc/sources.list ]] || die 'apt knows no mirror: is this Debian, with its package lists fetched?'
  root_apt_conf >"$at/apt.conf"
  cat >>"$at/apt.conf" <<.
Dir::Etc "$at/etc/";
Dir::State "$at/state";
Dir::State::status "$at/status";
Dir::Cache "$at/cache";
APT::Architecture "$arch";
APT::Architectures { "$arch"; "amd64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
.
  lab_apt get update
}

lab_apt() { # get|cache WORD...
  APT_CONFIG=$work/apt/apt.conf "apt-$1" -qq "${@:2}"
}

fetch() { # PACKAGE...: downloads them into $work/debs
  mkdir -p "$work/debs"
  (cd "$work/debs" && lab_apt get download "$@")
}
