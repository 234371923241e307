// hub.mjs - the hub beside PostgreSQL's own COPY, and a booth's backlog over a bad relay.
//
// Simulated booths (hub_load.c) have their bundles sealed before the clock starts. COPY gets the same texts into a table
// like the hub's, in one transaction a session: what PostgreSQL can take on this machine if nobody verifies, opens,
// inflates, parses, projects or commits for each booth.
import fs from 'node:fs';
import path from 'node:path';
import { Booth } from '../lib/boothd.mjs';
import { Load } from '../lib/load.mjs';
import { Hub } from '../lib/hub.mjs';
import { Relay } from '../lib/relay.mjs';
import { makeBacklog } from '../lib/loader.mjs';
import { processor } from '../lib/proc.mjs';
import { Proxy } from '../lib/proxy.mjs';
import { Member } from '../lib/site.mjs';
import { waitFor } from '../lib/wait.mjs';
import { fixed, median } from './figures.mjs';

export const size = { rounds: 3, booths: 500, spread: [10, 100, 1000, 10000], bundles: 10000, pending: 10000,
  link: { rate: 200e3, rtt: 500, loss: 0.05 }, dies: 20000 };
export const small = { rounds: 1, booths: 20, spread: [10, 100], bundles: 500, pending: 300,
  link: { rate: 2e6, rtt: 100, loss: 0.05 }, dies: 3000 };

const both = (hub) => ({ hub: processor(hub.pid), postgres: processor(hub.postgres.child.pid) });

async function good(running, what) {
  const result = await running;
  if (result.complete !== what || Object.keys(result.statuses).join() !== '200') throw new Error(`the hub did not accept it: ${JSON.stringify(result)}`);
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

async function throughput({ booths, rounds: n }) {
  const hub = await Hub.start();
  const load = await Load.of(hub, booths);
  const rounds = [];
  for (let i = 0; i < n; i++) {
    const before = both(hub);
    const run = await good(load.run({ booths, bundles: 4, events: 100 }), booths);
    const after = both(hub);
    await hub.postgres.psql('CHECKPOINT');
    rounds.push({ ...run, copy1: await copy(hub, 1), copy2: await copy(hub, 2),
      hub_us: ((after.hub - before.hub) * 1e6) / run.events, postgres_us: ((after.postgres - before.postgres) * 1e6) / run.events });
    await hub.postgres.psql('TRUNCATE event; CHECKPOINT'); // COPY's share stays the same
  }
  load.stop();
  await hub.stop();
  return Object.fromEntries(['rate', 'p50', 'p99', 'copy1', 'copy2', 'hub_us', 'postgres_us'].map((key) => [key, median(rounds.map((r) => r[key]))]));
}

// The same number of bundles of the same size, from few booths and from many.
async function spread({ spread: counts, bundles }) {
  const rows = [];
  for (const booths of counts) {
    const hub = await Hub.start();
    const load = await Load.of(hub, booths);
    const before = both(hub);
    const run = await good(load.run({ booths, connections: Math.min(booths, 200), bundles: bundles / booths, events: 10 }), booths);
    const after = both(hub);
    rows.push({ booths, rate: run.rate, p50: run.p50, p99: run.p99, hub_us: ((after.hub - before.hub) * 1e6) / run.events, postgres_us: ((after.postgres - before.postgres) * 1e6) / run.events });
    load.stop();
    await hub.stop();
  }
  return rows;
}

// Two processes on one database, half of the booths each.
async function second({ booths, rounds }) {
  const ratios = [];
  for (let i = 0; i < rounds; i++) {
    const hub = await Hub.start();
    const two = Object.assign(Object.create(Hub.prototype), hub, { port: 0, log: '' });
    await two.launch();
    const loads = [await Load.of(hub, booths / 2), await Load.of(hub, booths / 2)];
    loads[1].hub = two;
    const load = { booths: booths / 2, bundles: 4, events: 100 };
    const alone = await good(loads[0].run(load), booths / 2);
    const pair = await Promise.all(loads.map((c) => good(c.run(load), booths / 2)));
    ratios.push(pair.reduce((sum, r) => sum + r.rate, 0) / alone.rate);
    for (const load of loads) load.stop();
    await two.halt();
    await hub.stop();
  }
  return { ratio: median(ratios) };
}

// --- P17

async function backlog({ link: options, pending: least }, { dies } = {}) {
  const hub = await Hub.start();
  const proxy = await Proxy.start({ to: hub.address, keep: false });
  const relay = await Relay.start({ to: proxy.address });
  const booth = await Booth.start();
  await booth.cli().intake('open');
  const member = await Member.enrol(hub, { booth, proxy, url: relay.url });
  await member.settle();
  relay.cut();
  const pending = await makeBacklog(member, least);
  Object.assign(relay, options);
  relay.carried.there = 0;
  const from = proxy.log.length;
  const opened = relay.opened;
  relay.plug();
  await member.syncNow(); // no route came up that its kernel could tell of
  await waitFor(() => relay.opened > opened, { timeout: 60000, what: 'the booth to come back' });
  const begun = performance.now();
  const death = dies && setInterval(() => relay.drop(), dies);
  await member.settle({ timeout: 600000 });
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(death);
  const needed = proxy.log.slice(from).filter((e) => e.status === 200).reduce((sum, e) => sum + e.bytes, 0);
  const exchanges = proxy.log.length - from;
  const result = { pending, seconds, exchanges, carried: relay.carried.there, needed, ideal: (needed * 8) / options.rate };
  await member.stop();
  await relay.stop();
  await hub.stop();
  return result;
}

// --- the table

export const parts = [
  {
    name: 'throughput',
    measure: throughput,
    lines: (t, { booths }) => [
      `${booths} booths, bundles of 100 events: ${fixed(t.rate)} events/s; COPY ${fixed(t.copy1)} with one session, ${fixed(t.copy2)} with two (ratio ${fixed(t.rate / t.copy2, 2)})`,
      `  an exchange p50 ${t.p50} µs, p99 ${t.p99} µs; an event ${fixed(t.hub_us, 1)} µs of the hub’s processor, ${fixed(t.postgres_us, 1)} µs of PostgreSQL’s`,
    ],
  },
  {
    name: 'spread',
    measure: spread,
    lines: (rows) => [
      'bundles of 10 events:',
      ...rows.map((r) => `  ${String(r.booths).padStart(5)} booths  ${fixed(r.rate).padStart(6)} events/s  p50 ${String(r.p50).padStart(6)} µs  p99 ${String(r.p99).padStart(7)} µs  an event ${fixed(r.hub_us, 1)} + ${fixed(r.postgres_us, 1)} µs`),
    ],
  },
  {
    name: 'second',
    measure: second,
    lines: ({ ratio }) => [`a second process on the same database: × ${fixed(ratio, 2)}`],
  },
  {
    name: 'bad_link',
    measure: (s) => backlog(s),
    lines: (b, { link }) => [
      `${b.pending} events over ${link.rate / 1000} kbit/s, ${link.rtt} ms, ${100 * link.loss} % lost: ${fixed(b.seconds, 1)} s, ${fixed(b.seconds / b.ideal, 2)} × what ${fixed(b.needed / 1024)} KB alone need, ${b.exchanges} exchanges`,
    ],
  },
  {
    name: 'dying_link',
    measure: (s) => backlog(s, s),
    lines: (d, { dies }) => [
      `the same over a link that dies every ${dies / 1000} s: ${fixed(d.seconds, 1)} s, ${fixed((100 * (d.carried - d.needed)) / d.needed)} % more bytes than needed`,
    ],
  },
];
