// What systemd is told: that boothd is ready, and then that it is well, for as long as its writer answers. A card that
// stalls for as long as cards do is no reason to be ended in the middle of a commit; a writer that is gone is.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { scaled } from '../lib/pace.mjs';
import { preload } from '../lib/preload.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const OFTEN = scaled(5000); // half of the shortest interval that a unit would ask for
const STALL = 17000; // the longest that was reported of a card
const DEAD = 45000; // then it is let go

test('the watchdog is fed through a stall, and not for a writer that never comes back', { timeout: 180000 }, async (t) => {
  let file, log;
  const booth = await Booth.start({
    env: (dir) => {
      file = path.join(dir, 'stalled');
      log = path.join(dir, 'notified');
      return preload(['slowsync', 'notified'], { SLOWSYNC_WHILE: file, NOTIFIED: log, WATCHDOG_USEC: 2 * OFTEN * 1000 });
    },
  });
  t.after(async () => {
    fs.rmSync(file, { force: true });
    await booth.stop();
  });
  const written = () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '');
  const told = () => written().split('\n').slice(0, -1).map((line) => /^(\d+) (.*)$/.exec(line)).map(([, ms, text]) => ({ ms: Number(ms), text }));
  const pings = () => told().filter(({ text }) => text === 'WATCHDOG=1').map(({ ms }) => ms);
  const longest = (times) => Math.max(...times.slice(1).map((ms, i) => ms - times[i]));

  await waitFor(() => pings().length > 1, { what: 'the first pings' });
  assert.equal(told()[0].text, 'READY=1');
  const cli = booth.cli();
  const before = await cli.issue();

  fs.writeFileSync(file, '');
  const waiting = cli.issue({}, { timeout: 60000 });
  await pause(STALL);
  assert.equal((await cli.queue()).seq, before.seq, 'it is not committed');
  fs.rmSync(file);
  await waiting;
  assert.ok(longest(pings()) < OFTEN, `${longest(pings())} ms without a ping in a stall of ${STALL}`);

  fs.writeFileSync(file, '');
  const lost = cli.issue({}, { timeout: 120000 });
  const began = pings().at(-1);
  const silent = () => Date.now() - silent.since > OFTEN;
  const last = await waitFor(async () => {
    const now = pings().at(-1);
    if (now !== silent.last) Object.assign(silent, { last: now, since: Date.now() });
    return silent() && now;
  }, { timeout: DEAD + 4 * OFTEN, every: 200, what: 'the pings to end' });
  assert.ok(last - began > STALL && last - began < DEAD + OFTEN, `the last ping came after ${last - began} ms`);
  expect(await cli.get('/api/v1/queue'), 200); // the loop itself is well: it is the writer that is not
  fs.rmSync(file);
  await lost;
  await waitFor(() => pings().at(-1) > last, { what: 'pings for a writer that came back after all' });
});
