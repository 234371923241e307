// boothctl setup and doctor, in a folder that stands for the machine (--root): what they ask, write, refuse and see.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { build, shared } from '../lib/boothd.mjs';

const boxes = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-setup-'));
after(() => fs.rmSync(boxes, { recursive: true, force: true }));
const booth = await shared(after);
const ENGLISH = { LC_ALL: 'C.UTF-8', LANG: '' };
const KOREAN = { LC_ALL: 'ko_KR.UTF-8' };

class Machine {
  constructor({ zone = 'Asia/Seoul' } = {}) {
    this.root = fs.mkdtempSync(path.join(boxes, 'm-'));
    this.conf = path.join(this.root, 'etc/boothd/boothd.conf');
    fs.mkdirSync(path.join(this.root, 'etc'));
    if (zone) fs.symlinkSync(`/usr/share/zoneinfo/${zone}`, path.join(this.root, 'etc/localtime'));
  }
  // A command with these lines as its input: {status, out, err}
  ctl(args, { input = '', env = ENGLISH } = {}) {
    const child = spawn(path.join(build, 'boothctl'), [...args, '--root', this.root], { env: { ...process.env, ...env } });
    const said = { out: '', err: '' };
    child.stdout.on('data', (c) => { said.out += c; });
    child.stderr.on('data', (c) => { said.err += c; });
    child.stdin.on('error', () => {}); // it may end before it has read all
    child.stdin.end(input);
    return new Promise((resolve) => child.on('close', (status) => resolve({ status, ...said })));
  }
  setup(args = [], more) {
    return this.ctl(['setup', ...args], more);
  }
  answers(...lines) {
    return this.setup([], { input: lines.map((l) => `${l}\n`).join('') });
  }
  put(name, text) {
    const file = path.join(this.root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  }
  text() {
    return fs.existsSync(this.conf) ? fs.readFileSync(this.conf, 'utf8') : null;
  }
  values() {
    const lines = (this.text() ?? '').split('\n').filter((l) => l && !l.startsWith('#'));
    return Object.fromEntries(lines.map((l) => l.split(' = ')));
  }
  link(name) { // where setup links it to
    const file = path.join(this.root, 'etc/systemd', name);
    return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ? fs.readlinkSync(file) : null;
  }
  async doctor({ socket = path.join(this.root, 'nobody.sock'), ...more } = {}) {
    const done = await this.ctl(['--json', '--socket', socket, 'doctor'], more);
    const { ok, checks } = JSON.parse(done.out);
    assert.equal(done.status, ok ? 0 : 1);
    return { ...done, ok, ...Object.fromEntries(checks.map((c) => [c.name, c])) };
  }
}
const reads = (conf) => new Promise((resolve) => spawn(path.join(build, 'boothd'), ['--check', '--config', conf], { stdio: 'ignore' }).on('close', resolve));

test('Enter alone makes a booth of what the machine knows', async () => {
  const m = new Machine();
  const done = await m.answers('', '', '', '', '', '', '', '', '', '');
  assert.equal(done.status, 0, done.err);
  const { timezone, country, wifi_interface, panel, ...rest } = m.values();
  assert.deepEqual([timezone, country, wifi_interface, panel], ['Asia/Seoul', 'KR', 'wlan0', 'none']);
  assert.deepEqual(Object.keys(rest), ['booth_name'], 'what has a default is not written');
  assert.equal(fs.statSync(m.conf).mode & 0o777, 0o640);
  assert.equal(await reads(m.conf), 0);
  assert.deepEqual(fs.readdirSync(path.dirname(m.conf)), ['boothd.conf'], 'no half-written file is left');
  assert.equal(m.link('journald.conf.d/boothd.conf'), '/usr/lib/boothd/journald.conf');
  assert.equal(m.link('system.conf.d/boothd.conf'), '/usr/lib/boothd/watchdog.conf');
  assert.equal(m.link('system/boothd.socket.d/no-wifi.conf'), null);
});

test('answers are taken, checked and asked for again', async () => {
  const m = new Machine();
  const done = await m.answers('민아네 주점', 'Mars/Olympus', 'Asia/Tokyo', 'wlan1', 'jp', '여름', 'short', 'long enough', '12', '4711', '987654', 'yes', 'http://far.example', 'https://hub.example', 'nonsense', '-');
  assert.equal(done.status, 0, done.err);
  assert.match(done.out, /Country[^[]*\[JP\]/, 'the country follows from the answer before');
  assert.deepEqual(m.values(), { booth_name: '민아네 주점', timezone: 'Asia/Tokyo', wifi_interface: 'wlan1', country: 'JP', wifi_ssid: '여름', wifi_passphrase: 'long enough', staff_pin: '4711', manager_pin: '987654',
    panel: 'gpio', button_line: '*/GPIO17,low', led_line: '*/GPIO27', buzzer_line: '*/GPIO22', hub: 'https://hub.example' });
  assert.equal(done.out.match(/must be/g).length, 5);
  assert.equal(await reads(m.conf), 0);
});

test('it begins again with what is there, and leaves the rest of the file', async () => {
  const m = new Machine();
  m.put('etc/boothd/boothd.conf', '# ours\ntimezone=Asia/Seoul\nnightly = 03:00-04:00\n\nwifi_ssid = old   \ncountry = KR\nwifi_interface = wlan0\n');
  assert.match((await m.answers('', '', '', '', 'new')).err, /nothing was changed/);
  assert.match(m.text(), /old/);
  const answers = ['', '', '', '', 'new', '', '', '', '', ''];
  assert.equal((await m.answers(...answers, 'no')).status, 1);
  assert.match(m.text(), /old/);
  assert.equal((await m.answers(...answers, 'yes')).status, 0);
  assert.equal(m.text().split('\n').slice(0, 5).join('\n'), '# ours\ntimezone = Asia/Seoul\nnightly = 03:00-04:00\n\nwifi_ssid = new');
  const before = m.text();
  assert.equal((await m.setup(['--yes'])).status, 0);
  assert.equal(m.text(), before);
});

test('a booth without a Wi-Fi of its own stays one', async () => {
  const m = new Machine();
  assert.equal((await m.answers('', '', '-', '', '', '', '', '')).status, 0);
  assert.deepEqual(Object.keys(m.values()).sort(), ['booth_name', 'panel', 'timezone']);
  const before = m.text();
  assert.equal((await m.setup(['--yes'])).status, 0);
  assert.equal(m.text(), before);
  assert.equal(m.link('system/boothd.socket.d/no-wifi.conf'), '/usr/lib/boothd/no-wifi.conf', 'it is reached by other networks');
  assert.equal((await m.setup(['--yes', '--file', m.put('answers', 'wifi_interface = wlan0\ncountry = KR\n')])).status, 0);
  assert.equal(m.link('system/boothd.socket.d/no-wifi.conf'), null, 'until it has one');
});

test('a booth that was made keeps its PINs: they are not asked for; its passphrase may change', async () => {
  const m = new Machine();
  m.put('var/lib/boothd/secrets', '');
  const done = await m.answers('', '', '', '', '', 'another one', '', '');
  assert.equal(done.status, 0, done.err);
  assert.doesNotMatch(done.out, /PIN/);
  assert.equal(m.values().wifi_passphrase, 'another one');
});

test('a file answers all; it is refused by the line', async () => {
  const m = new Machine();
  const file = (text) => m.put('answers', text);
  const refused = async (text, what) => {
    const done = await m.setup(['--file', file(text)]);
    assert.equal(done.status, 1, text);
    assert.match(done.err, what);
    assert.equal(m.text(), null, 'nothing is written');
  };
  await refused('wifi_ssid = a\ncolour = red\n', /colour: line 2: is not a key/);
  await refused('\n\nstaff_pin = 1234\n staff_pin = 1234\n', /staff_pin: line 4: is given twice/);
  await refused('wifi_ssid\n', /line 1: has no '='/);
  await refused('hub_code = 1234\n', /hub_code: line 1: must be a code/);
  await refused('wifi_passphrase = geheim\n', /wifi_passphrase: line 1/);
  await refused(`booth_name = a${'\x1b'}[2J\n`, /line 1: must be UTF-8 text without control/);
  await refused('booth_name = \xff\n'.repeat(1) + 'x\0y = 1\n', /NUL|line 2/);
  await refused(`wifi_ssid = ${'a'.repeat(1100)}\n`, /too long/);
  await refused('a'.repeat(70000), /longer than/);
  await refused('country =\n', /country: is required/);
  assert.match((await m.setup(['--file', path.join(m.root, 'nowhere')])).err, /cannot read/);
  assert.match((await m.setup(['--file', m.root])).err, /cannot read/);
  const done = await m.setup(['--file', file('staff_pin = 4711\r\nwifi_ssid = 여름밤\nhub = https://hub.example\nhub_code = 0123-4567-89AB-CDEF.0123-4567-89AB-CDEF\n')]);
  assert.equal(done.status, 0, done.err);
  assert.equal(m.values().staff_pin, '4711');
  assert.equal(m.values().hub_code, undefined, 'the code is used once, not kept');
  assert.equal(await reads(m.conf), 0);
  assert.equal((await m.setup(['--file', file('wifi_ssid = b\n')])).status, 1, 'without --yes it asks, and nobody answers');
  assert.equal(m.values().wifi_ssid, '여름밤');
  assert.equal((await m.setup(['--yes', '--file', file('wifi_ssid = b\n')])).status, 0);
  assert.deepEqual([m.values().wifi_ssid, m.values().staff_pin], ['b', '4711']);
});

test('no input harms: an endless line, bytes of any kind, escapes, a file that is none of ours', async () => {
  const m = new Machine();
  for (const input of ['a'.repeat(300000), `${'b'.repeat(5000)}\n\n\n`, '\0\0\n', '\x1b[31m\n\n', '\xff\xfe\n', '%s%n%s%n\n']) {
    const done = await m.setup([], { input });
    assert.equal(done.status, 1);
    assert.ok(!done.out.includes('\x1b'), 'no escape reaches the terminal');
    assert.equal(m.text(), null);
  }
  const long = await m.answers(`${' '.repeat(3000)}x`, '', '', '', '', '', '', '', '', '', '');
  assert.equal(long.out.match(/must be/g)?.length, 1, 'what is too long is no answer, not a part of one');
  m.put('etc/boothd/boothd.conf', 'timezone = Asia/Seoul\nthis is not ours\n');
  assert.match((await m.setup(['--yes'])).err, /line 2/);
  assert.match(m.text(), /not ours/);
  for (const args of [['setup', 'now'], ['setup', '--file'], ['doctor', 'me'], ['doctor', '--yes']]) assert.equal((await m.ctl(args)).status, 2, args.join(' '));
});

test('it speaks Korean', async () => {
  const m = new Machine();
  const done = await m.setup([], { input: '', env: KOREAN });
  assert.match(done.out, /부스 이름/);
  assert.match((await m.ctl(['doctor'], { env: KOREAN })).out, /문제\s+설정/);
});

test('doctor, before and beside a booth', async () => {
  const m = new Machine();
  const none = await m.doctor();
  assert.deepEqual([none.config.result, none.boothd.result, none.storage.result], ['problem', 'problem', 'skipped']);
  assert.match(none.config.text, /boothctl setup/);
  await m.setup(['--yes']);
  const asleep = await m.doctor();
  assert.deepEqual([asleep.config.result, asleep.country.result, asleep.boothd.result], ['ok', 'ok', 'problem']);
  const awake = await m.doctor({ socket: booth.socketPath });
  assert.deepEqual(['boothd', 'storage', 'clock', 'backup', 'panel', 'hub'].map((n) => awake[n].result), Array(6).fill('ok'), JSON.stringify(awake));
  assert.equal(awake.radio.result, 'problem', 'the file says that there is a Wi-Fi, and this boothd has none');
  m.put('etc/boothd/boothd.conf', 'timezone = Asia/Seoul\n');
  const wired = await m.doctor({ socket: booth.socketPath });
  assert.ok(['radio', 'country', 'lan'].every((n) => wired[n].result === 'skipped'));
  assert.equal(wired.ok, wired.hardware.result !== 'problem', wired.out);
  const shown = await m.ctl(['--socket', booth.socketPath, 'doctor']);
  assert.match(shown.out, /^ok +config /m);
});

test('doctor sees what is wrong, and says what to do', async () => {
  const m = new Machine();
  await m.setup(['--yes']);
  const sees = async (name, file, text, what) => {
    m.put(file, text);
    const seen = (await m.doctor())[name];
    assert.equal(seen.result, what ? 'problem' : 'ok', `${name}: ${seen.text}`);
    if (what) assert.match(seen.text, what);
  };
  m.put('sys/class/rfkill/rfkill0/type', 'wlan\n');
  m.put('sys/class/rfkill/rfkill0/hard', '0\n');
  await sees('rfkill', 'sys/class/rfkill/rfkill0/soft', '1\n', /rfkill unblock/);
  await sees('rfkill', 'sys/class/rfkill/rfkill0/soft', '0\n');
  await sees('rfkill', 'sys/class/rfkill/rfkill0/hard', '1\n', /switch/);
  const head = '   sl  local_address rem_address   st\n';
  const row = (address, port) => `  7: ${address}:${port} 00000000:0000 07 00000000:00000000 00:00000000 00000000\n`;
  await sees('lan', 'proc/net/udp', head + row('0140530A', '0035'), /DHCP/);
  await sees('lan', 'proc/net/udp', head + row('00000000', '0043') + row('0100007F', '0035'), /DNS/);
  await sees('lan', 'proc/net/udp', head + row('00000000', '0043') + row('0140530A', '0035'));
  fs.chmodSync(m.conf, 0o644);
  assert.match((await m.doctor()).permissions.text, /chmod 640/);
  fs.chmodSync(m.conf, 0o640);
  assert.equal((await m.doctor()).permissions.result, 'ok');
  await sees('config', 'etc/boothd/boothd.conf', 'timezone = Asia/Seoul\ncolour = red\n', /colour: line 2/);
  await sees('country', 'etc/boothd/boothd.conf', 'timezone = Asia/Seoul\nwifi_interface = wlan0\n', /country/);
});

test('a clock that a phone has set is well, one that nobody has confirmed is not', async () => {
  const m = new Machine(), socket = path.join(m.root, 'boothd.sock');
  let clock;
  const boothd = http.createServer((_, r) => r.end(JSON.stringify({ clock: { now: '2026-09-11T09:29:47.250Z', ...clock } }))).listen(socket);
  after(() => boothd.close());
  await once(boothd, 'listening');
  for (const [source, trusted, result] of [['phone', false, 'ok'], ['saved', false, 'problem'], ['kernel', true, 'ok']]) {
    clock = { source, trusted };
    assert.equal((await m.doctor({ socket })).clock.result, result, source);
  }
});
