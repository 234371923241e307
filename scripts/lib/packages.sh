# shellcheck shell=bash
# packages.sh - what the scripts need from Debian, installed only where it is missing. To be sourced.
#
#   need build test      installs what these groups lack; says nothing where all is there
#   need_node            node 18 or newer, with npm

declare -A packages=(
  [build]='gcc make libc6-dev pkgconf libmicrohttpd-dev libsqlite3-dev libcjson-dev libsodium-dev libsystemd-dev
           libqrencode-dev zlib1g-dev libcurl4-openssl-dev libssl-dev tzdata'
  [lint]='git clang-format-19 shellcheck'
  [test]='libcmocka-dev sqlite3 jq curl openssl procps'
  [browser]='chromium fonts-noto-cjk'
  [trace]='strace valgrind'
  [analysis]='clang-tidy-19'
  [fuzz]='clang-19 libclang-rt-19-dev'
  [root]='mmdebstrap git'
  [hub]='postgresql libpq-dev'
  [sync]='iproute2'
  [authorities]='ca-certificates'
)

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root, and there is no sudo: $*"
  fi
}

apt() { # quiet, unless it fails
  local said
  said=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" 2>&1) ||
    { printf '%s\n' "$said" >&2 && return 1; }
}

install_packages() {
  command -v apt-get >/dev/null || die "no apt-get here; please install by hand what these Debian packages hold: $*"
  printf '  installing %s\n' "$*" >&2
  if [[ -z ${apt_updated-} ]]; then
    apt update || printf '  (the package lists could not be refreshed; trying with the old ones)\n' >&2
    apt_updated=yes
  fi
  apt install --no-install-recommends "$@" || die "could not install: $*"
}

need() {
  local group wanted=() missing
  # shellcheck disable=SC2206 # a group is a list of words
  for group; do
    wanted+=(${packages[$group]})
  done
  mapfile -t missing < <(printf '%s\n' "${wanted[@]}" | grep -vxFf <(
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p'
  ))
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

# A node from elsewhere brings an npm that Debian's package would conflict with: whatever is there is used.
need_node() {
  command -v node >/dev/null && command -v npm >/dev/null || install_packages nodejs npm
  local major
  major=$(node -p 'process.versions.node.split(".")[0]') || die "node does not run"
  ((major >= 18)) || die "node $(node --version) is too old: 18 or newer is needed"
}
