// What a loss of power left of a state directory: a booth is started on it, and must have all that was acknowledged.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { assertWhole, Journal } from '../lib/journal.mjs';

const AT_ONCE = 8;

// Runs a task for each of a list, some at once.
async function each(list, task) {
  const rest = [...list];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { while (rest.length) await task(rest.shift()); }));
}

// A name in snapshots/ is given to what can be trusted, and to nothing else. Who is gone is not in one; at night, nobody is.
function assertSnapshots(state) {
  const folder = path.join(state, 'snapshots');
  const names = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith('.db')) : [];
  for (const name of names) {
    const forgotten = name.startsWith('booth-nightly-') ? '' : ' WHERE ticket IN (SELECT id FROM ticket WHERE state > 1)';
    const asked = ['PRAGMA integrity_check', 'SELECT count(*) > 0 FROM event', `SELECT count(*) FROM person${forgotten}`];
    const { stdout, stderr } = spawnSync('sqlite3', ['-readonly', path.join(folder, name), asked.join(';')], { encoding: 'utf8' });
    assert.equal(stdout, 'ok\n1\n0\n', `snapshot ${name}: ${stderr}${stdout}`);
  }
  return names.length;
}

// All that is not of one start: tickets, guests, and commands and events up to one that was there before.
function fingerprint(booth, last) {
  const rows = ['SELECT * FROM ticket ORDER BY id', 'SELECT * FROM person ORDER BY ticket',
    `SELECT * FROM event WHERE id <= ${last} ORDER BY id`, `SELECT * FROM command WHERE id <= ${last} ORDER BY id`].map((sql) => booth.query(sql));
  return crypto.createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

// The latest that was said of each ticket.
function latest(acks) {
  const said = new Map();
  for (const { answer: { ticket } } of acks) if (ticket && !(said.get(ticket.id)?.version > ticket.version)) said.set(ticket.id, ticket);
  return said;
}

async function assertTickets(client, acks) {
  await each(latest(acks).values(), async (said) => {
    const is = await client.get(`/api/v1/tickets/${said.id}`);
    assert.equal(is.status, 200, `ticket ${said.number} (${said.id}) is lost: ${is.text}`);
    assert.equal(is.json.number, said.number);
    assert.ok(is.json.version >= said.version, `ticket ${said.number}: version ${said.version} was acknowledged, ${is.json.version} is there: lost`);
    if (is.json.version === said.version) assert.equal(is.json.state, said.state, `ticket ${said.number}`);
  });
}

async function assertRepeats(client, acks) {
  await each(acks, async (a) => {
    const again = await client.send(a.method, a.path, a.body, { key: a.key });
    assert.deepEqual([again.status, again.json.seq, again.json.ticket?.id, again.json.ticket?.number], [a.status, a.answer.seq, a.answer.ticket?.id, a.answer.ticket?.number],
      `acknowledged ${a.key} is lost: its repeat had another end`);
  });
}

// One more, and all the same.
async function assertServes(client) {
  const { ticket } = await client.issue({ name: 'name-after' });
  assert.ok((await client.queue()).tickets.some((t) => t.id === ticket.id));
}

// One database may have been about to take the place of another, which then says so.
function assertBanner(banner, exchanging) {
  if (!exchanging) assert.equal(banner, null, `it is not the booth that it was: ${banner?.detail}`);
  else if (banner) assert.match(banner.detail, /^A copy took the place of the database/);
}

// dir: whose `state` is what was left; acks: of the commands that were acknowledged before, see evening.mjs; exchanging:
// a backup of all of that was just being restored. Throws if anything is missing.
export async function examine(dir, acks, { exchanging }) {
  const booth = new Booth(dir, { set: { machine_id: 'power' }, env: {}, wrap: [] });
  const snapshots = assertSnapshots(booth.state);
  await booth.launch();
  try {
    const client = booth.cli({ connections: AT_ONCE });
    assertBanner(expect(await client.get('/api/v1/system'), 200).banner, exchanging);
    const begun = await client.queue();
    assertWhole(booth);
    const journal = new Journal();
    journal.replay(booth);
    journal.compareTickets(booth, { erased: true });
    await assertTickets(client, acks);
    const [{ last }] = booth.query('SELECT max(id) AS last FROM event');
    const before = fingerprint(booth, last);
    await assertRepeats(client, acks);
    assert.equal(fingerprint(booth, last), before, 'a repeat changed something');
    await booth.kill();
    await booth.launch();
    assert.equal(fingerprint(booth, last), before, 'the state was another after a second start');
    assert.equal((await client.queue()).booth.epoch, begun.booth.epoch);
    await assertServes(client);
    await booth.restart();
    assertWhole(booth);
    return { snapshots, events: journal.seq, tickets: journal.tickets.size };
  } finally {
    await booth.kill();
  }
}
