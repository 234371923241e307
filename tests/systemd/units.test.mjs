// What `make install` puts there, as systemd reads it: nothing it does not understand, as bounded as it is meant to be, and nothing at
// start that waits for a network, a clock or a radio.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { root as tree } from '../lib/boothd.mjs';
import { installed } from '../lib/machine.mjs';

const skip = !installed('systemd-analyze') && 'no systemd here';
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-units-'));
after(() => fs.rmSync(dir, { recursive: true, force: true }));
const at = (...names) => path.join(dir, ...names), system = (...names) => at('usr/lib/systemd/system', ...names);

// All that is installed, and around it what every Debian has.
function install() {
  const web = at('web');
  fs.mkdirSync(web);
  fs.writeFileSync(path.join(web, 'index.html'), '');
  execFileSync('make', ['--no-print-directory', `O=${process.env.BOOTHD_BUILD ?? 'build'}`, 'install', `DESTDIR=${dir}`, 'PREFIX=/usr', `WEB=${web}`], { cwd: tree, stdio: 'pipe' });
  for (const name of fs.readdirSync('/usr/lib/systemd/system'))
    if (!fs.existsSync(system(name))) fs.cpSync(`/usr/lib/systemd/system/${name}`, system(name), { recursive: true, verbatimSymlinks: true });
  for (const program of ['usr/sbin/hostapd', 'usr/sbin/dnsmasq', 'usr/bin/kill', 'usr/bin/rm']) {
    fs.mkdirSync(path.dirname(at(program)), { recursive: true });
    fs.writeFileSync(at(program), '#!/bin/sh\n', { mode: 0o755 });
  }
}
if (!skip) install();
const units = skip ? [] : fs.readdirSync(path.join(tree, 'systemd')).filter((n) => /\.(service|socket|timer|path|target)$/.test(n));
const read = (name) => fs.readFileSync(system(name), 'utf8');
const lines = (name, key) => read(name).split('\n').filter((l) => l.startsWith(`${key}=`)).map((l) => l.slice(key.length + 1));

test('systemd accepts every line', { skip }, () => {
  assert.ok(units.length >= 12, units.join(' '));
  for (const unit of units) {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', `--root=${dir}`, unit], { encoding: 'utf8' });
    const said = `${stdout}${stderr}`.split('\n').filter((l) => /boothd/.test(l));
    assert.deepEqual(said, [], unit);
  }
});

test('units before the network do not block a start that waits for the network', { skip }, () => {
  fs.writeFileSync(system('early.service'), '[Unit]\nDefaultDependencies=no\nAfter=network-pre.target systemd-networkd.service\nBefore=sysinit.target\n[Service]\nExecStart=/usr/bin/boothd\n');
  fs.mkdirSync(system('sysinit.target.wants'), { recursive: true });
  fs.symlinkSync('../early.service', system('sysinit.target.wants/early.service'));
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', `--root=${dir}`, 'boothd.target'], { encoding: 'utf8' });
  fs.rmSync(system('sysinit.target.wants/early.service'));
  fs.rmSync(system('early.service'));
  assert.doesNotMatch(stdout + stderr, /cycle/);
});

test('without a Wi-Fi of its own the booth listens on the machine\'s networks', { skip }, () => {
  const beside = at('etc/systemd/system/boothd.socket.d');
  fs.mkdirSync(beside, { recursive: true });
  fs.copyFileSync(at('usr/lib/boothd/no-wifi.conf'), path.join(beside, 'no-wifi.conf'));
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', `--root=${dir}`, 'boothd.socket'], { encoding: 'utf8' });
  fs.rmSync(beside, { recursive: true });
  assert.deepEqual(`${stdout}${stderr}`.split('\n').filter((l) => /boothd/.test(l)), []);
  const listens = (text) => text.split('\n').filter((l) => l.startsWith('ListenStream='));
  assert.deepEqual(listens(fs.readFileSync(at('usr/lib/boothd/no-wifi.conf'), 'utf8')),
    ['ListenStream=', 'ListenStream=0.0.0.0:80', ...listens(read('boothd.socket')).filter((l) => l.includes('/'))]);
});

test('an invalid line is found', { skip }, () => {
  fs.writeFileSync(system('boothd-wrong.service'), '[Service]\nExecStart=/usr/bin/boothd\nProtectEverything=yes\n');
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', `--root=${dir}`, 'boothd-wrong.service'], { encoding: 'utf8' });
  fs.rmSync(system('boothd-wrong.service'));
  assert.match(stdout + stderr, /ProtectEverything/);
});

test('exposure: boothd 1.5 at most, each other unit its own limit', { skip }, () => {
  const most = { 'boothd.service': 1.5, 'boothd-nightly.service': 1, 'boothd-clock.service': 1.2, 'boothd-network.service': 3, 'boothd-firewall.service': 3,
    'boothd-ap.service': 3.2, 'boothd-lan.service': 3.2, 'boothd-privop.service': 4 };
  assert.deepEqual(units.filter((u) => u.endsWith('.service')).sort(), Object.keys(most).sort());
  for (const [unit, limit] of Object.entries(most)) {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', system(unit)], { encoding: 'utf8' });
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    assert.ok(exposure <= limit, `${unit}: ${exposure} of ${limit}\n${stderr}`);
  }
});

test('nothing waits for a network, a clock or a radio', { skip }, () => {
  for (const unit of units) {
    for (const key of ['After', 'Requires', 'Wants', 'BindsTo', 'Requisite'])
      for (const line of lines(unit, key)) assert.doesNotMatch(line, /network-online|network\.target|time-sync|time-set|\.device|wait/, `${unit}: ${key}=${line}`);
    if (unit.endsWith('.timer')) assert.deepEqual(lines(unit, 'DefaultDependencies'), ['no'], `${unit} would wait for time-sync.target`);
  }
  assert.deepEqual(lines('boothd.service', 'After'), ['boothd.socket']);
  assert.deepEqual(lines('boothd.service', 'Requires'), ['boothd.socket']);
});

test('services restart without limit, and every unit stops with the booth', { skip }, () => {
  for (const unit of ['boothd.service', 'boothd-ap.service', 'boothd-lan.service', 'boothd-clock.service']) {
    assert.deepEqual(lines(unit, 'Restart'), ['always'], unit);
    assert.deepEqual(lines(unit, 'StartLimitIntervalSec'), ['0'], unit);
  }
  const wanted = lines('boothd.target', 'Wants').join(' ').split(' ');
  for (const unit of wanted) assert.ok(lines(unit, 'PartOf').join(' ').split(' ').includes('boothd.target'), unit);
  assert.deepEqual(units.filter((u) => !wanted.includes(u)).sort(), ['boothd-nightly.service', 'boothd-privop.service', 'boothd.target']);
  assert.ok(Number.parseInt(lines('boothd.service', 'WatchdogSec')[0], 10) <= 30);
});

test('users, folders and presets are what the units expect', { skip: skip || (process.getuid() !== 0 && 'needs root') }, () => {
  for (const name of ['etc', 'var/lib', 'run']) fs.mkdirSync(at(name), { recursive: true });
  const users = spawnSync('systemd-sysusers', [`--root=${dir}`, at('usr/lib/sysusers.d/boothd.conf')], { encoding: 'utf8' });
  assert.equal(users.status, 0, users.stderr);
  assert.match(fs.readFileSync(at('etc/passwd'), 'utf8'), /^boothd:x:\d+:\d+:[^:]*:\/var\/lib\/boothd:\/usr\/sbin\/nologin$/m);
  assert.match(fs.readFileSync(at('etc/group'), 'utf8'), /^gpio:x:\d+:boothd$/m);
  fs.mkdirSync(at('etc/boothd'), { mode: 0o700 });
  fs.writeFileSync(at('etc/boothd/boothd.conf'), '', { mode: 0o666 });
  const folders = spawnSync('systemd-tmpfiles', ['--create', `--root=${dir}`, at('usr/lib/tmpfiles.d/boothd.conf')], { encoding: 'utf8' });
  assert.equal(folders.status, 0, folders.stderr);
  const mode = (name) => (fs.statSync(at(name)).mode & 0o7777).toString(8);
  assert.deepEqual(['run/boothd', 'run/boothd/privops', 'run/boothd-root', 'var/lib/boothd', 'etc/boothd/boothd.conf'].map(mode), ['755', '700', '700', '700', '640']);
  assert.equal(fs.statSync(at('run/boothd-root')).uid, 0);
  assert.notEqual(fs.statSync(at('run/boothd/privops')).uid, 0);
  const enabled = spawnSync('systemctl', [`--root=${dir}`, 'preset', 'boothd.target'], { encoding: 'utf8' });
  assert.equal(enabled.status, 0, enabled.stderr);
  assert.ok(!fs.existsSync(at('etc/systemd/system/multi-user.target.wants/boothd.target')), 'a booth is enabled by its setup');
});
