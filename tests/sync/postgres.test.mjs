// The tests' own PostgreSQL: a commit outlives SIGKILL, a backup brings back its hour and nothing later.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { Postgres } from '../lib/postgres.mjs';

const postgres = await Postgres.start();
after(() => postgres.stop());
const numbers = async () => (await postgres.rows('SELECT n FROM t ORDER BY n')).map((r) => r.n);

test('committed rows are there after SIGKILL', async () => {
  await postgres.psql('CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
  await postgres.kill();
  await assert.rejects(postgres.psql('SELECT 1'));
  await postgres.launch();
  assert.deepEqual(await numbers(), [1]);
});

test('a restored backup has the rows of its time', async () => {
  const backup = await postgres.backup();
  await postgres.psql('INSERT INTO t VALUES (2)');
  assert.deepEqual(await numbers(), [1, 2]);
  await postgres.restore(backup);
  assert.deepEqual(await numbers(), [1]);
});

test('so has a copy of its files', async () => {
  const image = await postgres.image();
  await postgres.psql('INSERT INTO t VALUES (3)');
  await postgres.putBack(image);
  assert.deepEqual(await numbers(), [1]);
});

test('it listens on no port, and syncs', async () => {
  assert.equal((await postgres.psql('SHOW listen_addresses')).trim(), '');
  assert.equal((await postgres.psql('SHOW fsync')).trim(), 'on');
});
