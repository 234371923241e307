# shellcheck shell=bash
# packages.sh - the Debian packages that the scripts need, installed only where they are missing. Source it.
#
#   need build test      installs the missing packages of these groups, and prints nothing if there are none. A word of a
#                        group is PACKAGE, or PACKAGE>=VERSION where a version is required
#   show TEXT            shows progress in place of the last text, or without a terminal as a line every few seconds; ''
#                        removes it

declare -A packages=(
  [graph]=graphviz
  [build]='gcc make libc6-dev pkgconf libmicrohttpd-dev libsqlite3-dev libcjson-dev libsodium-dev libsystemd-dev
           libqrencode-dev zlib1g-dev libcurl4-openssl-dev libssl-dev tzdata
           libgpiod-dev>=2 libnl-3-dev libnl-genl-3-dev libnl-route-3-dev'
  [lint]='git clang-format-19 shellcheck'
  [test]='libcmocka-dev sqlite3 jq curl openssl procps'
  [browser]='chromium-headless-shell fonts-noto-cjk'
  [trace]='strace valgrind'
  [analysis]='clang-tidy-19'
  [fuzz]='clang-19 libclang-rt-19-dev'
  [root]='mmdebstrap git'
  [deb]='debhelper lintian pkgconf dnsmasq-base hostapd iproute2 kmod nftables wireless-regdb systemd
         ca-certificates tzdata'
  [system]='qemu-system-x86 qemu-system-arm mmdebstrap e2fsprogs cpio kmod xz-utils'
  [box]='systemd hostapd dnsmasq-base nftables iproute2'
  [hub]='postgresql libpq-dev'
  [node]='nodejs npm'
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

show() {
  if [[ -t 2 && ${TERM-} != dumb ]]; then
    printf '\r\e[K%s' "${1:0:79}" >&2
  elif [[ $1 ]] && ((SECONDS >= ${show_next:-0})); then
    printf '%s\n' "$1" >&2
    show_next=$((SECONDS + 5))
  fi
}

apt() { # ARGUMENT...: runs apt-get; shows its progress, and if it fails its whole output
  local said status=0 line kind percent text
  # Status lines (kind:what:percent:text) are mixed with the others, because sudo closes further descriptors.
  said=$(
    set -o pipefail
    as_root env DEBIAN_FRONTEND=noninteractive sh -c 'exec apt-get "$@" 3>&1 2>&1 </dev/null' sh -q -y \
      -o APT::Status-Fd=3 -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" | while IFS= read -r line; do
      IFS=: read -r kind _ percent text <<<"$line"
      case $kind in
      dlstatus) show "  fetching $(printf '%3d' "${percent%%[.,]*}") %  $text" ;;
      pmstatus) show "  installing $(printf '%3d' "${percent%%[.,]*}") %  $text" ;;
      'Waiting for cache lock') show "  $line" ;;
      *) printf '%s\n' "$line" ;;
      esac
    done
  ) || status=$?
  show ''
  ((status == 0)) || printf '%s\n' "$said" >&2
  return "$status"
}

apt_sites() { # RELEASE: the addresses from which this machine's apt gets it
  apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' | sed -n "s/^$1 //p" | sort -u
}

new_enough() { # VERSION [AT-LEAST]; false without a version
  [[ ${1:-(none)} != '(none)' ]] && { [[ -z ${2-} ]] || dpkg --compare-versions "$1" ge "$2"; }
}

candidate() { # PACKAGE: the version that apt would install
  apt-cache policy "$1" | sed -n 's/^  Candidate: //p'
}

# If the release's version is too old, adds its backports as a source for this package only: apt installs no other
# package from there by itself.
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
  # only that source: the others have just been updated
  apt update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/boothd-backports.sources -o Dir::Etc::sourceparts=- \
    -o APT::Get::List-Cleanup=0
  new_enough "$(candidate "$1")" "$2" || die "$1 $2 or newer is needed, and $codename-backports has none"
}

# Installed services do not start, and PostgreSQL makes no cluster. An administrator's own policy is kept. A policy
# of a shell that was killed removes itself when it is called: field 20 is a start time in /proc/PID/stat.
install_quietly() ( # PACKAGE...
  policy=/usr/sbin/policy-rc.d
  cluster=/etc/postgresql-common/createcluster.d/boothd.conf
  pid=$BASHPID
  began=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 20)
  trap 'exit 130' INT TERM HUP
  trap 'as_root rm -f "${ours[@]}"' EXIT
  ours=()
  if [[ ! -e $policy ]] || grep -qs 'scripts of boothd' "$policy"; then
    ours+=("$policy")
    as_root tee "$policy" >/dev/null <<.
#!/bin/sh
# By the scripts of boothd, while they install packages: no service starts.
set -- \$(sed 's/.*) //' /proc/$pid/stat 2>/dev/null)
[ "\${20-}" != $began ] || [ "\$1" = Z ] || exit 101
rm -f "\$0"
.
    as_root chmod 755 "$policy"
  fi
  if [[ " $* " == *' postgresql '* ]]; then
    ours+=("$cluster")
    as_root mkdir -p "${cluster%/*}"
    as_root tee "$cluster" >/dev/null <<<'create_main_cluster = false # by the scripts of boothd, while they install it'
  fi
  apt install --no-install-recommends "$@"
)

install_packages() { # PACKAGE or PACKAGE>=VERSION...
  command -v apt-get >/dev/null || die "no apt-get here; please install by hand what these Debian packages hold: $*"
  printf '  installing %s\n' "$*" >&2
  if [[ -z ${apt_updated-} ]]; then
    apt update || printf '  (the package lists could not be refreshed; trying with the old ones)\n' >&2
    export apt_updated=yes # for the scripts that this one calls, too
  fi
  local word
  for word; do
    [[ $word != *'>='* ]] || need_backport "${word%>=*}" "${word#*>=}"
  done
  apt-get -qq --print-uris --no-install-recommends install "${@%>=*}" 2>/dev/null |
    awk '{ bytes += $3 } END { if (bytes > 1e6) printf "  %d packages in all, %d MB to fetch\n", NR, bytes / 1e6 }' >&2 || true
  install_quietly "${@%>=*}" || die "could not install: $*"
}

# A node from another source brings an npm that conflicts with Debian's package, so an existing node is used.
has_node() { command -v node >/dev/null && command -v npm >/dev/null; }

need() {
  local group word name version least wanted=() missing=()
  local -A installed=()
  # shellcheck disable=SC2206 # a group is a list of words
  for group; do
    [[ $group == node ]] && has_node || wanted+=(${packages[$group]})
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
  [[ " $* " != *' node '* ]] || need_node_18
}

need_node_18() {
  local major
  major=$(node -p 'process.versions.node.split(".")[0]') || die "node does not run"
  ((major >= 18)) || die "node $(node --version) is too old: 18 or newer is needed"
}
