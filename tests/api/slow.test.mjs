// What takes its time: all at once, beside each other.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, describe, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { scaled } from '../lib/pace.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const booth = await shared(after);

describe('timers of 15 s and more', { concurrency: true }, () => {
  test('a quiet stream has a comment each 15 s', async () => {
    const staff = await booth.signIn();
    const streams = await Promise.all([staff.stream(), staff.stream('/api/v1/board/stream')]);
    await Promise.all(streams.map((s) => s.snapshot()));
    const begun = performance.now();
    const quarter = pause(15000).then(() => performance.now() - begun); // as long as it takes on this machine
    await Promise.all(streams.map((s) => waitFor(() => s.comments >= 1, { timeout: 30000, what: 'a heartbeat' })));
    const [heard, timer] = [performance.now() - begun, await quarter];
    assert.ok(heard < timer + scaled(1500), `after ${Math.round(heard)} ms, a timer after ${Math.round(timer)} ms`);
    streams.forEach((s) => s.close());
  });

  // One byte at a time keeps a connection busy: only a limit for the whole request ends it.
  for (const [name, text] of [['request line', 'GET /api/v1/board HT'], ['headers', 'GET /api/v1/board HTTP/1.1\r\nHost: localhost\r\nX-A: '],
    ['body', 'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{']])
    test(`a request that is not complete in 15 s is ended: ${name}`, async () => {
      const begun = performance.now();
      const closed = await new Promise((resolve) => {
        const socket = net.connect(booth.address, () => socket.write(text));
        const drip = setInterval(() => socket.write('x'), 1000);
        const end = (ms = performance.now() - begun) => { clearInterval(drip); clearTimeout(never); socket.destroy(); resolve(ms); };
        const never = setTimeout(end, scaled(25000), Infinity);
        for (const how of ['end', 'close', 'error']) socket.on(how, () => end());
        socket.resume();
      });
      assert.ok(closed > 5000 && closed < scaled(20000), `after ${Math.round(closed)} ms`);
    });

  test('the timer marks a called guest as no-show 60 s after the latest call', { timeout: 120000 }, async () => {
    const cli = booth.cli();
    await cli.settings({ no_show_after_s: 60 });
    const { ticket } = await cli.issue();
    await cli.act(ticket.id, 'call');
    await pause(2000);
    const again = performance.now();
    await cli.act(ticket.id, 'call'); // moves the end
    const missed = await waitFor(async () => { const t = await cli.ticket(ticket.id); return t.state === 'no_show' && t; }, { timeout: 90000, every: 100, what: 'no-show' });
    assert.ok(performance.now() - again > 59500);
    assert.equal(missed.actor, 'timer');
    await cli.undo(missed.undo_seq);
    assert.equal((await cli.ticket(ticket.id)).state, 'called');
  });
});
