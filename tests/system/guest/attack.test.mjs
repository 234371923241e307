// An attacker on the Wi-Fi gets nothing and disturbs nobody.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before } from '../../lib/test.mjs';
import { Station, label, phone } from './air.mjs';
import { check, inner, note, queue, run, within } from './machine.mjs';
import { pause } from '../../lib/wait.mjs';
import { pace, scaled } from '../../lib/pace.mjs';

const bad = new Station('bad'), staff = phone();
const added = new Set(); // tickets that staff issued meanwhile
let attacker, printed, known;

const attack = (name, args = {}) => new Promise((resolve, reject) => {
  attacker.once('message', ({ done, error }) => (error ? reject(new Error(error)) : resolve(done)));
  attacker.send({ attack: name, ...args });
});

/** Times of a staff phone's requests in milliseconds: median and second worst. */
async function service(seconds) {
  const took = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
    const begun = performance.now();
    assert.equal((await staff.get('/api/v1/queue')).status, 200);
    took.push(performance.now() - begun);
    await pause(30);
  }
  took.sort((a, b) => a - b);
  return { median: took[took.length >> 1], second: took.at(-2), n: took.length };
}
const shown = ({ median, second, n }) => `${median.toFixed(0)} ms, the second worst ${second.toFixed(0)} ms (of ${n})`;

before(async () => {
  printed = await label();
  known = (await queue()).tickets;
  await new Station('sta').online(printed);
  await staff.signIn(printed.staff, 'staff');
  await bad.online(printed);
  const [program, args] = within('bad', process.execPath, new URL('attacker.mjs', import.meta.url).pathname);
  attacker = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}, { timeout: scaled(180000) });
after(() => attacker?.kill());

check('a port scan finds only DNS and the booth', 120, async () => {
  const low = Array.from({ length: 1024 }, (_, i) => i + 1), high = Array.from({ length: 300 }, (_, i) => 1025 + i * 211 + Math.floor(Math.random() * 211));
  for (const [host, ports] of [['10.83.64.1', [...low, ...high]], ['192.0.2.80', [...low.slice(0, 100), 443, 853, ...high.slice(0, 50)]]]) {
    const found = await attack('scan', { host, ports });
    note(`${host}: open ${found.open}; ${Object.entries(found).map(([how, ports]) => `${ports.length} ${how}`).join(', ')}`);
    assert.deepEqual(found.open.sort((a, b) => a - b), host === '10.83.64.1' ? [53, 80] : [80]);
    assert.ok((found.silence ?? []).length < 20, 'closed ports are refused at once');
  }
  assert.deepEqual(await attack('datagrams', { host: '10.83.64.1', ports: [53, 67, 69, 111, 123, 137, 161, 631, 1900, 5353] }), [53]);
});

check('the attacker reaches no other phone', 30, async () => {
  const address = (await run('ip', ['-4', '-br', 'address', 'show', 'wlan1'])).match(/(10\.83\.[\d.]+)/)[1];
  const { createServer } = await import('node:net');
  const server = createServer((socket) => socket.destroy()).listen(8080, address);
  try {
    const found = await attack('scan', { host: address, ports: [8080] });
    assert.equal(found.open, undefined);
  } finally {
    server.close();
  }
});

check('requests under a foreign name or from a foreign page get nothing', 30, async () => {
  for (const path of ['/', '/api/v1/board', '/api/v1/session'])
    assert.equal((await attack('ask', { method: 'GET', path, headers: { Host: 'evil.example' } })).status, 421);
  const foreign = { Host: 'booth.internal', Origin: 'http://evil.example', 'Content-Type': 'application/json' };
  assert.equal((await attack('ask', { method: 'POST', path: '/api/v1/session', headers: foreign, body: JSON.stringify({ pin: printed.staff, device: 'x' }) })).status, 403);
  assert.equal((await attack('ask', { method: 'GET', path: '/api/v1/queue', headers: { Host: 'booth.internal' } })).status, 401);
  assert.equal((await attack('ask', { method: 'GET', path: '/metrics', headers: { Host: 'booth.internal' } })).status, 401);
});

check('guesses at PINs are soon refused unchecked; signed-in phones stay signed in', 60, async () => {
  const statuses = await attack('guess', { times: 60 });
  note(JSON.stringify(statuses));
  assert.ok(statuses[401] <= 20 && statuses[429] >= 40, JSON.stringify(statuses));
  const { ticket } = await staff.issue({ party_size: 2 });
  added.add(ticket.id);
  await staff.act(ticket.id, 'call');
  await staff.act(ticket.id, 'cancel');
});

check('10,000 connections slow staff little', 180, async () => {
  const quiet = await service(4);
  const flood = attack('flood', { connections: 10000 });
  let over = false;
  flood.finally(() => { over = true; });
  const loud = [];
  while (!over) loud.push(await service(2));
  const worst = loud.sort((a, b) => a.median - b.median).at(-1);
  const results = await flood;
  note(JSON.stringify(results));
  assert.ok(results.open > 0, 'some connections opened');
  const held = await service(3);
  note(`before ${shown(quiet)}; while they connect at worst ${shown(worst)}; while they are open ${shown(held)}`);
  await attack('leave');
  assert.ok(worst.median < 6 * quiet.median + 200 * pace, 'while they connect');
  assert.ok(held.median < 2 * quiet.median + 50 * pace, 'while they are open');
});

check('500 DHCP requests do not use up the addresses: a new phone gets one', 90, async () => {
  const offers = await attack('starve', { times: 500 });
  note(`${offers} offers to 500 requests`);
  assert.ok(offers > 0 && offers < 100); // 0: the requests did not arrive
  const late = new Station('late');
  await late.join(printed);
  assert.match((await late.lease()).ip, /^10\.83\./);
});

check('the queue is unchanged', 30, async () => {
  const { tickets } = await queue();
  assert.deepEqual(tickets.filter(({ id }) => !added.has(id)), known);
  assert.equal((await inner.get('/healthz')).status, 200);
});
