// Each part of the benches for about a second, so that it works on the day that somebody wants its figures. None is judged.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { childrenOf, lives, processor } from '../lib/proc.mjs';
import { test } from '../lib/test.mjs';
import * as booth from './booth.mjs';
import { missing } from './figures.mjs';
import * as hub from './hub.mjs';

for (const [name, { parts, small }] of Object.entries({ booth, hub }))
  for (const { name: part, measure, lines, none } of parts)
    test(`bench of the ${name}: ${part}`, async () => {
      const figures = await measure(small);
      assert.deepEqual(missing(figures, none), []);
      assert.doesNotMatch(lines(figures, small).join('\n'), /NaN|Infinity|undefined/);
    });

test('a missing, invalid or zero figure is found', () => {
  assert.deepEqual(missing({ rows: [{ rate: 1, disk: 'F' }], bytes: 0 }, ['bytes']), []);
  assert.deepEqual(missing({ rows: [{ rate: 0, p50: NaN, p99: undefined, max: Infinity, ratio: -1 }], list: [], bytes: NaN, no: null }, ['bytes']),
    ['.rows.0.rate is 0', '.rows.0.p50 is NaN', '.rows.0.p99 is undefined', '.rows.0.max is Infinity', '.rows.0.ratio is -1', '.list is empty', '.bytes is NaN', '.no is null']);
});

test('processes may end while they are counted', async () => {
  const parent = spawn('bash', ['-c', 'for ((;;)); do /bin/true & /bin/true & /bin/true & wait; done']);
  try {
    const seen = new Set();
    for (let i = 0; i < 300 || seen.size < 20; i++) {
      for (const pid of childrenOf(parent.pid)) seen.add(pid);
      assert.ok(processor(parent.pid) >= 0);
      await new Promise(setImmediate);
    }
    assert.ok(lives(parent.pid));
  } finally {
    parent.kill('SIGKILL');
  }
});
