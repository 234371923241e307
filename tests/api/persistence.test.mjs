// Stop and start: everything is there. Start-up keys that are wrong: one line, the right exit status.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from '../lib/test.mjs';
import { Booth, build, withoutEstimates } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { scaled } from '../lib/pace.mjs';
import { waitFor } from '../lib/wait.mjs';

const withBooth = async (options, use) => {
  const booth = await Booth.start(options);
  try {
    await use(booth);
  } finally {
    await booth.stop();
  }
};

test('the whole state survives a restart: tickets, order, intake, settings, sessions, history, keys', () => withBooth({}, async (booth) => {
  const staff = await booth.signIn('staff', '민아 폰');
  const cli = booth.cli();
  await cli.settings({ lines: [{ id: 'a', name: '2인석', prefix: 'A' }, { id: 'b', name: '단체', prefix: 'B' }], texts: { welcome: '어서 오세요' } });
  const ids = [];
  for (let i = 0; i < 12; i++) ids.push((await staff.issue({ line: i % 2 ? 'b' : 'a', name: `손님 ${i}`, phone: `010-${i}`, note: i % 3 ? null : '메모' })).ticket.id);
  await staff.callNext({ line: 'a' });
  await staff.callNext({ line: 'b' });
  await staff.act(ids[0], 'requeue', { position: 'keep' });
  await staff.act(ids[1], 'phoned');
  await staff.act(ids[2], 'seat');
  await staff.act(ids[4], 'requeue', { after: 1 });
  await staff.act(ids[6], 'cancel');
  await staff.intake('paused');
  const undoable = await staff.ticket(ids[2]);
  const before = await staff.queue();
  const board = await staff.board();
  for (let i = 0; i < 3; i++) await booth.restart();
  const after = await staff.queue();
  assert.deepEqual(withoutEstimates(after), withoutEstimates(before));
  assert.deepEqual(withoutEstimates(await staff.board()), withoutEstimates(board));
  assert.deepEqual(await staff.ticket(ids[2]), undoable);
  assert.equal((await staff.undo(undoable.undo_seq)).ticket.state, 'waiting');
  await staff.intake('open');
  assert.equal((await staff.issue({ line: 'a' })).ticket.number, 'A-7');
}));

test('commands acknowledged before SIGTERM are there', () => withBooth({}, async (booth) => {
  const cli = booth.cli({ connections: 16 });
  const acknowledged = [];
  const load = Array.from({ length: 16 }, async () => {
    for (;;) acknowledged.push((await cli.issue({})).ticket.id);
  });
  const ended = Promise.allSettled(load);
  await waitFor(() => acknowledged.length >= 50, { what: 'load' });
  await booth.halt();
  await ended;
  await booth.launch();
  const there = new Set((await cli.queue()).tickets.map((t) => t.id));
  assert.deepEqual(acknowledged.filter((id) => !there.has(id)), []);
}));

test('open streams do not delay the exit', () => withBooth({}, async (booth) => {
  const staff = await booth.signIn();
  const streams = await Promise.all([...Array(20)].map((_, i) => staff.stream(i % 2 ? '/api/v1/stream' : '/api/v1/board/stream')));
  await Promise.all(streams.map((s) => s.snapshot()));
  await booth.halt({ within: 3000 });
}));

const run = (args) => spawnSync(path.join(build, 'boothd'), args, { encoding: 'utf8', timeout: scaled(10000) });
// A box of its own beside the booth: its directory and its arguments.
const beside = (booth, name, set = {}) => {
  const state = path.join(booth.dir, name);
  const [, ...args] = booth.argv({ state_dir: state, socket: `${state}.sock`, ...set });
  return { state, args };
};

test('invalid keys are refused with one line that names them, status 78', () => withBooth({}, async (booth) => {
  for (const [key, value] of [['colour', 'red'], ['panel', 'neon'], ['staff_pin', '12'], ['timezone', 'Mars/Olympus'], ['listen', 'nonsense'], ['trust_clock', 'maybe']]) {
    const done = run(beside(booth, 'other', { [key]: value }).args);
    assert.equal(done.status, 78, `${key}: ${done.stderr}`);
    assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr);
    assert.ok(done.stderr.includes(key), done.stderr);
  }
}));

test('--check checks and exits; --version and --help say what they are', () => withBooth({}, async (booth) => {
  assert.equal(run([...beside(booth, 'other').args, '--check']).status, 0);
  assert.equal(run([...beside(booth, 'other', { panel: 'neon' }).args, '--check']).status, 78);
  assert.match(run(['--version']).stdout, /^boothd \S+/);
  assert.match(run(['--help']).stdout, /state_dir[\s\S]*manager_pin/);
}));

// What a stop ends with: whatever is wrong, it does not fail.
test('--release turns the panel off, and never fails', () => withBooth({}, async (booth) => {
  const { args } = beside(booth, 'other', { panel: 'gpio', led_line: 'boothd-none/led', buzzer_line: '*/boothd-none,low' });
  const release = (words) => (({ status, stderr }) => [status, stderr])(run([...words, '--release']));
  const [status, said] = release(args);
  assert.equal(status, 0);
  assert.match(said, /panel_not_released LED: .*boothd-none[^]*panel_not_released buzzer: .*boothd-none/);
  assert.deepEqual(release(beside(booth, 'other').args), [0, '']);
  assert.equal(release(beside(booth, 'other', { panel: 'neon' }).args)[0], 0);
  assert.equal(fs.existsSync(path.join(booth.dir, 'other')), false, 'no state is made');
}));

test('the file is read like --set, and --set has precedence', () => withBooth({ set: { booth_name: '세트' } }, async (booth) => {
  const file = path.join(booth.dir, 'boothd.conf');
  const check = (text) => {
    fs.writeFileSync(file, text);
    return run(['--config', file, '--check']);
  };
  const keys = `state_dir = ${booth.dir}/file # here\nsocket=${booth.dir}/file.sock\ntimezone = Asia/Seoul\n`;
  assert.equal(check(`# a comment\n\n${keys}`).status, 0);
  const refused = check(`${keys}lines = 3\n`);
  assert.deepEqual([refused.status, /lines/.test(refused.stderr)], [78, true]);
  assert.equal((await booth.cli().queue()).booth.name, '세트');
  await booth.halt();
  fs.writeFileSync(file, 'names = queue.example\npanel = none\n');
  booth.options.file = file;
  await booth.launch();
  assert.equal(expect(await booth.cli().get('/api/v1/system/panel'), 200).backend, 'sim');
  assert.equal((await booth.client().get('/api/v1/board', { headers: { Host: 'queue.example' } })).status, 200);
}));

test('a changed passphrase is used from the next start; PINs are changed through the API only', () => withBooth({ set: { wifi_passphrase: 'the first one' } }, async (booth) => {
  const label = async () => (await booth.cli().get('/api/v1/system/label')).text;
  assert.match(await label(), />the first one</);
  for (const [passphrase, stands] of [['another one', 'another one'], [undefined, 'the first one']]) {
    await booth.halt();
    Object.assign(booth.options.set, { wifi_passphrase: passphrase, staff_pin: '99999999' });
    await booth.launch();
    const text = await label();
    assert.ok(text.includes(`>${stands}<`));
    assert.ok(!text.includes('99999999'));
  }
}));

test('a database of a newer program is refused, status 65, and stays unchanged', () => withBooth({}, async (booth) => {
  await booth.cli().issue();
  await booth.halt();
  const file = path.join(booth.state, 'booth.db');
  spawnSync('sqlite3', [file, 'PRAGMA user_version=9999']);
  const [, ...args] = booth.argv();
  const done = run(args);
  assert.equal(done.status, 65, done.stderr);
  assert.equal(spawnSync('sqlite3', [file, 'PRAGMA user_version'], { encoding: 'utf8' }).stdout.trim(), '9999');
}));

test('a second daemon on the same state or the same socket is refused, the first goes on', () => withBooth({}, async (booth) => {
  for (const args of [booth.argv(), booth.argv({ socket: path.join(booth.dir, 'other.sock') }), booth.argv({ state_dir: path.join(booth.dir, 'other') })])
    assert.notEqual(run(args.slice(1)).status ?? 0, 0, 'it started');
  await booth.cli().issue();
  await booth.restart();
}));

test('random PINs are printed once, readable by the owner only, and work', async () => {
  const booth = await Booth.start({ set: { staff_pin: undefined, manager_pin: undefined } });
  try {
    const pins = [...new Set(booth.log.match(/\b\d{6}\b/g) ?? [])];
    assert.ok(pins.length >= 2, booth.log);
    const client = booth.client();
    const roles = [];
    for (const pin of pins) {
      const answer = await client.post('/api/v1/session', { pin, device: 'x' });
      if (answer.status === 200) roles.push(expect(answer, 200).role);
    }
    assert.deepEqual(roles.sort(), ['manager', 'staff']);
    await booth.halt();
    booth.log = '';
    await booth.launch();
    for (const pin of pins) assert.ok(!booth.log.includes(pin), 'a PIN was printed again');
  } finally {
    await booth.stop();
  }
});
