// Databases that came back from an earlier time, cards that were wiped, put back or copied: whoever has less is told
// again, histories are not mixed, nothing is lost and no guest is there twice.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { Random, seedOfRun } from '../lib/random.mjs';
import { Member, sharedSite } from '../lib/site.mjs';
import { waitFor } from '../lib/wait.mjs';
import { Requests } from '../lib/requests.mjs';

const SEED = seedOfRun();
console.log(`SEED=${SEED}`);
const site = await sharedSite(after, { booths: 1, seed: SEED, set: { machine_id: 'first' } });
const { hub } = site;
let serial = 0;

async function work(member, n) {
  const requests = new Requests(new Random(SEED + serial), `${SEED}-${++serial}`, { active: 20 });
  for (let i = 0; i < n; i++) await requests.sendNext(member.cli);
  return requests;
}
const guests = async (member) => (await member.cli.queue()).tickets.filter((t) => t.source === 'hub');
// A guest from afar who has got a ticket.
async function guest(member) {
  const join = await hub.join(member.id, { party_size: 2, name: `guest ${++serial}` });
  await waitFor(async () => {
    await member.syncNow();
    return member.events('ticket.issued').some((e) => e.remote === join);
  }, { every: 200, what: 'the guest' });
  await member.settle();
  return join;
}
const ticketsOf = (member, join) => member.events('ticket.issued').filter((e) => e.remote === join).map((e) => e.ticket.id);

for (const [how, take, back] of [['a dump', 'backup', 'restore'], ['an image of its disk', 'image', 'putBack']])
  test(`the hub is restored from an hour ago, from ${how}: it raises its generation, and the booths send again`, { timeout: 120000 }, async () => {
    const { postgres } = hub;
    const [member] = site.members;
    await work(member, 60);
    const early = await guest(member);
    await member.settle();
    await hub.halt();
    const backup = await postgres[take]();
    await hub.launch();
    const generation = await hub.generation();
    await work(member, 60);
    const late = await guest(member);
    await hub.halt();
    await work(member, 10); // the booth does not mind
    await postgres[back](backup);
    await hub.launch();
    await work(member, 10);
    await member.settle();
    assert.ok(await hub.generation() > generation);
    await member.agree();
    const next = await guest(member); // the inbox goes on, too, and begins with items that were done long ago
    for (const join of [early, late, next]) assert.equal(ticketsOf(member, join).length, 1, 'a guest twice');
    assert.equal(member.journal().length, 1);
    await member.agree();
  });

test('the same with boothhub admin restored', { timeout: 120000 }, async () => {
  const [member] = site.members;
  const generation = await hub.generation();
  await hub.admin('restored');
  await work(member, 20);
  await member.settle();
  assert.ok(await hub.generation() > generation);
  await member.agree();
});

test('a booth is restored from a snapshot: a new epoch that names its parent', { timeout: 120000 }, async () => {
  const [member] = site.members;
  const { cli } = member;
  member.proxy.fault = 'unavailable'; // so that the hub has more of this epoch than the snapshot knows of, and than is in it
  await work(member, 10);
  const { bytes } = await cli.get('/api/v1/system/backup');
  member.proxy.fault = null;
  const here = await guest(member); // after the snapshot: the booth forgets it, the hub does not
  await work(member, 40);
  await member.settle();
  const before = await hub.journal(member.id);
  expect(await cli.raw('POST', '/api/v1/system/restore', { headers: { 'Content-Type': 'application/vnd.sqlite3' }, body: bytes }), 200);
  await work(member, 40);
  await member.settle();
  const [started] = member.events('epoch.started').slice(-1);
  assert.equal(started.parent.epoch, member.journal().at(-2).id);
  await member.agree({ forgot: true });
  const now = await hub.journal(member.id);
  for (const [epoch, events] of before) for (const [seq, text] of events) assert.equal(now.get(epoch).get(seq), text, 'the old history changed');
  await waitFor(async () => {
    await member.syncNow();
    return ticketsOf(member, here).length > 0;
  }, { timeout: 30000, every: 200, what: 'the guest of the time that was lost' });
  await member.settle();
  assert.equal(ticketsOf(member, here).length, 1);
  await member.agree({ forgot: true });
});

test('a booth is wiped and enrolled again: a new journal under its old name', { timeout: 120000 }, async () => {
  const [member] = site.members;
  const waits = await guest(member);
  const old = await hub.journal(member.id);
  const days = () => hub.rows(`SELECT d.id FROM day d JOIN booth b ON b.n = d.booth WHERE encode(b.id, 'hex') = '${member.id}'`);
  const lived = await days();
  await member.booth.halt();
  fs.rmSync(member.booth.state, { recursive: true });
  await member.booth.launch();
  await member.cli.intake('open');
  site.members[0] = await Member.enrol(hub, { booth: member.booth, id: member.id, name: 'wiped', proxy: member.proxy });
  const [again] = site.members;
  await work(again, 40);
  await again.settle();
  await again.agree({ others: old.size });
  const now = await hub.journal(again.id);
  for (const [epoch, events] of old) assert.deepEqual(now.get(epoch), events, 'the old history changed');
  assert.equal((await days()).length, lived.length + 1, 'its first day is another than the first day of its life before');
  await waitFor(async () => {
    await again.syncNow();
    return ticketsOf(again, waits).length > 0;
  }, { timeout: 30000, every: 200, what: 'the guest who still waits' });
  await again.settle();
  assert.equal((await guests(again)).filter((t) => ticketsOf(again, waits).includes(t.id)).length, 1);
});

test('a box was replaced: it delivers its old epoch; requests go to its successor', { timeout: 120000 }, async () => {
  const old = await site.join({ name: 'replaced', set: { machine_id: 'first' } });
  await old.settle();
  const booth = await Booth.start({ set: { machine_id: 'second' } });
  const next = await Member.enrol(hub, { booth, id: old.id, name: 'successor' });
  site.members.push(next);
  await next.settle();
  next.proxy.fault = 'unavailable'; // so that the old one hears of it first, if it does
  await hub.put(old.id, 'message', { text: '오늘은 여기까지' });
  await work(old, 10);
  const last = old.journal().at(-1);
  await waitFor(async () => {
    await old.syncNow();
    return (await old.sync()).pending === 0;
  }, { every: 200, what: 'the old box to have told everything' });
  assert.deepEqual((await hub.journal(old.id)).get(last.id), last.events);
  assert.deepEqual(old.events('message.received'), []);
  await next.settle();
  assert.equal(next.events('message.received').length, 1);
});

// Two boxes from one card.
async function clone(member, machine) {
  await member.booth.halt();
  const twin = new Booth(fs.mkdtempSync(`${member.booth.dir}-twin-`), { set: { ...member.booth.options.set, machine_id: machine }, env: {}, wrap: [] });
  fs.cpSync(member.booth.state, twin.state, { recursive: true });
  await member.booth.launch();
  await twin.launch();
  return Object.assign(new Member(), { hub, booth: twin, name: `twin on ${machine}`, proxy: member.proxy, id: member.id, cli: twin.cli() });
}
async function twoLives(machine, look) {
  const member = await site.join({ name: `card-${machine}`, set: { machine_id: 'first' } });
  await work(member, 40);
  await member.settle();
  const twin = await clone(member, machine);
  try {
    await Promise.all([work(member, 40), work(twin, 40)]);
    for (const m of [member, twin, member, twin]) {
      await m.settle();
      await work(m, 5);
    }
    await Promise.all([member.settle(), twin.settle()]);
    const epochs = new Set([member, twin].flatMap((m) => m.journal().map((e) => e.id)));
    const there = await hub.journal(member.id);
    assert.deepEqual([...there.keys()].sort(), [...epochs].sort());
    await look({ member, twin, there });
  } finally {
    await twin.booth.stop();
  }
}

test('a card is copied and put into another machine: two epochs from there on', { timeout: 120000 }, () => twoLives('second', ({ member, twin, there }) => {
  const [common] = member.journal();
  assert.equal(member.journal().length, 1, 'who stays where he was goes on');
  assert.equal(twin.journal().length, 2);
  assert.deepEqual(there.get(common.id), common.events);
  assert.deepEqual(there.get(twin.journal()[1].id), twin.journal()[1].events);
}));

test('a card is copied to identical hardware: the second box to sync begins a new epoch, and loses nothing', { timeout: 120000 }, () => twoLives('first', async ({ member, twin, there }) => {
  assert.ok([member, twin].some((m) => m.journal().length > 1), 'nobody noticed');
  for (const m of [member, twin]) {
    const life = m.journal().at(-1);
    assert.deepEqual(there.get(life.id), life.events, `${m.name}: the hub has another history of its present one`);
    // Whoever waits there now is in what the hub has of it.
    const [{ active = [] }] = m.events('epoch.started').slice(-1);
    const known = new Set([...active.map((t) => t.id), ...[...life.events.values()].map((text) => JSON.parse(text).ticket?.id)]);
    for (const t of (await m.cli.queue()).tickets) if (t.state === 'waiting') assert.ok(known.has(t.id), `${m.name} has lost ticket ${t.number}`);
  }
}));
