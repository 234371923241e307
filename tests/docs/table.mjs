// Which test runs which command of the documents. accounts.test.mjs refuses commands without a row and rows without a
// command.
import assert from 'node:assert/strict';
import { MANUALS, PAGES, commands } from './pages.mjs';

// As in the documents, but without the words in angle brackets, which the reader fills in.
const rows = {
  // scripts/run and another terminal, as a plain user
  run: [
    'git clone <> boothd && cd boothd', './scripts/run', 'ctl() { build/boothctl --socket ~/.local/state/boothd/boothd.sock "$@"; }', 'ctl intake open',
    'ctl issue 4 --name 민아', 'ctl call-next', 'ctl seat 1', 'ctl undo', 'ctl watch', 'ctl export -o today.csv', './scripts/hub', 'ctl enrol http://127.0.0.1:8090 CODE',
    'boothd --set state_dir=/tmp/booth --set socket=/tmp/booth/sock --set listen=127.0.0.1:8080 --set timezone=Asia/Seoul --set panel=sim --set web_dir=build/web',
    'boothctl --socket /tmp/booth/sock panel press 100ms',
  ],
  // a hub, as the administrator of an event
  hub: [
    'createdb --encoding=UTF8 boothhub', 'createdb boothhub', 'boothhub --set listen=127.0.0.1:8090 &',
    "boothhub --set listen=127.0.0.1:8090 --set 'database=host=/run/postgresql dbname=boothhub' --set public_url=https://hub.example",
    'boothhub --set public_url=https://hub.example admin create-booth North', 'boothhub admin create-booth NAME', 'boothhub … admin create-booth "North gate"',
    'admin enrol-code "North gate"', 'admin revoke "North gate"', 'admin create-key NAME read,guests', 'boothhub … admin create-key "my service" read,guests',
    'pg_dump --format=custom boothhub', 'boothhub admin restored', 'admin restored', 'admin rotate-keys',
    'boothctl sync', 'sudo boothctl enrol URL CODE', 'boothctl enrol URL CODE', 'sudo boothctl enrol https://hub.example CODE',
    'ask() { curl --silent --show-error --header "Authorization: Bearer $KEY" --header \'Content-Type: application/json\' "$@"; }',
    /^(HUB|KEY)=/, /^ask /,
  ],
  // boothctl with a running booth
  booth: [
    'boothctl status', 'sudo boothctl status', 'boothctl clock set 2026-09-11T10:03:07Z', 'boothctl devices', 'boothctl devices revoke ID',
    'echo \'{"staff_pin":"…"}\' | boothctl settings set -', 'boothctl settings', 'boothctl backup FILE', 'boothctl restore FILE', 'boothctl nightly',
    'sudo boothctl export', 'boothctl issue 4 --name Mina', 'boothctl call 12', 'boothctl seat 12', 'boothctl undo 59', "boothctl --json queue | jq '.lines[] | {id, waiting}'",
    'boothctl backup /media/usb/booth-$(date +\\%F).db', 'boothctl label', 'boothctl panel', 'boothctl doctor',
  ],
  // on a box, as its owner: tests/system/guest/guide.test.mjs, in the emulated machine
  box: [
    'sudo apt install ./boothd_*_arm64.deb', 'sudo boothctl setup', 'sudo boothctl setup --file booth-17.conf', 'sudo boothctl label >label.html', 'sudo boothctl doctor',
    'sudo usermod --append --groups boothd "$USER"', 'sudo systemctl restart boothd.target', 'sudo systemctl restart boothd', "systemctl status 'boothd*'",
    "sudo journalctl -u 'boothd*'", "sudo journalctl -u 'boothd*' -n 100", 'sudo boothctl panel', 'sudo boothctl panel test led fast',
    'sudo boothctl panel test buzzer call', 'sudo boothctl panel watch', 'sudo boothctl backup FILE', 'sudo apt remove boothd', 'sudo apt purge boothd', 'gpioinfo',
    'sudo ip link set wlan0 down',
  ],
  // too long for here: only its existence is checked
  exists: [
    'make help', 'make check', 'make check-long', 'make deb', 'make nightly', './scripts/test', 'tests/run', 'tests/run api/tickets', 'tests/run sync hub', 'tests/run system',
    'tests/run system-arm64', 'tests/run power', 'CI_ONLY="api hub" .ci/run',
  ],
  // only named, not typed: the program must have the command
  named: ['boothctl backup', 'boothctl enrol', 'boothctl setup', 'boothctl setup --file', 'man boothd.conf'],
  // for other devices, or for hardware of real boards
  elsewhere: [
    'scp boothd_*_arm64.deb pi@raspberrypi.local:', 'ssh pi@raspberrypi.local', 'sudo raspi-config', 'xset s off -dpms', 'powercfg /change monitor-timeout-ac 0',
    'powercfg /change standby-timeout-ac 0', 'sudo modprobe -r brcmfmac', 'chromium --kiosk --autoplay-policy=no-user-gesture-required http://<>/board',
  ],
};

export const form = (command) => command.replace(/<[^>]*>/g, '<>');
const claims = (row, command) => (row instanceof RegExp ? row.test(command) : row === form(command));

/** {all: [{page, line, text, answer, by: [who]}], idle: rows that match no command}. */
export function accounts() {
  const all = [...PAGES, ...MANUALS].flatMap(commands)
    .map((each) => ({ ...each, by: Object.keys(rows).filter((who) => rows[who].some((row) => claims(row, each.text))) }));
  const idle = Object.values(rows).flat().filter((row) => !all.some(({ text }) => claims(row, text)));
  return { all, idle };
}

/** The commands that a test file must run, each once; its last test asserts that none is left. */
export function toRun(who) {
  const left = new Map(accounts().all.filter(({ by }) => by.includes(who)).map((each) => [form(each.text), each]));
  const all = [...left.values()];
  return {
    all,
    /** Returns a documented command with the reader's values filled in, and marks it as run. */
    take(command, filled = {}) {
      assert.ok(all.some(({ text }) => form(text) === command), `no document has ${command}`);
      left.delete(command);
      return Object.entries(filled).reduce((text, [from, to]) => {
        assert.ok(text.includes(from), `${command}: no ${from} to fill in`);
        return text.replaceAll(from, to);
      }, command);
    },
    allTaken: () => assert.deepEqual([...left.keys()], [], 'nobody ran these'),
    answer: (command) => all.find(({ text }) => form(text) === command).answer,
  };
}
