#!/usr/bin/env node
// kill.mjs - boothd is killed at a random moment under load, again and again, the state carried over.
//
// After each death, on a copy of what it left: the database is whole, the journal has no gap, replaying the journal gives
// the tickets, every acknowledged command is there exactly once and none half. After each start: what was acknowledged is
// answered with the same seq, what was not is asked again under its key and done once.
//
// Needs the shims (make shims). CYCLES (100), SEED (random; printed): the same seed makes the same wishes and the same delays.
import assert from 'node:assert/strict';
import { Booth } from '../lib/boothd.mjs';
import { preload } from '../lib/preload.mjs';
import { pause } from '../lib/wait.mjs';

const CYCLES = Number(process.env.CYCLES ?? 100);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const WORKERS = 8;
const ACTIVE = 300; // about so many tickets are kept active
const slow = preload(['slowsync'], { SLOWSYNC_MS: 10, SLOWSYNC_EVERY: 20, SLOWSYNC_STALL_MS: 100 });

function randomness(seed) { // mulberry32
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomness(SEED);
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];

// --- what was asked, and what was said about it

const asked = []; // {key, method, path, body, status, seq}: status undefined = no answer came
const pool = []; // tickets that were acknowledged
let active = 0; // a guess, for balance
let serial = 0;

function wish() {
  const key = `${SEED}-${++serial}`;
  const id = pick(pool);
  const roll = random();
  const on = (verb, body) => ({ key, method: 'POST', path: `/api/v1/tickets/${id}/${verb}`, body });
  if (!id || (roll < 0.5 && active < ACTIVE))
    return { key, method: 'POST', path: '/api/v1/tickets', body: { party_size: 1 + below(9), name: `name-${key}`, phone: `phone-${serial}`, note: `note-${serial}` } };
  if (roll < 0.55) return { key, method: 'POST', path: '/api/v1/call-next', body: {} };
  if (roll < 0.6) return { key, method: 'PATCH', path: `/api/v1/tickets/${id}`, body: { party_size: 1 + below(9), name: `name-${key}` } };
  if (roll < 0.68) return { key, method: 'POST', path: '/api/v1/undo', body: { seq: pick(asked.slice(-50)).seq ?? 1 } };
  if (roll < 0.7) return { key, method: 'PUT', path: '/api/v1/intake', body: { state: 'open' } };
  if (roll < 0.78) return on('requeue', pick([{ position: 'keep' }, { position: 'front' }, { position: 'back' }, { after: below(20) }]));
  return on(pick(['call', 'call', 'seat', 'seat', 'no-show', 'cancel', 'phoned']));
}

async function send(client, w) {
  const answer = await client.send(w.method, w.path, w.body, { key: w.key });
  if (answer.status < 300) Object.assign(w, { status: answer.status, seq: answer.json.seq, ticket: answer.json.ticket?.id });
  else w.status = answer.status; // refused: nothing is kept of it
  return answer;
}

async function work(client) {
  for (;;) {
    const w = wish();
    asked.push(w);
    const { json } = await send(client, w); // throws when boothd dies
    if (w.status === 201) pool.push(w.ticket);
    if (w.status < 300) active += w.status === 201 ? 1 : ['seated', 'cancelled', 'no_show'].includes(json.ticket?.state) ? -1 : 0;
    if (pool.length > 400) pool.splice(0, 100);
  }
}

// --- what is there

const journal = { seq: 0, tickets: new Map(), types: new Map() };
const STATES = ['waiting', 'called', 'seated', 'no_show', 'cancelled'];
const SOURCES = ['staff', 'hub', 'api'];
const DELIVERIES = [null, 'pending', 'delivered', 'failed', 'phoned'];
const wall = (text) => (text === null ? 0 : Date.parse(text));

// The journal's new events, in order, onto what the earlier ones made.
function replay(booth) {
  const events = booth.query(`SELECT id & 0xffffffff AS seq, text FROM event WHERE (id & 0xffffffff) > ${journal.seq} ORDER BY id`);
  for (const { seq, text } of events) {
    const event = JSON.parse(text);
    assert.equal(seq, journal.seq + 1, 'the journal has a gap');
    assert.equal(event.seq, seq);
    journal.seq = seq;
    journal.types.set(seq, event);
    if (event.ticket) journal.tickets.set(event.ticket.id, event.ticket);
  }
}

function compareTickets(rows) {
  assert.equal(rows.length, journal.tickets.size, 'tickets in the table and in the journal');
  for (const r of rows) {
    const t = journal.tickets.get(r.id);
    assert.ok(t, `ticket ${r.id} has no event`);
    const table = [r.version, STATES[r.state], r.party_size, r.calls, SOURCES[r.source], DELIVERIES[r.delivery], r.line, r.label, r.issued_at, r.called_at, r.closed_at];
    const replayed = [t.version, t.state, t.party_size, t.calls, t.source, t.delivery, t.line, t.number, wall(t.issued_at), wall(t.called_at), wall(t.closed_at)];
    assert.deepEqual(table, replayed, `ticket ${r.id}: the table and the replayed journal differ`);
    assert.match(r.name ?? '', /^name-/, `ticket ${r.id} has lost its guest`);
  }
}

function compareAnswers(booth, wishes) {
  const kept = new Map(booth.query('SELECT id & 0xffffffff AS seq, ticket FROM command WHERE key IS NOT NULL').map((c) => [c.seq, c.ticket]));
  const doubles = booth.query('SELECT hex(key) AS key, count(*) AS n FROM command WHERE key IS NOT NULL GROUP BY key HAVING n > 1');
  assert.deepEqual(doubles, [], 'commands done twice');
  for (const w of wishes) {
    assert.ok(journal.types.has(w.seq), `acknowledged ${w.key} (seq ${w.seq}) is not in the journal`);
    assert.ok(kept.has(w.seq), `acknowledged ${w.key} (seq ${w.seq}) has lost its key`);
    assert.equal(kept.get(w.seq) ?? undefined, w.ticket, `${w.key} changed another ticket`);
  }
  // Whoever was told something, was told of a commit of its own.
  const seqs = asked.filter((w) => w.status < 300).map((w) => w.seq);
  assert.equal(new Set(seqs).size, seqs.length, 'two wishes were given one seq');
  assert.ok(kept.size >= seqs.length && kept.size <= seqs.length + asked.filter((w) => w.status === undefined).length, 'commands that nobody asked for');
}

function examine(booth) {
  assert.deepEqual(booth.query('PRAGMA integrity_check').map((r) => r.integrity_check), ['ok']);
  replay(booth);
  compareTickets(booth.query('SELECT t.*, p.name FROM ticket t LEFT JOIN person p ON p.ticket = t.id'));
  compareAnswers(booth, asked.filter((w) => w.status < 300));
}

// --- after the start: every repeat has the same end

async function repeat(client, unknown) {
  for (const w of unknown) await send(client, w);
  const known = asked.filter((w) => w.status < 300);
  const sample = [...known.slice(-30), ...Array.from({ length: 20 }, () => pick(known)).filter(Boolean)];
  for (const w of sample) {
    const { status, json } = await client.send(w.method, w.path, w.body, { key: w.key });
    assert.deepEqual([status, json.seq, json.ticket?.id], [w.status, w.seq, w.ticket], `the repeat of ${w.key} had another end`);
  }
  const { tickets } = await client.queue();
  return tickets;
}

async function cycle(booth, clients) {
  const delay = 20 + below(400);
  const load = Promise.allSettled(clients.map((c) => work(c)));
  const presses = (async () => { for (;;) { await clients[0].post('/api/v1/system/panel/press', { ms: 5 }); await pause(40); } })().catch(() => {});
  await pause(delay);
  await booth.kill('SIGKILL');
  await Promise.all([load, presses]);
  for (const { reason } of await load) if (reason instanceof assert.AssertionError) throw reason;
  if (below(8) === 0) { // and once more, while it starts
    const start = booth.launch().catch(() => {});
    await pause(below(15));
    await booth.kill('SIGKILL');
    await start;
  }
  examine(booth);
  booth.options.env = pick([{}, slow]); // a slow disk holds the gap open between what is said and what is kept
  await booth.launch();
  const unknown = asked.filter((w) => w.status === undefined);
  const tickets = await repeat(clients[0], unknown);
  active = tickets.filter((t) => t.state === 'waiting' || t.state === 'called').length;
  return { delay, unknown: unknown.length };
}

console.log(`seed ${SEED}, ${CYCLES} cycles`);
const booth = await Booth.start();
let done = 0;
let unknown = 0;
const begun = performance.now();
try {
  const clients = Array.from({ length: WORKERS }, () => booth.cli({ connections: 2 }));
  for (; done < CYCLES; done++) {
    const c = await cycle(booth, clients);
    unknown += c.unknown;
    if ((done + 1) % 10 === 0) console.log(`cycle ${done + 1}: ${asked.filter((w) => w.status < 300).length} acknowledged, ${unknown} without an answer, head ${journal.seq}, ${Math.round((performance.now() - begun) / 1000)} s`);
  }
  await booth.halt();
  examine(booth);
  console.log(`${done} passed, 0 failed`);
} catch (error) {
  console.error(error);
  console.error(`cycle ${done + 1}, SEED=${SEED}; the state is in ${booth.dir}\n${booth.tail()}`);
  console.log(`${done} passed, 1 failed`);
  await booth.kill();
  process.exit(1);
}
await booth.stop();
