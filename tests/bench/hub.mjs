// hub.mjs - the hub beside PostgreSQL's own COPY, and a booth's backlog over a bad link. One table, and
// build/bench-hub.json; nothing fails on a time. ROUNDS (3) and BOOTHS (500) make it longer or shorter.
//
// Simulated booths (hub_load.c) have their bundles sealed before the clock starts. COPY gets the same texts into a table
// like the hub's, in one transaction a session: what PostgreSQL can take on this machine if nobody verifies, opens,
// inflates, parses, projects or commits for each booth.
import fs from 'node:fs';
import path from 'node:path';
import { Booth, root } from '../lib/boothd.mjs';
import { Crowd } from '../lib/crowd.mjs';
import { Hub } from '../lib/hub.mjs';
import { Link } from '../lib/link.mjs';
import { pile } from '../lib/loader.mjs';
import { Proxy } from '../lib/proxy.mjs';
import { Member } from '../lib/site.mjs';
import { waitFor } from '../lib/wait.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const BOOTHS = Number(process.env.BOOTHS ?? 500);
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const fixed = (n, digits = 0) => n.toFixed(digits);

// Seconds of processor that a process and its children have taken.
function processor(pid) {
  const stat = (n) => fs.readFileSync(`/proc/${n}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').slice(11, 15).map(Number);
  const children = fs.readdirSync('/proc').filter((n) => /^\d+$/.test(n)).filter((n) => {
    try {
      return fs.readFileSync(`/proc/${n}/stat`, 'utf8').replace(/^.*\) \S /s, '').split(' ')[0] === String(pid);
    } catch {
      return false; // it has gone
    }
  });
  const ticks = stat(pid).reduce((a, b) => a + b, 0) + children.reduce((sum, n) => sum + stat(n).slice(0, 2).reduce((a, b) => a + b, 0), 0);
  return ticks / 100;
}
const both = (hub) => ({ hub: processor(hub.pid), postgres: processor(hub.postgres.child.pid) });

async function good(running, what) {
  const result = await running;
  if (result.complete !== what || Object.keys(result.statuses).join() !== '200') throw new Error(`the hub did not take it: ${JSON.stringify(result)}`);
  return result;
}

// --- P18

// Sessions of psql that copy the same rows, each its share, at the same time: events per second.
async function copy(hub, sessions) {
  const { postgres } = hub;
  const [{ n }] = await hub.rows('SELECT count(*) AS n FROM event');
  await postgres.psql('DROP TABLE IF EXISTS copied; CREATE TABLE copied (LIKE event INCLUDING ALL)');
  const files = Array.from({ length: sessions }, (_, i) => path.join(postgres.dir, `copy-${i}`));
  for (const [i, file] of files.entries()) await postgres.psql(`COPY (SELECT * FROM event WHERE epoch % ${sessions} = ${i} ORDER BY epoch, seq) TO '${file}'`);
  const begun = performance.now();
  await Promise.all(files.map((file) => postgres.psql(`COPY copied FROM '${file}'`)));
  const rate = (n * 1000) / (performance.now() - begun);
  for (const file of files) fs.rmSync(file);
  await postgres.psql('DROP TABLE copied');
  return rate;
}

async function throughput() {
  const hub = await Hub.start();
  const crowd = await Crowd.of(hub, BOOTHS);
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) {
    const before = both(hub);
    const run = await good(crowd.run({ booths: BOOTHS, bundles: 4, events: 100 }), BOOTHS);
    const after = both(hub);
    await hub.postgres.psql('CHECKPOINT');
    rounds.push({ ...run, copy1: await copy(hub, 1), copy2: await copy(hub, 2),
      hub_us: ((after.hub - before.hub) * 1e6) / run.events, postgres_us: ((after.postgres - before.postgres) * 1e6) / run.events });
    await hub.postgres.psql('TRUNCATE event; CHECKPOINT'); // COPY's share stays the same
  }
  crowd.stop();
  await hub.stop();
  return Object.fromEntries(['rate', 'p50', 'p99', 'copy1', 'copy2', 'hub_us', 'postgres_us'].map((key) => [key, median(rounds.map((r) => r[key]))]));
}

// The same number of bundles of the same size, from few booths and from many.
async function spread() {
  const rows = [];
  for (const booths of [10, 100, 1000, 10000]) {
    const hub = await Hub.start();
    const crowd = await Crowd.of(hub, booths);
    const before = both(hub);
    const run = await good(crowd.run({ booths, connections: Math.min(booths, 200), bundles: 10000 / booths, events: 10 }), booths);
    const after = both(hub);
    rows.push({ booths, rate: run.rate, p50: run.p50, p99: run.p99, hub_us: ((after.hub - before.hub) * 1e6) / run.events, postgres_us: ((after.postgres - before.postgres) * 1e6) / run.events });
    crowd.stop();
    await hub.stop();
  }
  return rows;
}

// Two processes on one database, half of the booths each.
async function second() {
  const ratios = [];
  for (let i = 0; i < ROUNDS; i++) {
    const hub = await Hub.start();
    const two = Object.assign(Object.create(Hub.prototype), hub, { port: 0, log: '' });
    await two.launch();
    const crowds = [await Crowd.of(hub, BOOTHS / 2), await Crowd.of(hub, BOOTHS / 2)];
    crowds[1].hub = two;
    const load = { booths: BOOTHS / 2, bundles: 4, events: 100 };
    const alone = await good(crowds[0].run(load), BOOTHS / 2);
    const pair = await Promise.all(crowds.map((c) => good(c.run(load), BOOTHS / 2)));
    ratios.push(pair.reduce((sum, r) => sum + r.rate, 0) / alone.rate);
    for (const crowd of crowds) crowd.stop();
    await two.halt();
    await hub.stop();
  }
  return median(ratios);
}

// --- P17

async function backlog(options, { dies } = {}) {
  const hub = await Hub.start();
  const proxy = await Proxy.start({ to: hub.address, keep: false });
  const link = await Link.start({ to: proxy.address });
  const booth = await Booth.start();
  await booth.cli().intake('open');
  const member = await Member.enrol(hub, { booth, proxy, url: link.url });
  await member.settle();
  link.cut();
  const pending = await pile(member, 10000);
  Object.assign(link, options);
  link.carried.there = 0;
  const from = proxy.log.length;
  const opened = link.opened;
  link.mend();
  await member.poke(); // no route came up that its kernel could tell of
  await waitFor(() => link.opened > opened, { timeout: 60000, what: 'the booth to come back' });
  const begun = performance.now();
  const death = dies && setInterval(() => link.drop(), dies);
  await member.settle({ timeout: 600000 });
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(death);
  const needed = proxy.log.slice(from).filter((e) => e.status === 200).reduce((sum, e) => sum + e.bytes, 0);
  const exchanges = proxy.log.length - from;
  const result = { pending, seconds, exchanges, carried: link.carried.there, needed, ideal: options.rate ? (needed * 8) / options.rate : 0 };
  await member.stop();
  await link.stop();
  await hub.stop();
  return result;
}

// --- the table

const result = { booths: BOOTHS, rounds: ROUNDS };
const t = result.throughput = await throughput();
console.log(`${BOOTHS} booths, bundles of 100 events: ${fixed(t.rate)} events/s; COPY ${fixed(t.copy1)} with one session, ${fixed(t.copy2)} with two (ratio ${fixed(t.rate / t.copy2, 2)})`);
console.log(`  an exchange p50 ${t.p50} µs, p99 ${t.p99} µs; an event ${fixed(t.hub_us, 1)} µs of the hub’s processor, ${fixed(t.postgres_us, 1)} µs of PostgreSQL’s`);
console.log('bundles of 10 events:');
for (const r of result.spread = await spread())
  console.log(`  ${String(r.booths).padStart(5)} booths  ${fixed(r.rate).padStart(6)} events/s  p50 ${String(r.p50).padStart(6)} µs  p99 ${String(r.p99).padStart(7)} µs  an event ${fixed(r.hub_us, 1)} + ${fixed(r.postgres_us, 1)} µs`);
result.second = await second();
console.log(`a second process on the same database: × ${fixed(result.second, 2)}`);
const bad = { rate: 200e3, rtt: 500, loss: 0.05 };
const b = result.bad_link = await backlog(bad);
console.log(`${b.pending} events over 200 kbit/s, 500 ms, 5 % lost: ${fixed(b.seconds, 1)} s, ${fixed(b.seconds / b.ideal, 2)} × what ${fixed(b.needed / 1024)} KB alone need, ${b.exchanges} exchanges`);
const d = result.dying_link = await backlog(bad, { dies: 20000 });
console.log(`the same over a link that dies every 20 s: ${fixed(d.seconds, 1)} s, ${fixed((100 * (d.carried - d.needed)) / d.needed)} % more bytes than needed`);
fs.writeFileSync(path.join(root, 'build/bench-hub.json'), JSON.stringify(result, null, 2) + '\n');
