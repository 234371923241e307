# shellcheck shell=bash
# packages.sh - what the scripts need from Debian, installed only where it is missing. To be sourced.
#
#   need build test      installs what these groups lack; says nothing where all is there. A word of a group is a
#                        package, or PACKAGE>=VERSION where an older one will not do
#   need_node            node 18 or newer, with npm

declare -A packages=(
  [build]='gcc make libc6-dev pkgconf libmicrohttpd-dev libsqlite3-dev libcjson-dev libsodium-dev libsystemd-dev
           libqrencode-dev zlib1g-dev libcurl4-openssl-dev libssl-dev tzdata
           libgpiod-dev>=2 libnl-3-dev libnl-genl-3-dev libnl-route-3-dev'
  [lint]='git clang-format-19 shellcheck'
  [test]='libcmocka-dev sqlite3 jq curl openssl procps'
  [browser]='chromium fonts-noto-cjk'
  [trace]='strace valgrind'
  [analysis]='clang-tidy-19'
  [fuzz]='clang-19 libclang-rt-19-dev'
  [root]='mmdebstrap git'
  [deb]='debhelper lintian pkgconf dnsmasq-base hostapd iproute2 kmod nftables wireless-regdb systemd
         ca-certificates tzdata'
  [system]='qemu-system-x86 qemu-system-arm mmdebstrap e2fsprogs cpio kmod xz-utils'
  [box]='systemd hostapd dnsmasq-base nftables iproute2'
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

apt_sites() { # RELEASE: the addresses that serve it, as this machine's apt knows them
  apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' | sed -n "s/^$1 //p" | sort -u
}

new_enough() { # VERSION [AT-LEAST]; no version at all never is
  [[ ${1:-(none)} != '(none)' ]] && { [[ -z ${2-} ]] || dpkg --compare-versions "$1" ge "$2"; }
}

candidate() { # PACKAGE: the version that apt would install
  apt-cache policy "$1" | sed -n 's/^  Candidate: //p'
}

# Where the release's own version is too old, its backports are added as a source, for this package alone: what else is
# in them stays as apt has it, which is to take none of it by itself.
need_backport() { # PACKAGE AT-LEAST
  local codename site source
  new_enough "$(candidate "$1")" "$2" && return
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME-}")
  site=$(apt_sites "$codename" | head -n 1)
  [[ $codename && $site ]] || die "$1 $2 or newer is needed, and apt names no mirror with backports to get it from"
  printf '  adding %s-backports, for %s\n' "$codename" "$1" >&2
  source=$(apt-cache show "$1" 2>/dev/null | sed -n 's/^Source: \([^ ]*\).*/\1/p' | head -n 1)
  as_root tee /etc/apt/sources.list.d/boothd-backports.sources >/dev/null <<.
Types: deb
URIs: $site
Suites: $codename-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
.
  as_root tee /etc/apt/preferences.d/boothd-backports >/dev/null <<.
Package: src:${source:-$1}
Pin: release n=$codename-backports
Pin-Priority: 500
.
  apt update
  new_enough "$(candidate "$1")" "$2" || die "$1 $2 or newer is needed, and $codename-backports has none"
}

install_packages() { # PACKAGE or PACKAGE>=VERSION...
  command -v apt-get >/dev/null || die "no apt-get here; please install by hand what these Debian packages hold: $*"
  printf '  installing %s\n' "$*" >&2
  if [[ -z ${apt_updated-} ]]; then
    apt update || printf '  (the package lists could not be refreshed; trying with the old ones)\n' >&2
    apt_updated=yes
  fi
  local word
  for word; do
    [[ $word != *'>='* ]] || need_backport "${word%>=*}" "${word#*>=}"
  done
  apt install --no-install-recommends "${@%>=*}" || die "could not install: $*"
}

need() {
  local group word name version least wanted=() missing=()
  local -A installed=()
  # shellcheck disable=SC2206 # a group is a list of words
  for group; do
    wanted+=(${packages[$group]})
  done
  while read -r _ name version; do
    installed[$name]=$version
  done < <(dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' "${wanted[@]%>=*}" 2>/dev/null |
    grep '^installed ')
  for word in "${wanted[@]}"; do
    name=${word%>=*} least=${word#"$name"}
    new_enough "${installed[$name]-}" "${least#>=}" || missing+=("$word")
  done
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

# A node from elsewhere brings an npm that Debian's package would conflict with: whatever is there is used.
need_node() {
  command -v node >/dev/null && command -v npm >/dev/null || install_packages nodejs npm
  local major
  major=$(node -p 'process.versions.node.split(".")[0]') || die "node does not run"
  ((major >= 18)) || die "node $(node --version) is too old: 18 or newer is needed"
}
