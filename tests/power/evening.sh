#!/bin/sh
# evening.sh - what happens in the guest until the power is switched off: a booth is set up on an empty disk, staff issue
# and call, a night's round, a backup and its restore, an orderly stop, a crash, and staff again.
#
#   evening.sh MODE SEED COUNT DISK TOOLS
#
# MODE is durable, or careless: nobody waits for the disk then (nosync.so), and the kernel writes when it likes. COUNT
# commands in each part; DISK a block device with an empty ext4 and, behind it, room for the records of client.c; TOOLS a
# folder with boothd, client and nosync.so.
set -eu
mode=$1 seed=$2 count=$3 disk=$4 tools=$5
state=/d/state socket=/run/booth.sock client=$tools/client threads=6
place=16384 from=16448 # of the next mark, of the next part: behind the 64 MiB of the file system

mark() {
  "$client" "$disk" mark "$place" "$1"
  place=$((place + 1))
}

start() {
  mark "start"
  # shellcheck disable=SC2086 # a list of words
  env ${preload-} "$tools/boothd" --set "state_dir=$state" --set listen=127.0.0.1:0 --set "socket=$socket" \
    --set web_dir=/run/web --set timezone=Asia/Seoul --set staff_pin=1234 --set manager_pin=987654 --set panel=none \
    --set trust_clock=yes --set machine_id=power >>/run/boothd.log 2>&1 &
  boothd=$!
  tries=0
  until "$client" "$socket" ask GET /api/v1/queue >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$boothd"; then
      cat /run/boothd.log
      exit 1
    fi
    sleep 0.1
  done
  mark "ready"
}

# Room for all of a part, whether they come to it or not: no record is ever overwritten.
work() {
  "$client" "$socket" work "$disk" "$from" "$count" "$threads" "$((seed + from))"
}

night() {
  mark "night"
  "$client" "$socket" ask POST /api/v1/system/nightly >/run/night
  until ls "$state"/snapshots/booth-nightly-*"$1"-*.db >/dev/null 2>&1; do sleep 0.1; done
  mark "morning"
}

# Nobody works meanwhile: what is restored is what is there.
restore() {
  "$client" "$socket" ask GET /api/v1/system/backup >/run/backup.db
  mark "restore"
  "$client" "$socket" ask POST /api/v1/system/restore /run/backup.db >/run/restored
  mark "restored"
}

mkdir -p /d
case $mode in
  durable) mount -o noatime "$disk" /d ;;
  careless)
    mount -o noatime,commit=300 "$disk" /d
    preload="LD_PRELOAD=$tools/nosync.so"
    ;;
esac
mkdir -p "$state" && sync -f /d # on a booth the folder comes with the package
ip link set lo up
mkdir -p /run/web # no page of it is asked for
echo "<!doctype html>" | tee /run/web/index.html >/run/web/board.html

start
work
if [ "$mode" = durable ]; then
  from=$((from + count))
  work &
  night 000001
  wait "$!"
  restore
  mark "stop"
  kill -TERM "$boothd"
  wait "$boothd"
  mark "stopped"
  from=$((from + count))
  start
  work &
  worker=$!
  night 000002
  kill -KILL "$boothd"
  mark "killed"
  wait "$worker" "$boothd" || true
  from=$((from + count))
  start
  work
fi
mark "off"
