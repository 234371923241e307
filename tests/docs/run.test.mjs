// README's "Run it", as somebody without privileges does it: clone, two commands, Ctrl-C, and again. And the desk of boothd(8).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from '../lib/test.mjs';
import { waitFor } from '../lib/wait.mjs';
import { CTRL_C, Person, built, repository } from './person.mjs';
import { toRun } from './table.mjs';

const { take, answer, allTaken } = toRun('run');
const person = new Person();
after(() => person.leave());
const ctl = take('ctl() { build/boothctl --socket ~/.local/state/boothd/boothd.sock "$@"; }');
const RUN = take('./scripts/run');
const ADDRESS = 'http://127.0.0.1:8080';

const signIn = async (address, pin) => (await fetch(`${address}/api/v1/session`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ pin, device: 'phone' }),
})).status;
// What it prints: an address, a PIN for the staff and one for the manager. They are true.
async function welcome(terminal, options = '') {
  await terminal.start(`${RUN}${options}`, /Ctrl-C/);
  const text = terminal.text.slice(terminal.begun);
  const [, address] = /(http:\/\/[\w.]+:\d+)\//.exec(text);
  const [staff, manager] = ['staff', 'manager'].map((who) => new RegExp(`${who}.*PIN (\\d{4,12})`).exec(text)[1]);
  for (const page of ['/', '/board']) assert.equal((await fetch(address + page)).status, 200, page);
  for (const pin of [staff, manager]) assert.equal(await signIn(address, pin), 200);
  return { address, staff, manager };
}
// A page that README tells to open, and how it ends when it is told to.
async function farewell(terminal) {
  const { status, said } = await terminal.press(CTRL_C);
  assert.equal(status, 0, said);
  await assert.rejects(fetch(ADDRESS));
}

const server = await person.terminal(), beside = await person.terminal();

test('cloned and started, it prints an address and PINs that work', async () => {
  await server.ok(take('git clone <> boothd && cd boothd', { '<>': repository(person) }));
  built(person.file('boothd'));
  assert.equal((await welcome(server)).address, ADDRESS);
});

test('a first evening from another terminal', async () => {
  await beside.ok('cd boothd');
  await beside.ok(ctl);
  const list = async () => JSON.parse(await beside.ok('ctl --json queue')).tickets;
  await beside.ok(take('ctl intake open'));
  await beside.ok(take('ctl issue 4 --name 민아'));
  await beside.ok(take('ctl call-next'));
  assert.deepEqual((await list()).map(({ number, state, party_size, name }) => [number, state, party_size, name]), [['1', 'called', 4, '민아']]);
  await beside.ok(take('ctl seat 1'));
  await beside.ok(take('ctl undo'));
  assert.equal((await list())[0].state, 'called');
  await beside.start(take('ctl watch'), /민아/);
  const { status } = await beside.press('q');
  assert.equal(status, 0);
  await beside.ok(take('ctl export -o today.csv'));
  assert.match(fs.readFileSync(person.file('boothd/today.csv'), 'utf8'), /민아/);
});

test('Ctrl-C stops it, and the next run continues', async () => {
  await farewell(server);
  await welcome(server);
  assert.match(await beside.ok('ctl queue'), /민아/);
  await farewell(server);
});

test('--fresh begins with an empty queue, --listen lets the network in', async () => {
  const { address } = await welcome(server, ' --fresh --listen 0.0.0.0:8080');
  assert.match(address, /:8080$/);
  assert.equal((await fetch('http://127.0.0.2:8080/')).status, 200);
  assert.doesNotMatch(await beside.ok('ctl queue --all'), /민아/);
  const kept = fs.readdirSync(person.file('.local/state')).filter((name) => /^boothd\./.test(name)); // beside it
  assert.ok(fs.existsSync(person.file('.local/state', kept[0], 'booth.db')));
});

test('a hub on the same computer prints a code, and the booth joins it', { timeout: 120_000 }, async () => {
  const third = await person.terminal({ cwd: person.file('boothd') });
  const [, url, code] = await third.start(take('./scripts/hub'), /enrol (http:\S+) (\S+)[^]*Ctrl-C/);
  assert.equal(url, 'http://127.0.0.1:8090');
  await beside.ok(take('ctl enrol http://127.0.0.1:8090 CODE', { CODE: code }));
  assert.match(await beside.ok('ctl sync'), /./);
  const { status, said } = await third.press(CTRL_C);
  assert.equal(status, 0, said);
  await farewell(server);
});

test('a booth on a desk, and its button', async () => {
  const desk = await person.terminal({ cwd: person.file('boothd'), env: { PATH: `${person.file('boothd/build')}:${person.env.PATH}` } });
  const fill = { '/tmp/booth': person.file('desk') };
  const start = 'boothd --set state_dir=/tmp/booth --set socket=/tmp/booth/sock --set listen=127.0.0.1:8080 --set timezone=Asia/Seoul --set panel=sim --set web_dir=build/web';
  await desk.start(take(start, fill), new RegExp(`^${answer(start).join('')}$`, 'm'));
  await beside.ok('PATH=$PWD/build:$PATH');
  await beside.ok(`boothctl --socket ${person.file('desk/sock')} issue 2`);
  await beside.ok(take('boothctl --socket /tmp/booth/sock panel press 100ms', fill));
  await waitFor(async () => /called/.test(await beside.ok(`boothctl --socket ${person.file('desk/sock')} queue`)), { every: 100, what: 'the call' });
  const { status } = await desk.press(CTRL_C);
  assert.equal(status, 0);
});

test('every command of this file was run', allTaken);
