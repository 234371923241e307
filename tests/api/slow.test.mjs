// What takes its time: all at once, beside each other.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, describe, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const booth = await shared(after);

describe('with patience', { concurrency: true }, () => {
  test('a quiet stream has a comment each 15 s', async () => {
    const staff = await booth.signIn();
    const streams = await Promise.all([staff.stream(), staff.stream('/api/v1/board/stream')]);
    await Promise.all(streams.map((s) => s.snapshot()));
    const begun = performance.now();
    await Promise.all(streams.map((s) => waitFor(() => s.comments >= 1, { timeout: 17000, what: 'a heartbeat' })));
    assert.ok(performance.now() - begun < 16500);
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
        const end = () => { clearInterval(drip); socket.destroy(); resolve(performance.now() - begun); };
        socket.on('close', end).on('error', end);
        socket.on('end', end);
        socket.resume();
        setTimeout(end, 25000).unref();
      });
      assert.ok(closed > 5000 && closed < 20000, `after ${Math.round(closed)} ms`);
    });

  test('a guest who does not come is missed by the timer, 60 s after the latest call', async () => {
    const cli = booth.cli();
    await cli.settings({ no_show_after_s: 60 });
    const { ticket } = await cli.issue();
    await cli.act(ticket.id, 'call');
    await pause(2000);
    const again = performance.now();
    await cli.act(ticket.id, 'call'); // moves the end
    const missed = await waitFor(async () => { const t = await cli.ticket(ticket.id); return t.state === 'no_show' && t; }, { timeout: 63000, every: 100, what: 'no-show' });
    assert.ok(performance.now() - again > 59500);
    assert.equal(missed.actor, 'timer');
    await cli.undo(missed.undo_seq);
    assert.equal((await cli.ticket(ticket.id)).state, 'called');
  });
});
