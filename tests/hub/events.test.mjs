// GET /events: all booths, each in its order, page by page, and nothing is missed, however late it was committed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from '../lib/test.mjs';
import { expect } from '../lib/http.mjs';
import { program } from '../lib/postgres.mjs';
import { Service } from '../lib/service.mjs';
import { sharedSite } from '../lib/site.mjs';
import { waitFor } from '../lib/wait.mjs';

const site = await sharedSite(after, { booths: 2 });
const { hub, members: [one, two] } = site;
const service = await Service.of(hub, 'read');
after(() => service.close());

const name = (e) => `${e.booth} ${e.epoch} ${e.seq}`;
const work = async () => {
  for (const { cli } of site.members)
    for (let i = 0; i < 4; i++) await cli.issue({ party_size: 1 + i, name: `손님 ${i}` });
  await site.settle();
};
// Of each booth: its own journal, event by event, in its order.
function agree(events) {
  for (const member of site.members) {
    const ours = events.filter((e) => e.booth === member.id);
    const theirs = member.journal().flatMap((epoch) => [...epoch.events].map(([seq, text]) => [epoch.id, seq, JSON.parse(text)]));
    assert.deepEqual(ours.map((e) => [e.epoch, e.seq, e.event]), theirs);
  }
}

// A session of one's own, whose transaction stays open as long as one likes.
class Session {
  constructor() {
    this.child = spawn(program('psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', hub.postgres.conninfo], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.on('data', (c) => { this.out += c; });
    this.out = '';
  }
  async run(sql) {
    this.out = '';
    this.child.stdin.write(`${sql};\n\\echo done\n`);
    await waitFor(() => this.out.includes('done'), { what: sql });
  }
  end() {
    this.child.stdin.end();
  }
}

test('the pages together are the booths’ journals', async () => {
  await work();
  const { events, next } = await service.events(undefined, 3);
  assert.ok(events.length > 12);
  assert.equal(new Set(events.map(name)).size, events.length);
  agree(events);
  for (const e of events) assert.ok(e.at_known && Math.abs(Date.parse(e.at) - Date.parse(e.event.wall)) < 1, 'by a trusted clock');
  assert.ok(!JSON.stringify(events).includes('손님'), 'no personal data');
  assert.deepEqual(await service.page(next), { events: [], next, more: false });
  await work();
  const more = await service.events(next, 7);
  agree([...events, ...more.events]);
  assert.deepEqual((await service.events(undefined, 1000)).events, [...events, ...more.events], 'again the same');
});

test('a page can start after any event', async () => {
  const { events } = await service.events();
  let after;
  for (const [i, e] of events.entries()) {
    const { events: [own], next } = await service.page(after, 1);
    assert.equal(name(own), name(e));
    if (i % 5 === 0) assert.deepEqual((await service.events(next)).events.map(name), events.slice(i + 1).map(name));
    after = next;
  }
});

test('events of a late commit come before later events, which wait for it', async (t) => {
  const { next } = await service.events();
  const session = new Session();
  t.after(() => session.end());
  // As an exchange that takes long: its transaction begins before the others and ends after them.
  const id = "(SELECT n FROM epoch WHERE booth = (SELECT n FROM booth WHERE name = 'booth-1'))";
  await session.run('BEGIN');
  await session.run(`INSERT INTO event (epoch, seq, text) VALUES (${id}, 1000000, 'late')`);
  await session.run(`INSERT INTO arrival (generation, booth, epoch, first_seq, last_seq, received_at) SELECT generation, (SELECT n FROM booth WHERE name = 'booth-1'), ${id}, 1000000, 1000000, 1 FROM hub`);
  await two.cli.issue({ name: 'another booth, meanwhile' });
  await two.settle();
  assert.deepEqual((await service.page(next)).events, [], 'a page ends before a transaction that is still at work');
  await session.run('COMMIT');
  const { events } = await service.events(next);
  assert.deepEqual(events.map((e) => [e.booth, e.seq >= 1000000]), [[one.id, true], ...events.slice(1).map(() => [two.id, false])]);
  assert.ok(events.length > 1);
  assert.deepEqual([events[0].event, events[0].text], [null, 'late'], 'what is not understood is there as it came');
  await hub.postgres.psql('DELETE FROM event WHERE seq = 1000000; DELETE FROM arrival WHERE first_seq = 1000000');
});

test('a new generation begins after the last arrival of the old one, and no later arrival counts as old', async (t) => {
  const session = new Session();
  t.after(() => session.end());
  const waits = () => hub.rows("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'arrival'::regclass");
  // An exchange that read the old generation, while another raises it.
  await session.run('BEGIN; LOCK TABLE arrival IN SHARE ROW EXCLUSIVE MODE; UPDATE hub SET generation = generation + 1');
  await one.cli.issue();
  await waitFor(async () => (await waits()).length > 0, { every: 50, what: 'an exchange that waits' });
  await session.run('COMMIT');
  await site.settle();
  const [{ late }] = await hub.rows('SELECT (SELECT generation FROM arrival ORDER BY n DESC LIMIT 1) = (SELECT generation FROM hub) AS late');
  assert.ok(late);
  // And an arrival that is not committed yet, while the administrator raises it.
  await session.run("BEGIN; INSERT INTO arrival (generation, booth, epoch, first_seq, last_seq, received_at) SELECT generation, 1, 1, 2000000, 2000000, 1 FROM hub");
  const before = await hub.generation();
  const restored = hub.admin('restored');
  await waitFor(async () => (await waits()).length > 0, { every: 50, what: 'the administrator who waits' });
  assert.equal(await hub.generation(), before);
  await session.run('ROLLBACK');
  assert.ok(Number(await restored) > before);
  await site.settle();
});

test('after a restored backup nothing is missing', { timeout: 90000 }, async () => {
  const file = await hub.postgres.backup();
  await work();
  const { next } = await service.events(); // further than the backup knows
  await hub.halt();
  await hub.postgres.restore(file);
  await hub.launch();
  service.agent.destroy();
  const { events: known } = await service.events();
  await work();
  await waitFor(async () => {
    for (const { cli } of site.members) await cli.post('/api/v1/system/sync');
    return (await service.events()).events.length > known.length;
  }, { timeout: 30000, every: 200, what: 'what the backup did not have' });
  await site.settle();
  const all = new Set((await service.events()).events.map(name));
  const since = (await service.events(next)).events.map(name);
  const journal = site.members.flatMap((m) => m.journal().flatMap((e) => [...e.events.keys()].map((seq) => `${m.id} ${e.id} ${seq}`)));
  assert.deepEqual(journal.filter((n) => !all.has(n)), []);
  const had = new Set(known.map(name));
  assert.deepEqual(journal.filter((n) => !had.has(n) && !since.includes(n)), [], 'all that came anew is behind the old cursor');
});

test('an invalid cursor, an invalid limit, an unknown name', async () => {
  for (const [query, field] of [['after=x', 'after'], ['after=1-2-3', 'after'], ['after=1-2-3-4-5', 'after'], ['after=1--2-3', 'after'],
    ['after=99999999999999999999-1-1-1', 'after'], ['limit=0', 'limit'], ['limit=1001', 'limit'], ['limit=ten', 'limit'], ['aftr=1-2-3-4', 'aftr']]) {
    const problem = expect(await service.get(`/api/v1/events?${query}`), 400, 'invalid_field');
    assert.equal(problem.field, field, query);
  }
  assert.equal((await service.page('9223372036854775807-9223372036854775807-9223372036854775807-9223372036854775807')).events.length, 0);
});
