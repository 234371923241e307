// One of those on the Wi-Fi is an attacker. It gets nothing, and nobody notices.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before } from '../../lib/test.mjs';
import { Station, label, phone } from './air.mjs';
import { check, inner, note, queue, run, within } from './machine.mjs';
import { pause } from '../../lib/wait.mjs';
import { pace, scaled } from '../../lib/pace.mjs';

const bad = new Station('bad'), staff = phone();
const own = new Set(); // tickets that staff made meanwhile
let attacker, told, known;

const deed = (name, how = {}) => new Promise((resolve, reject) => {
  attacker.once('message', ({ done, error }) => (error ? reject(new Error(error)) : resolve(done)));
  attacker.send({ deed: name, ...how });
});

/** Milliseconds of a staff phone's request, the middle of several and the worst but one. */
async function service(seconds) {
  const took = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
    const begun = performance.now();
    assert.equal((await staff.get('/api/v1/queue')).status, 200);
    took.push(performance.now() - begun);
    await pause(30);
  }
  took.sort((a, b) => a - b);
  return { middle: took[took.length >> 1], bad: took.at(-2), n: took.length };
}
const shown = ({ middle, bad, n }) => `${middle.toFixed(0)} ms, the worst but one ${bad.toFixed(0)} ms (of ${n})`;

before(async () => {
  told = await label();
  known = (await queue()).tickets;
  await new Station('sta').online(told);
  await staff.signIn(told.staff, 'staff');
  await bad.online(told);
  const [program, args] = within('bad', process.execPath, new URL('attacker.mjs', import.meta.url).pathname);
  attacker = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}, { timeout: scaled(180000) });
after(() => attacker?.kill());

check('of its ports it finds names and the booth alone', 120, async () => {
  const low = Array.from({ length: 1024 }, (_, i) => i + 1), high = Array.from({ length: 300 }, (_, i) => 1025 + i * 211 + Math.floor(Math.random() * 211));
  for (const [host, ports] of [['10.83.64.1', [...low, ...high]], ['192.0.2.80', [...low.slice(0, 100), 443, 853, ...high.slice(0, 50)]]]) {
    const found = await deed('scan', { host, ports });
    note(`${host}: open ${found.open}; ${Object.entries(found).map(([how, ports]) => `${ports.length} ${how}`).join(', ')}`);
    assert.deepEqual(found.open.sort((a, b) => a - b), host === '10.83.64.1' ? [53, 80] : [80]);
    assert.ok((found.silence ?? []).length < 20, 'closed ports say so at once');
  }
  assert.deepEqual(await deed('datagrams', { host: '10.83.64.1', ports: [53, 67, 69, 111, 123, 137, 161, 631, 1900, 5353] }), [53]);
});

check('it reaches no other phone', 30, async () => {
  const address = (await run('ip', ['-4', '-br', 'address', 'show', 'wlan1'])).match(/(10\.83\.[\d.]+)/)[1];
  const { createServer } = await import('node:net');
  const server = createServer((socket) => socket.destroy()).listen(8080, address);
  try {
    const found = await deed('scan', { host: address, ports: [8080] });
    assert.equal(found.open, undefined);
  } finally {
    server.close();
  }
});

check('under a name that is not the booth\'s it gets nothing; from a foreign page neither', 30, async () => {
  for (const path of ['/', '/api/v1/board', '/api/v1/session'])
    assert.equal((await deed('ask', { method: 'GET', path, headers: { Host: 'evil.example' } })).status, 421);
  const foreign = { Host: 'booth.internal', Origin: 'http://evil.example', 'Content-Type': 'application/json' };
  assert.equal((await deed('ask', { method: 'POST', path: '/api/v1/session', headers: foreign, body: JSON.stringify({ pin: told.staff, device: 'x' }) })).status, 403);
  assert.equal((await deed('ask', { method: 'GET', path: '/api/v1/queue', headers: { Host: 'booth.internal' } })).status, 401);
  assert.equal((await deed('ask', { method: 'GET', path: '/metrics', headers: { Host: 'booth.internal' } })).status, 401);
});

check('its guesses at PINs are soon not even looked at; who is signed in stays so', 60, async () => {
  const statuses = await deed('guess', { times: 60 });
  note(JSON.stringify(statuses));
  assert.ok(statuses[401] <= 20 && statuses[429] >= 40, JSON.stringify(statuses));
  const { ticket } = await staff.issue({ party_size: 2 });
  own.add(ticket.id);
  await staff.act(ticket.id, 'call');
  await staff.act(ticket.id, 'cancel');
});

check('its 10,000 connections slow nobody noticeably', 180, async () => {
  const quiet = await service(4);
  const crowd = deed('crowd', { connections: 10000 });
  let over = false;
  crowd.finally(() => { over = true; });
  const loud = [];
  while (!over) loud.push(await service(2));
  const worst = loud.sort((a, b) => a.middle - b.middle).at(-1);
  const came = await crowd;
  note(JSON.stringify(came));
  assert.ok(came.open > 0, 'it came through at all');
  const held = await service(3);
  note(`alone ${shown(quiet)}; while they came at worst ${shown(worst)}; while they stayed ${shown(held)}`);
  await deed('leave');
  assert.ok(worst.middle < 6 * quiet.middle + 200 * pace, 'while they came');
  assert.ok(held.middle < 2 * quiet.middle + 50 * pace, 'while they stayed');
});

check('it cannot use up the addresses: who comes new gets one', 90, async () => {
  const offers = await deed('starve', { times: 500 });
  note(`${offers} offers to 500 wishes`);
  assert.ok(offers > 0 && offers < 100); // none at all: they were never heard
  const late = new Station('late');
  await late.join(told);
  assert.match((await late.lease()).ip, /^10\.83\./);
});

check('and the queue knows nothing of it all', 30, async () => {
  const { tickets } = await queue();
  assert.deepEqual(tickets.filter(({ id }) => !own.has(id)), known);
  assert.equal((await inner.get('/healthz')).status, 200);
});
