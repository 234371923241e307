// A database that is short of something, or falls silent in the middle of a statement: nothing is half kept, and the hub
// does not stay with it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { Load } from '../lib/load.mjs';
import { Hub } from '../lib/hub.mjs';

const hub = await Hub.start({ set: { connections: 1 } });
const load = await Load.of(hub, 1);
after(async () => {
  load.stop();
  await hub.stop();
});
const count = async (table) => (await hub.rows(`SELECT count(*) AS n FROM ${table}`))[0].n;
const statuses = async (events) => (await load.run({ booths: 1, bundles: 1, events })).statuses;

// Between the hub and PostgreSQL: once armed, the first connection to bring much is not read from any more.
async function relay(postgres) {
  const socket = '.s.PGSQL.5433', open = new Set(), it = { armed: false, stalled: 0 };
  const server = net.createServer((near) => {
    const far = net.connect(path.join(postgres.dir, '.s.PGSQL.5432'));
    let n = 0;
    for (const [from, to] of [[near, far], [far, near]]) {
      open.add(from);
      from.on('error', () => {}).on('close', () => near.isPaused() || to.destroy());
    }
    far.on('data', (bytes) => near.write(bytes));
    near.on('data', (bytes) => {
      n += it.armed ? bytes.length : 0;
      if (n < 65536) return void far.write(bytes);
      Object.assign(it, { armed: false, stalled: it.stalled + 1 });
      near.pause();
      far.destroy(); // the server itself notices, and lets its locks go
    });
  });
  server.listen(path.join(postgres.dir, socket));
  await once(server, 'listening');
  it.conninfo = `${postgres.conninfo} port=5433`;
  it.stop = () => {
    server.close();
    for (const s of open) s.destroy();
  };
  return it;
}

test('while the database’s disk is full nothing of a bundle is stored; its repeat is stored whole', async () => {
  await hub.postgres.psql(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON ticket EXECUTE FUNCTION full_disk()`);
  assert.deepEqual(await statuses(9), { 503: 1 });
  assert.deepEqual([await count('event'), await count('quarantine')], [0, 0]);
  await hub.postgres.psql('DROP TRIGGER full_disk ON ticket');
  load.first = 1;
  assert.deepEqual(await statuses(9), { 200: 1 });
  assert.deepEqual([await count('event'), await count('ticket'), await count('quarantine')], [9, 3, 0]);
});

test('a database that stops reading does not block the thread', { timeout: 120000 }, async () => {
  const between = await relay(hub.postgres);
  await hub.halt();
  hub.set.database = between.conninfo;
  await hub.launch();
  try {
    between.armed = true;
    assert.deepEqual(await statuses(3000), { 200: 1 }, 'over another connection');
    assert.equal(between.stalled, 1);
    assert.equal(await count('event'), 3009);
  } finally {
    await hub.halt().finally(between.stop);
    delete hub.set.database;
    await hub.launch();
  }
});
