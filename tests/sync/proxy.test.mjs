// The instruments themselves: each fault is the fault that its name says, the same seed gives the same schedule, and a
// link has the rate, the round trip and the losses that were asked for.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, beforeEach, describe, test } from '../lib/test.mjs';
import { Relay } from '../lib/relay.mjs';
import { scaled } from '../lib/pace.mjs';
import { FAULTS, Proxy, schedule } from '../lib/proxy.mjs';
import { waitFor } from '../lib/wait.mjs';

// A hub that numbers what it hears.
const heard = [];
const hub = http.createServer(async (request, response) => {
  const chunks = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    heard.push('half');
    return;
  }
  heard.push(Buffer.concat(chunks).toString('latin1'));
  response.end(`answer ${heard.length} to ${heard.at(-1)}`);
});
hub.listen(0, '127.0.0.1');
await once(hub, 'listening');
const to = { host: '127.0.0.1', port: hub.address().port };
after(() => hub.close());
beforeEach(() => heard.splice(0));

function post(at, body) {
  return new Promise((resolve) => {
    const request = http.request({ ...at, method: 'POST', path: '/api/v1/exchange', agent: false }, (response) => {
      const chunks = [];
      response.on('data', (c) => chunks.push(c));
      response.on('error', () => resolve({ status: response.statusCode, failed: true, text: Buffer.concat(chunks).toString('latin1') }));
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString('latin1'), headers: response.headers }));
    });
    request.on('error', () => resolve({ failed: true }));
    request.end(body);
  });
}
const bits = (a, b) => [...a].reduce((sum, c, i) => sum + (c.charCodeAt(0) ^ b.charCodeAt(i)).toString(2).replaceAll('0', '').length, 0);

describe('faults', () => {
  // What the booth is given, what the hub heard; `first` was asked before without any fault.
  const seen = {
    reset: (a) => a.failed && heard.length === 1,
    lost: (a) => a.failed && heard.join() === 'first,now',
    delay: (a) => a.text === 'answer 2 to now' && a.ms >= 100,
    stall: (a) => a.text === 'answer 2 to now' && a.ms >= 1000,
    twice: (a) => a.text === 'answer 2 to now' && heard.join() === 'first,now,now',
    together: (a) => /^answer [23] to now$/.test(a.text) && heard.join() === 'first,now,now',
    old_request: (a) => a.text === 'answer 2 to now' && ['first,now,first', 'first,now,now'].includes(heard.join()),
    old_answer: (a) => /^answer (1 to first|2 to now)$/.test(a.text) && heard.join() === 'first,now',
    half_request: (a) => a.failed && heard[1] === 'half',
    half_answer: (a) => a.failed && 'answer 2 to now'.startsWith(a.text) && a.text.length < 15 && heard.join() === 'first,now',
    changed_request: (a) => bits(heard[1], 'now') === 1 && a.text === `answer 2 to ${heard[1]}`,
    changed_answer: (a) => bits(a.text, 'answer 2 to now') === 1 && heard.join() === 'first,now',
    captive: (a) => a.status === 200 && /html/.test(a.text) && heard.length === 1,
    redirect: (a) => a.status === 302 && a.headers.location && heard.length === 1,
    gateway: (a) => a.status === 502 && heard.length === 1,
    blocked: (a) => a.status === 403 && !/json/.test(a.headers['content-type']) && heard.length === 1,
    busy: (a) => a.status === 429 && a.headers['retry-after'] === '1' && heard.length === 1,
    unavailable: (a) => a.status === 503 && a.headers['retry-after'] === '1' && heard.length === 1,
  };
  for (const fault of FAULTS)
    test(fault, async () => {
      const proxy = await Proxy.start({ to });
      try {
        assert.equal((await post(proxy.address, 'first')).text, 'answer 1 to first');
        proxy.fault = fault;
        const begun = performance.now();
        const answer = await post(proxy.address, 'now');
        answer.ms = performance.now() - begun;
        if (fault === 'half_request') await waitFor(() => heard.length > 1, { what: 'half a request' }); // nobody waits for its end
        assert.ok(seen[fault](answer), JSON.stringify({ answer, heard }));
        assert.deepEqual(proxy.log.map((e) => e.fault), [null, fault]);
        assert.equal(proxy.log[1].sent.toString(), 'now');
      } finally {
        await proxy.stop();
      }
    });

  test('a seed determines the schedule', () => {
    const faults = (seed) => Array.from({ length: 1000 }, schedule({ seed, share: 0.4 }));
    assert.deepEqual(faults(7), faults(7));
    assert.notDeepEqual(faults(7), faults(8));
    const hits = faults(7).filter(Boolean);
    assert.ok(hits.length > 330 && hits.length < 470, `${hits.length} of 1000`);
    assert.deepEqual([...new Set(hits)].sort(), [...FAULTS].sort());
  });
});

describe('links', () => {
  const through = async (options, body) => {
    const relay = await Relay.start({ to, ...options });
    try {
      const begun = performance.now();
      const answer = await post(relay.address, body);
      return { ...answer, ms: performance.now() - begun, relay };
    } finally {
      await relay.stop();
    }
  };

  test('bytes arrive as they were sent', async () => {
    const body = Buffer.from(Array.from({ length: 300000 }, (_, i) => 32 + i % 90)).toString();
    const { text } = await through({ loss: 0.05, rtt: 20, rate: 20e6 }, body);
    assert.ok(heard[0] === body && text === `answer 1 to ${body}`); // not equal(): it would print them
  });
  test('a rate', async () => {
    const { ms } = await through({ rate: 400e3 }, 'x'.repeat(50000)); // 1 s there, 1 s back
    assert.ok(ms > 1900 && ms < scaled(6000), `${ms} ms`);
  });
  test('a round trip: one to connect, one to request', async () => {
    const { ms } = await through({ rtt: 300 }, 'x');
    assert.ok(ms > 590 && ms < scaled(3000), `${ms} ms`);
  });
  test('losses cost only time', async () => {
    const { ms } = await through({ rtt: 100, loss: 1 }, 'x'); // one more round trip for each way
    assert.ok(ms > 390 && ms < scaled(3000), `${ms} ms`);
    assert.equal(heard[0], 'x');
  });
  test('unplugged, and plugged', async () => {
    const relay = await Relay.start({ to, rtt: 1000 });
    try {
      const asked = post(relay.address, 'lost');
      await once(relay.server, 'connection');
      relay.cut();
      assert.ok((await asked).failed);
      assert.ok((await post(relay.address, 'lost')).failed);
      assert.ok(relay.refused > 0);
      relay.plug();
      relay.rtt = 0;
      assert.equal((await post(relay.address, 'back')).text, 'answer 1 to back');
    } finally {
      await relay.stop();
    }
  });
});
