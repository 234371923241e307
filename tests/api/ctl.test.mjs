// boothctl against the real daemon: what each command does there, and how it ends.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { build, PINS, shared } from '../lib/boothd.mjs';
import { waitFor } from '../lib/wait.mjs';

const booth = await shared(after);
const cli = booth.cli();
const ctl = (...args) => booth.ctlOk(...args);
const json = (...args) => booth.ctlJson(...args);
const refused = async (status, ...args) => {
  const done = await booth.ctl(...args);
  assert.equal(done.status, status, `${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stderr;
};
const ticket = async (number) => (await cli.queue()).tickets.find((t) => t.number === number);

test('issue and every command on a ticket', async () => {
  const first = await json('issue', '4', '--name', '민아', '--phone=010-1', '--note', '창가');
  assert.deepEqual((({ number, party_size, name, phone, note, source }) => [number, party_size, name, phone, note, source])(first.ticket), ['1', 4, '민아', '010-1', '창가', 'api']);
  for (let i = 0; i < 4; i++) await ctl('issue', '2');
  const steps = [[['call', '1'], 'called'], [['phoned', '1'], 'called'], [['no-show', '1'], 'no_show'], [['requeue', '1', 'front'], 'waiting'], [['call-next'], 'called'], [['seat', '1'], 'seated'],
    [['undo'], 'called'], [['cancel', '1'], 'cancelled'], [['requeue', '1', 'after', '2'], 'waiting']];
  for (const [args, state] of steps) {
    const said = await ctl(...args);
    assert.equal((await ticket('1')).state, state, args.join(' '));
    assert.match(said, /1 .*\(seq \d+\)/);
  }
  assert.equal((await ticket('1')).position, 3);
  await ctl('edit', '1', '--party', '6', '--note', '');
  assert.deepEqual((({ party_size, note, name }) => [party_size, note, name])(await ticket('1')), [6, null, '민아']);
  const { seq } = await json('call', `#${first.ticket.id}`);
  await ctl('undo', String(seq));
  assert.equal((await ticket('1')).state, 'waiting');
});

test('the list and the state, for people and for programs', async () => {
  assert.match(await ctl('queue'), /민아/);
  assert.deepEqual((await json('queue')).tickets.map((t) => t.id), (await cli.queue()).tickets.map((t) => t.id));
  assert.match(await ctl('status'), /storage\s+ok/);
  assert.equal((await json('status')).panel.backend, 'sim');
});

test('intake', async () => {
  const from = Date.now();
  await ctl('intake', 'paused', '--for', '10m');
  const to = Date.now();
  const { intake } = await cli.queue();
  assert.equal(intake.state, 'paused');
  const began = Date.parse(intake.resume_at) - 600e3;
  assert.ok(began >= from && began <= to, intake.resume_at);
  await ctl('intake', 'closed');
  assert.match(await refused(1, 'issue', '2'), /./);
  await ctl('intake', 'open');
});

test('days, export, backup, restore, settings, devices, label, clock', async () => {
  const { day } = await cli.queue();
  const file = (name) => path.join(booth.dir, name);
  assert.match(await ctl('days'), new RegExp(day));
  assert.match(await ctl('days', day), /issued/i);
  await ctl('export', day, '-o', file('day.csv'));
  assert.ok(fs.readFileSync(file('day.csv'), 'utf8').includes('민아'));
  assert.equal(await ctl('export', day), fs.readFileSync(file('day.csv'), 'utf8'));
  assert.equal(await ctl('export'), fs.readFileSync(file('day.csv'), 'utf8'));
  await ctl('label', '-o', file('label.html'));
  assert.match(fs.readFileSync(file('label.html'), 'utf8'), new RegExp(PINS.staff));
  fs.writeFileSync(file('settings.json'), '{"name":"떡볶이"}');
  await ctl('settings', 'set', file('settings.json'));
  assert.equal((await json('settings')).name, '떡볶이');
  const staff = await booth.signIn('staff', '잃어버린 폰');
  assert.match(await ctl('devices'), /잃어버린 폰/);
  const { id } = (await json('devices')).devices.find((d) => d.name === '잃어버린 폰');
  await ctl('devices', 'revoke', String(id));
  assert.equal((await staff.get('/api/v1/queue')).status, 401);
  assert.match(await ctl('clock'), /trusted/);
  await refused(1, 'clock', 'set', '2040-01-01T00:00:00Z');
  await ctl('backup', file('copy.db'));
  const then = (await cli.queue()).tickets.map((t) => [t.id, t.state]);
  await ctl('issue', '9');
  await ctl('restore', file('copy.db'));
  assert.deepEqual((await cli.queue()).tickets.map((t) => [t.id, t.state]), then);
  await ctl('days', 'new');
});

test('the panel', async () => {
  for (const t of (await cli.queue()).tickets) if (['waiting', 'called'].includes(t.state)) await cli.act(t.id, 'cancel');
  const issued = await json('issue', '2');
  await ctl('panel', 'press', '100ms');
  await waitFor(async () => (await cli.ticket(issued.ticket.id)).state === 'called', { what: 'the button’s call' });
  assert.match(await ctl('panel'), /buzzer/);
});

test('watch shows the list on a terminal of unknown size, such as a serial line', async () => {
  await ctl('issue', '3', '--name', '직렬');
  const line = `stty rows 0 cols 0; ${path.join(build, 'boothctl')} --socket ${booth.socketPath} watch`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, TERM: 'xterm' } });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (c) => { shown += c; });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await waitFor(() => shown.includes('직렬'), { what: 'the list' });
  child.stdin.write('q');
  assert.equal(await ended, 0);
});

test('watch shows the list, lives, and leaves on a signal', async () => {
  const child = spawn(path.join(build, 'boothctl'), ['--socket', booth.socketPath, 'watch'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (c) => { out += c; });
  await waitFor(() => out.length > 0, { what: 'the list' });
  await cli.issue({ name: '새손님' });
  await waitFor(() => out.includes('새손님'), { what: 'the new guest' });
  child.kill('SIGINT');
  await new Promise((resolve) => child.on('exit', resolve));
});

test('how it ends: refused 1, not understood 2, unreachable 3', async () => {
  await refused(1, 'call', '4711');
  await refused(1, 'undo', '99999999');
  await refused(2, 'dance');
  await refused(2, 'issue');
  await refused(2, 'issue', 'many');
  await refused(2, 'call', '1', '--colour', 'red');
  await refused(2, 'intake', 'ajar');
  const done = spawn(path.join(build, 'boothctl'), ['--socket', path.join(booth.dir, 'nobody.sock'), 'queue'], { stdio: 'ignore' });
  assert.equal(await new Promise((resolve) => done.on('exit', resolve)), 3);
});

test('it is small: it links neither the database nor the network’s libraries', () => {
  const { stdout, status } = spawnSync('ldd', [path.join(build, 'boothctl')], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, /libc\.so/);
  assert.doesNotMatch(stdout, /sqlite|curl|ssl|microhttpd|systemd/);
});
