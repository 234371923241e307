// A database that an older hub made is brought to the present schema, with all that it holds.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from '../lib/test.mjs';
import { Hub } from '../lib/hub.mjs';
import { Postgres } from '../lib/postgres.mjs';

const schema = (n) => fs.readFileSync(new URL(`../../hub/db/schema/${n}.sql`, import.meta.url), 'utf8');
const postgres = await Postgres.start({ settings: { fsync: 'off' } });
const hub = Object.assign(new Hub(), { postgres, set: {}, env: {}, port: 0 });
after(() => postgres.stop());

test('a database of the first schema', async () => {
  await postgres.psql(`BEGIN; ${schema('001')}
    CREATE TABLE schema_version (version bigint PRIMARY KEY, at bigint NOT NULL);
    INSERT INTO schema_version VALUES (1, 0);
    INSERT INTO hub (generation, place)
      SELECT 7, system_identifier || '/' || d.oid FROM pg_control_system(), pg_database d WHERE d.datname = current_database();
    INSERT INTO booth (id, name, made_at) VALUES ('\\x01', 'North', 0);
    INSERT INTO epoch (booth, id, seen_at) SELECT n, '\\x02', 0 FROM booth;
    INSERT INTO island SELECT n, 5, 9 FROM epoch;
    INSERT INTO hole SELECT n, 1, 2 FROM epoch;
    INSERT INTO once VALUES ('\\x03', '\\x04', '\\x05', 6);
    COMMIT`);
  assert.match(await hub.admin('list'), /North/);
  const [{ version }] = await hub.rows('SELECT max(version) AS version FROM schema_version');
  assert.equal(version, fs.readdirSync(new URL('../../hub/db/schema', import.meta.url)).length);
  assert.equal(await hub.generation(), 7, 'it is the same database, not a restored one');
  assert.deepEqual(await hub.rows('SELECT first_seq, last_seq FROM pending_range'), [{ first_seq: 5, last_seq: 9 }]);
  assert.deepEqual(await hub.rows('SELECT first_seq, last_seq FROM gap'), [{ first_seq: 1, last_seq: 2 }]);
  assert.deepEqual(await hub.rows('SELECT fingerprint, made_at FROM idempotency_key'), [{ fingerprint: '\\x04', made_at: 6 }]);
});

test('a database of a newer schema is refused', async () => {
  await postgres.psql('INSERT INTO schema_version VALUES (1000, 0)');
  await assert.rejects(hub.admin('list'), /newer version/);
});
