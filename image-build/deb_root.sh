# shellcheck shell=bash
# deb_root.sh - the Debian 13 root in which the package is built, checked and tested. Source it after debian_root.sh.
#
#   deb_root FOLDER   unpacks the root there and enters it

deb_root() {
  local native cross=(amd64 arm64) libraries tar
  native=$(dpkg --print-architecture)
  # shellcheck disable=SC2206 # a group is a list of words
  libraries=(${packages[build]})
  mapfile -t libraries < <(printf '%s\n' "${libraries[@]%>=*}" | grep -- '-dev$')
  cross=("${cross[@]/$native/}")
  root_foreign=${cross[*]}
  root_foreign=${root_foreign// /}
  # shellcheck disable=SC2086 # a group is a list of words
  tar=$(root_tar deb trixie buildd ${packages[deb]} "gcc-${gnu[$root_foreign]}" "${libraries[@]}" \
    "${libraries[@]/%/:$root_foreign}" "pkgconf:$root_foreign")
  tar -xf "$tar" -C "$1" --numeric-owner
  root_enter "$1"
}
declare -A gnu=([amd64]=x86-64-linux-gnu [arm64]=aarch64-linux-gnu)
