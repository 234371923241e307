// The folder of requests is written by a daemon that talks to strangers: a file there is an operation of the table, or is deleted.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from '../lib/test.mjs';
import { Machine } from '../lib/machine.mjs';

const NOW = 1789120987250;
const RESTART = 'systemctl --no-block restart boothd-ap.service boothd-lan.service';

function machine(t) {
  const m = new Machine();
  t.after(() => m.remove());
  m.ask = (name, text = '') => fs.writeFileSync(path.join(m.privops, name), text);
  m.left = () => fs.readdirSync(m.privops);
  m.go = () => {
    const done = m.root('privop');
    assert.equal(done.status, 0, done.stderr);
    return { did: done.stdout.split('\n').filter(Boolean), said: done.stderr };
  };
  return m;
}

test('each operation is done once, in the order of the table, and its file removed', (t) => {
  const m = machine(t);
  fs.writeFileSync(m.file('radio'), 'mmc1:0001:1\nsdio\nbrcmfmac\nbrcmfmac\n');
  for (const [name, text] of [['reboot'], ['ap-restart'], ['radio-reload'], ['radio-rebind'], ['clock-set', String(NOW)]]) m.ask(name, text);
  const { did } = m.go();
  const stop = 'systemctl stop boothd-ap.service boothd-lan.service', driver = '/sys/bus/sdio/drivers/brcmfmac';
  assert.deepEqual(did.filter((l) => !l.startsWith('clock ')), [RESTART,
    stop, 'modprobe -r --remove-holders brcmfmac', 'modprobe brcmfmac', RESTART,
    stop, `mmc1:0001:1 > ${driver}/unbind`, `mmc1:0001:1 > ${driver}/bind`, RESTART,
    'systemctl --no-block reboot']);
  assert.deepEqual(m.left(), []);
  assert.deepEqual(m.go().did, []);
});

test('operations are rate-limited', (t) => {
  const m = machine(t);
  m.ask('ap-restart');
  assert.deepEqual(m.go().did, [RESTART]);
  m.ask('ap-restart');
  const { did, said } = m.go();
  assert.deepEqual(did, []);
  assert.match(said, /privop_refused privop=ap-restart/);
  assert.deepEqual(m.left(), []);
  fs.writeFileSync(m.file('did-ap-restart'), '1'); // long ago
  m.ask('ap-restart');
  assert.deepEqual(m.go().did, [RESTART]);
});

test('an argument must be digits within bounds', (t) => {
  const m = machine(t);
  const wrong = ['', '0', '-1', ' 1789120987250', '1789120987250 ', '1789120987250\n', '1e12', '0x1a08', '1789120987250\0', String(2 ** 63), '9'.repeat(4096), '1000000000000', '4102444800001', '１７８９'];
  for (const text of wrong) {
    m.ask('clock-set', text);
    const { did, said } = m.go();
    assert.deepEqual(did, [], JSON.stringify(text));
    assert.match(said, /privop_refused privop=clock-set/);
    assert.deepEqual(m.left(), []);
  }
  m.ask('reboot', 'now');
  assert.deepEqual(m.go().did, []);
});

test('links, pipes, sockets, folders and unknown names are removed, but not their targets', (t) => {
  const m = machine(t), precious = path.join(m.dir, 'precious');
  fs.mkdirSync(precious);
  fs.writeFileSync(path.join(precious, 'file'), '');
  const at = (name) => path.join(m.privops, name);
  fs.symlinkSync(path.join(precious, 'file'), at('ap-restart'));
  fs.symlinkSync(precious, at('folder'));
  fs.linkSync(path.join(precious, 'file'), at('hard'));
  assert.equal(spawnSync('mkfifo', [at('reboot')]).status, 0);
  fs.mkdirSync(at('radio-reload'));
  fs.mkdirSync(at('deep/er/and/deeper'), { recursive: true });
  fs.mkdirSync(at('very/deep/er/and/er/and/er/and/er/and/er/and/er'), { recursive: true });
  fs.symlinkSync('/', at('deep/er/root'));
  fs.writeFileSync(at('deep/er/x'), '');
  for (const name of ['AP-RESTART', 'ap-restart ', 'reboot\n', '-rf', '$(reboot)', 'x'.repeat(255)]) m.ask(name);
  m.ask('.clock-set', String(NOW)); // is being written
  const { did, said } = m.go();
  assert.deepEqual(did, []);
  assert.doesNotMatch(said, /\$\(reboot\)|xxxx/, 'what a stranger wrote is not repeated');
  assert.deepEqual(m.left().filter((n) => !n.startsWith('.aside-')), ['.clock-set']); // systemd does not look at hidden ones
  assert.equal(m.left().length, 2);
  assert.deepEqual(fs.readdirSync(precious), ['file']);
  assert.ok(fs.existsSync('/bin'));
});

test('a folder that is a link is not used', (t) => {
  const m = machine(t), other = path.join(m.dir, 'other');
  fs.mkdirSync(other);
  fs.writeFileSync(path.join(other, 'ap-restart'), '');
  fs.rmdirSync(m.privops);
  fs.symlinkSync(other, m.privops);
  const done = m.root('privop');
  assert.equal(done.status, 66);
  assert.equal(done.stdout, '');
  assert.deepEqual(fs.readdirSync(other), ['ap-restart']);
});

test('ten thousand files do not block it: it handles some, and runs again for the rest', (t) => {
  const m = machine(t);
  for (let i = 0; i < 1000; i++) m.ask(`n${i}`);
  m.go();
  const left = m.left().length;
  assert.ok(left > 0 && left < 1000, String(left));
  for (let i = 0; i < 1000 && m.left().length; i++) m.go();
  assert.deepEqual(m.left(), []);
});

test('without a known radio no driver is reloaded', (t) => {
  const m = machine(t);
  for (const radio of [null, '../../x\nsdio\nd\nm\n', 'a\nsdio\n-r\nm\n', 'a\nb\n']) {
    if (radio) fs.writeFileSync(m.file('radio'), radio);
    fs.rmSync(m.file('did-radio-reload'), { force: true });
    m.ask('radio-reload');
    const { did, said } = m.go();
    assert.deepEqual(did, []);
    assert.match(said, /privop_failed privop=radio-reload/);
  }
});
