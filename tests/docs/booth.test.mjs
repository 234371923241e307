// What the documents say about boothctl, typed beside a booth that runs, as whoever may open its socket.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { shared } from '../lib/boothd.mjs';
import { after, test } from '../lib/test.mjs';
import { Person, beside } from './person.mjs';
import { toRun } from './table.mjs';

const booth = await shared(after, { set: { trust_clock: 'no' } }); // as a Pi whose time nobody knows
const { take, answer, allTaken } = toRun('booth');
const person = new Person({ programs: ['boothctl'], env: { ...beside(booth), TZ: 'UTC' } });
after(() => person.leave());

const type = async (command, filled) => {
  const line = take(command, filled);
  const { status, stdout, stderr } = await person.run(line);
  assert.equal(status, 0, `${line}\n${stderr}${stdout}`);
  return stdout;
};
const cli = booth.cli();
const state = async (number) => (await cli.queue()).tickets.find((t) => t.number === number).state;

test('the examples of boothctl(1): a guest joins, is called, comes; and the shown answers', async () => {
  await cli.intake('open');
  for (let i = 0; i < 11; i++) await booth.ctlOk('issue', '2');
  const steps = { 'boothctl issue 4 --name Mina': 'waiting', 'boothctl call 12': 'called', 'boothctl seat 12': 'seated' };
  let seq;
  for (const [command, becomes] of Object.entries(steps)) {
    const said = await type(command);
    const plain = (text) => text.trim().replace(/seq \d+/, 'seq N');
    assert.equal(plain(said), plain(answer(command).join('\n')), command);
    assert.equal(await state('12'), becomes);
    seq = /seq (\d+)/.exec(said)[1];
  }
  await type('boothctl undo 59', { 59: seq });
  assert.equal(await state('12'), 'called');
  assert.deepEqual(JSON.parse(await type("boothctl --json queue | jq '.lines[] | {id, waiting}'")), { id: 'a', waiting: 11 });
});

test('the commands of README’s table of faults', async () => {
  assert.match(await type('boothctl status'), /storage\s+ok/);
  assert.match(await type('sudo boothctl status'), /storage\s+ok/);
  await booth.signIn('staff', '민아의 폰');
  const id = /^\s*(\d+)\s.*민아의 폰/m.exec(await type('boothctl devices'))[1];
  await type('boothctl devices revoke ID', { ID: id });
  assert.doesNotMatch(await booth.ctlOk('devices'), /민아의 폰/);
  await type('echo \'{"staff_pin":"…"}\' | boothctl settings set -', { '…': '80808' });
  await assert.rejects(booth.signIn('staff'));
  await booth.client().signIn('80808', 'new');
  assert.ok(JSON.parse(await type('boothctl settings')).cutover);
  assert.equal((await cli.get('/api/v1/system')).json.clock.trusted, false);
  const watch = new Date(Date.now() + 3600_000).toISOString().replace(/\.\d+/, ''); // the booth is an hour slow
  await type('boothctl clock set 2026-09-11T10:03:07Z', { '2026-09-11T10:03:07Z': watch });
  assert.ok(Date.parse((await cli.get('/api/v1/system')).json.clock.now) >= Date.parse(watch));
  assert.match(await type('boothctl panel'), /LED/);
});

test('backup, restore, the day as CSV, the night\'s work, the label', async () => {
  await type('boothctl backup FILE', { FILE: 'booth.db' });
  await type('boothctl backup /media/usb/booth-$(date +\\%F).db', { '/media/usb': '.', '\\%': '%' });
  assert.deepEqual(fs.readdirSync(person.home).filter((name) => name.endsWith('.db')).sort(), [`booth-${new Date().toISOString().slice(0, 10)}.db`, 'booth.db']);
  await booth.ctlOk('issue', '9', '--name', 'late');
  await type('boothctl restore FILE', { FILE: 'booth.db' });
  assert.doesNotMatch(await booth.ctlOk('queue'), /late/);
  assert.ok(fs.readdirSync(booth.state).some((name) => name.startsWith('booth.db.replaced-')));
  assert.match(await type('sudo boothctl export'), /Mina/);
  assert.match(await type('boothctl nightly'), /./);
  assert.match(await type('boothctl label'), /^<!doctype html>/i);
});

test('the doctor names the fault, and exits with 1', async () => {
  const { status, stdout } = await person.run(take('boothctl doctor'));
  assert.equal(status, 1, stdout);
  assert.match(stdout, /sudo boothctl setup/); // nobody has set this machine up
});

test('every command of this file was run', allTaken);
