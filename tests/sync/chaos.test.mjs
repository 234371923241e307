// Three booths work while what lies between them and their hub misbehaves at random, then everything is healed: hub and
// booths agree event by event, nothing is lost and nothing is there twice. Then again, and booths, the hub, PostgreSQL
// are killed at random meanwhile.
//
// CHAOS_S (24): seconds of it in all; SEED (random; printed): the same seed makes the same requests and the same faults.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { FAULTS, schedule } from '../lib/proxy.mjs';
import { Random, seedOfRun } from '../lib/random.mjs';
import { sharedSite } from '../lib/site.mjs';
import { pause } from '../lib/wait.mjs';
import { Requests } from '../lib/requests.mjs';

const SECONDS = Number(process.env.CHAOS_S ?? 24) / 4;
const RATE = 10000 / 180; // commands a second, all booths together
const KILL_MS = 3000; // about so often
const SEED = seedOfRun();
console.log(`SEED=${SEED}`);

const site = await sharedSite(after, { booths: 3, seed: SEED });
const { hub, members } = site;
const random = new Random(SEED);
for (const [i, member] of members.entries())
  Object.assign(member, { number: i, requests: new Requests(new Random(SEED + i), `${SEED}-${i}`), alive: Promise.resolve() });

// Requests at their rate; one without an answer, because the booth died, is repeated when it runs again.
async function work(member, until) {
  const { requests, cli } = member;
  for (let next = performance.now(); next < until; next += (1000 * members.length) / RATE) {
    await pause(next - performance.now());
    await member.alive;
    await requests.sendNext(cli).catch(() => {});
  }
  await member.alive;
  for (const w of requests.unanswered) await requests.send(cli, w);
}
// Guests join through the hub, too. What PostgreSQL committed before it died is in the inbox, whatever was answered.
async function guests(until) {
  for (let i = 0; performance.now() < until; i++, await pause(400))
    await hub.join(random.pick(members).id, { party_size: 1 + (i % 8), name: `guest ${i}` }).catch(() => {});
}
async function answered(member) {
  const items = (await hub.rows(`SELECT encode(inbox.id, 'hex') AS id FROM inbox JOIN booth ON booth.n = inbox.booth WHERE booth.id = '\\x${member.id}' AND type = 'remote.join'`)).map((r) => r.id);
  const answers = [...member.events('ticket.issued'), ...member.events('remote.refused')].map((e) => e.remote).filter(Boolean);
  assert.deepEqual([...answers].sort(), [...items].sort(), 'each guest from afar has one answer');
  return items.length;
}
async function syncNow(member, until) {
  while (performance.now() < until) {
    await member.syncNow().catch(() => {}); // it may be dead
    await pause(500);
  }
}

const kills = {
  booth: async () => {
    const member = random.pick(members);
    let revive;
    member.alive = new Promise((resolve) => { revive = resolve; });
    await member.booth.kill();
    await member.booth.launch();
    revive();
  },
  hub: async () => {
    await hub.kill();
    await pause(random.below(1000));
    await hub.launch();
  },
  postgres: async () => {
    await hub.postgres.kill();
    await pause(random.below(1000));
    await hub.postgres.launch();
  },
};
async function murder(victim, until) {
  let n = 0;
  for (;;) {
    const next = performance.now() + random.between(0.5, 1.5) * KILL_MS;
    if (next > until) return n;
    await pause(next - performance.now());
    await kills[victim]();
    n++;
  }
}

const seen = new Set();
for (const victim of [null, 'booth', 'hub', 'postgres'])
  test(victim ? `faults, and ${victim} is killed now and then` : 'faults', { timeout: 1000 * SECONDS + 200000 }, async () => {
    const until = performance.now() + 1000 * SECONDS;
    const from = members.map((m) => m.proxy.log.length);
    for (const member of members) member.proxy.fault = schedule({ seed: SEED + member.number, share: 0.5 });
    const before = members.reduce((sum, m) => sum + m.requests.acknowledged.length, 0);
    const [killed] = await Promise.all([victim ? murder(victim, until) : 0, guests(until), ...members.map((m) => work(m, until)), ...members.map((m) => syncNow(m, until))]);
    const late = Math.max(...await Promise.all(members.map(async (m) => (await m.sync()).pending)));
    await site.settle();
    const joined = (await Promise.all(members.map(answered))).reduce((a, b) => a + b);
    const events = await site.agree();
    for (const member of members) {
      const epochs = member.journal();
      assert.equal(epochs.length, 1, 'nothing of this is a reason for a new epoch');
      for (const w of member.requests.acknowledged) assert.ok(epochs[0].events.has(w.seq), `acknowledged ${w.key} is not in the journal`);
    }
    const log = members.flatMap((m, i) => m.proxy.log.slice(from[i]));
    for (const { fault } of log) if (fault) seen.add(fault);
    const commands = members.reduce((sum, m) => sum + m.requests.acknowledged.length, 0) - before;
    console.log(`${commands} commands, ${joined} guests from afar, ${log.length} exchanges of which ${log.filter((e) => e.fault).length} went wrong, ${killed} killed, ${late} pending at the end; ${events} events agree`);
    assert.ok(log.some((e) => e.fault) && log.some((e) => !e.fault));
    assert.ok(!victim || SECONDS * 1000 < 2 * KILL_MS || killed > 0);
  });

test('each fault occurred', { skip: SECONDS < 30 && 'too short a run' }, () => {
  assert.deepEqual([...seen].sort(), [...FAULTS].sort());
});
