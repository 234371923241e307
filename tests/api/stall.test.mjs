// A slow disk, 30 ms a sync and 800 ms each 50th, and 32 phones that write: who reads must not feel it. On a slower machine the
// disk is as much slower, so that the one remains as far from the other.
// The reader is a process of its own, so that only boothd is measured and not this test's own event loop.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { test } from '../lib/test.mjs';
import { fileURLToPath } from 'node:url';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { scaled } from '../lib/pace.mjs';
import { preload } from '../lib/preload.mjs';

const SYNC_MS = scaled(30);
const STALL_MS = scaled(800);
const WRITERS = 32;
const SECONDS = scaled(8000) / 1000; // some three of its stalls
const ROUNDS = 3; // a busy machine may spoil one; a loop that waits for the disk is late in every one

// Reads GET /queue over one connection for so long: the latencies in ms, sorted.
function read(booth, cookie, seconds) {
  const child = fork(fileURLToPath(new URL('../lib/reader.mjs', import.meta.url)), [JSON.stringify({ ...booth.address, cookie, seconds })]);
  return new Promise((resolve, reject) => {
    child.on('message', resolve);
    child.on('exit', (code) => reject(new Error(`the reader ended with ${code}`)));
  });
}
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const line = (name, ms) => `${name}: ${ms.length} reads, p50 ${at(ms, 0.5).toFixed(2)} ms, p99 ${at(ms, 0.99).toFixed(2)} ms, longest ${ms.at(-1).toFixed(1)} ms`;

test('reads stay fifty times quicker than the stall, and the loop never waits for the disk', async () => {
  const booth = await Booth.start({ env: preload(['slowsync'], { SLOWSYNC_MS: SYNC_MS, SLOWSYNC_EVERY: 50, SLOWSYNC_STALL_MS: STALL_MS }), timeout: 60000 });
  try {
    const staff = await booth.signIn('staff', 'phone', { connections: WRITERS });
    for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: 16 }, () => staff.issue()));
    const alone = await read(booth, staff.cookie, 2);

    let busy = true;
    const waits = [];
    const timed = async (asked) => {
      const begun = performance.now();
      const answer = await asked;
      waits.push(performance.now() - begun);
      return answer;
    };
    const writer = async () => {
      while (busy) { // the list stays as long as it is: who comes, goes
        const { ticket } = await timed(staff.issue());
        await timed(staff.act(ticket.id, 'cancel'));
      }
    };
    const writers = Promise.all(Array.from({ length: WRITERS }, writer));
    let beside;
    for (let i = 0; i < ROUNDS && !(beside && at(beside, 0.99) < STALL_MS / 50); i++) {
      beside = await read(booth, staff.cookie, SECONDS);
      console.log(line(`beside ${WRITERS} writers`, beside));
    }
    busy = false;
    await writers;
    waits.sort((a, b) => a - b);
    const { loop } = expect(await booth.cli().get('/api/v1/system'), 200);
    console.log(line('alone', alone));
    console.log(`${waits.length} commands, p50 ${at(waits, 0.5).toFixed(0)} ms, longest ${waits.at(-1).toFixed(0)} ms; longest iteration of the loop ${loop.longest_iteration_ms} ms`);
    assert.ok(waits.at(-1) > STALL_MS * 0.9, 'the disk never stalled: nothing was shown');
    assert.ok(waits.length > 10 * WRITERS, 'hardly anything was written: nothing was shown');
    assert.ok(at(beside, 0.99) < STALL_MS / 50, `p99 ${at(beside, 0.99)} ms`);
    // each stall would be a turn; a busy machine's scheduler may well add tens of milliseconds
    assert.ok(loop.longest_iteration_ms < STALL_MS / 2, `the loop once took ${loop.longest_iteration_ms} ms`);
  } finally {
    await booth.stop({ within: 15000 });
  }
});
