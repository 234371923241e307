// Forty booths come back in the same second, each with a backlog: none is turned away with an error of the hub's.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { Hub } from '../lib/hub.mjs';
import { Load } from '../lib/load.mjs';

const hub = await Hub.start();
after(() => hub.stop());

test('40 booths in the same second', { timeout: 120000 }, async () => {
  const load = await Load.of(hub, 40);
  try {
    const { statuses, complete, max } = await load.run({ booths: 40, bundles: 5, events: 200 });
    console.log(`40 × 1000 events: the slowest answer took ${Math.round(max / 1000)} ms`);
    assert.deepEqual(statuses, { 200: 200 }, hub.tail());
    assert.equal(complete, 40);
    assert.equal((await hub.rows('SELECT count(*) AS n FROM event'))[0].n, 40000);
  } finally {
    load.stop();
  }
});
