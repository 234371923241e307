# shellcheck shell=bash
# debian_root.sh - makes Debian root file systems and runs commands in them. Source it after packages.sh, in a script that
# runs as root.
#
#   own_mounts ARGUMENT...    runs this script again with these arguments in its own mount namespace
#   root_tar NAME CODENAME VARIANT [PACKAGE...]
#                             prints the path of a tar file of a root, which is made if it is not in the cache
#   root_enter FOLDER         mounts what programs need in the root that was unpacked there
#   root_leave FOLDER         unmounts it
#   inside FOLDER COMMAND...  runs a command in the root, with a clean environment
#
# The mirror is that of this machine's apt; its proxies and certificate authorities, if any, are copied into the root.
# root_foreign names a second architecture, or is empty.

root_environment=(HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
for root_name in CI TERM http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [[ -z ${!root_name-} ]] || root_environment+=("$root_name=${!root_name}")
done
root_foreign=

own_mounts() {
  ((EUID == 0)) || die 'needs root'
  [[ ${OWN_MOUNTS-} != "$$" ]] || return 0
  # exec keeps the process id, by which the second run recognizes itself
  OWN_MOUNTS=$$ exec unshare --mount --propagation private "$0" "$@"
}

root_apt_conf() { # how this machine's apt reaches its mirror
  apt-config dump | grep -iE '^Acquire::(https?::|Check-)' || true
}

root_tar() (
  set -euo pipefail
  name=$1 codename=$2 variant=$3
  shift 3
  host_codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME-}")
  native=$(dpkg --print-architecture)
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/boothd
  key=$(printf '%s\n' "$codename" "$variant" "$root_foreign" "$@" "$(date -u +%Y-%m)" | sha256sum | cut -c1-12)
  tar=$cache/root-$name-$native-$key.tar
  if [[ ! -e $tar ]]; then
    need root >&2
    mirror=$(apt_sites "$host_codename" | head -n 1)
    security=$(apt_sites "$host_codename-security" | head -n 1)
    [[ $mirror ]] || die 'apt knows no mirror: is this Debian, with its package lists fetched?'
    sources=("deb $mirror $codename main" "deb $mirror $codename-updates main")
    [[ -z $security ]] || sources+=("deb $security $codename-security main")
    printf '  making a Debian %s root (%s)\n' "$codename" "$name" >&2
    conf=$(mktemp)
    trap 'rm -f "$conf" "$tar.$BASHPID"' EXIT
    root_apt_conf >"$conf"
    mkdir -p "$cache"
    mmdebstrap --quiet --mode=root --variant="$variant" --architectures="$native${root_foreign:+,$root_foreign}" \
      ${1:+--include="$(IFS=, && printf '%s' "$*")"} --format=tar --aptopt="$conf" --keyring=/usr/share/keyrings \
      --dpkgopt=path-exclude=/usr/share/man/* --dpkgopt=path-exclude=/usr/share/locale/* \
      --customize-hook='rm -f "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
      "$codename" "$tar.$BASHPID" "${sources[@]}" >&2
    mv "$tar.$BASHPID" "$tar"
    find "$cache" -name "root-$name-$native*.tar" ! -path "$tar" -mmin +5 -delete # last month's
  fi
  printf '%s\n' "$tar"
)

inside() {
  env -i "${root_environment[@]}" chroot "$@"
}

root_enter() {
  mount --bind "$1" "$1" # otherwise programs in it could not make mount namespaces
  root_apt_conf >"$1/etc/apt/apt.conf.d/99host"
  cp /etc/resolv.conf /etc/hosts "$1/etc/"
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev" # with /dev/shm and /dev/pts
  mount --make-rprivate "$1/dev"
  if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
    mkdir -p "$1/usr/local/share/ca-certificates"
    cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/"
  fi
}

root_leave() {
  umount -R "$1/dev" "$1/proc" "$1" 2>/dev/null || true
}
