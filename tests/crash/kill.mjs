#!/usr/bin/env node
// kill.mjs - boothd is killed at a random moment under load, again and again, the state carried over.
//
// After each death, on a copy of what it left: the database is whole, the journal has no gap, replaying the journal gives
// the tickets, every acknowledged command is there exactly once and none half. After each start: what was acknowledged is
// answered with the same seq, what was not is asked again under its key and done once.
//
// Needs the shims (make shims). CYCLES (100), SEED (random; printed): the same seed makes the same requests and the same delays.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { Booth } from '../lib/boothd.mjs';
import { assertWhole, Journal } from '../lib/journal.mjs';
import { preload } from '../lib/preload.mjs';
import { Random, seedOfRun } from '../lib/random.mjs';
import { pause } from '../lib/wait.mjs';
import { Requests } from '../lib/requests.mjs';

const CYCLES = Number(process.env.CYCLES ?? 100);
const SEED = seedOfRun();
const WORKERS = 8;
const ACTIVE = 300; // about so many tickets are kept active
const slow = preload(['slowsync'], { SLOWSYNC_MS: 10, SLOWSYNC_EVERY: 20, SLOWSYNC_STALL_MS: 100 });

const random = new Random(SEED);
const below = (n) => random.below(n);
const pick = (list) => random.pick(list);

const requests = new Requests(random, SEED, { active: ACTIVE });

async function work(client) {
  for (;;) await requests.sendNext(client); // throws when boothd dies
}

// --- what is there

const journal = new Journal();

function compareAnswers(booth, answered) {
  const kept = new Map(booth.query('SELECT id & 0xffffffff AS seq, ticket FROM command WHERE key IS NOT NULL').map((c) => [c.seq, c.ticket]));
  for (const w of answered) {
    assert.ok(journal.events.has(w.seq), `acknowledged ${w.key} (seq ${w.seq}) is not in the journal`);
    assert.ok(kept.has(w.seq), `acknowledged ${w.key} (seq ${w.seq}) has lost its key`);
    assert.equal(kept.get(w.seq) ?? undefined, w.ticket, `${w.key} changed another ticket`);
  }
  // Whoever was told something, was told of a commit of its own.
  const seqs = requests.acknowledged.map((w) => w.seq);
  assert.equal(new Set(seqs).size, seqs.length, 'two requests have one seq');
  assert.ok(kept.size >= seqs.length && kept.size <= seqs.length + requests.unanswered.length, 'commands that nobody asked for');
}

function examine(booth) {
  assertWhole(booth);
  journal.replay(booth);
  journal.compareTickets(booth);
  compareAnswers(booth, requests.acknowledged);
}

// --- after the start: every repeat has the same end

async function repeat(client, unknown) {
  for (const w of unknown) await requests.send(client, w);
  const known = requests.acknowledged;
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
  const unknown = requests.unanswered;
  const tickets = await repeat(clients[0], unknown);
  requests.active = tickets.filter((t) => t.state === 'waiting' || t.state === 'called').length;
  return { delay, unknown: unknown.length };
}

console.log(`seed ${SEED}, ${CYCLES} cycles`);
const booth = await Booth.start();
let done = 0;
let unknown = 0;
try {
  const clients = Array.from({ length: WORKERS }, () => booth.cli({ connections: 2 }));
  for (; done < CYCLES; done++) {
    const c = await cycle(booth, clients);
    unknown += c.unknown;
    console.log(`ok cycle ${done + 1}: ${requests.acknowledged.length} acknowledged, ${unknown} without an answer, head ${journal.seq}`);
  }
  await booth.halt();
  examine(booth);
} catch (error) {
  console.error(error);
  console.error(booth.tail());
  const kept = process.env.KEEP ?? booth.dir;
  if (kept !== booth.dir) fs.cpSync(booth.dir, kept, { recursive: true });
  console.log(`FAIL cycle ${done + 1}, SEED=${SEED}; the state is in ${kept}`);
  await booth.kill();
  process.exit(1);
}
await booth.stop();
