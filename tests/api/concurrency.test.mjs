// Eight phones, a button and a terminal call at once: every ticket is called exactly once, in order per line.
import assert from 'node:assert/strict';
import { after, describe, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { waitFor } from '../lib/wait.mjs';

const TICKETS = 1000;
const PHONES = 8;
const LINES = [{ id: 'a', name: '2인석', prefix: 'A' }, { id: 'b', name: '단체', prefix: 'B' }];
const booth = await shared(after);
const cli = booth.cli({ connections: 32 });
await cli.settings({ lines: LINES });
const phones = await Promise.all(Array.from({ length: PHONES }, (_, i) => booth.signIn('staff', `phone ${i}`)));

// Ids by line in the order of issue.
async function fill() {
  const issued = await Promise.all(Array.from({ length: TICKETS }, (_, i) => cli.issue({ line: LINES[i % 2].id })));
  const order = issued.sort((x, y) => x.seq - y.seq).map(({ ticket }) => ticket);
  return Object.fromEntries(LINES.map(({ id }) => [id, order.filter((t) => t.line === id).map((t) => t.id)]));
}

// One phone: calls until nobody waits. twice: each request is sent two times under one key, at the same time.
async function hammer(phone, n, twice) {
  const got = [];
  for (let i = 0; ; i++) {
    const body = n % 3 === 2 ? undefined : { line: LINES[n % 3].id };
    const key = `${twice}-${n}-${i}`;
    const send = () => phone.post('/api/v1/call-next', body, { key });
    const answers = await Promise.all(twice ? [send(), send()] : [send()]);
    // An error is evaluated afresh, so the twin of a late success may come first: both have the same end.
    const done = answers.filter((a) => a.status === 200);
    for (const a of answers) if (a.status !== 200) expect(a, 409, 'nothing_waiting');
    if (!done.length) return got;
    assert.equal(done.length, answers.length, 'one of two twins was refused');
    assert.equal(new Set(done.map((a) => a.json.seq)).size, 1);
    got.push(done[0].json.ticket.id);
  }
}

async function terminal() {
  const got = [];
  for (;;) {
    const done = await booth.ctl('--json', 'call-next');
    if (done.status) return got;
    got.push(JSON.parse(done.stdout).ticket.id);
  }
}

async function button(busy) {
  while (busy()) await cli.post('/api/v1/system/panel/press', { ms: 30 });
}

async function round(twice) {
  const expected = await fill();
  const stream = await phones[0].stream();
  const { data: { seq: from } } = await stream.snapshot();
  let busy = true;
  const pressing = button(() => busy);
  const answered = (await Promise.all([...phones.map((p, n) => hammer(p, n, twice)), terminal()])).flat();
  busy = false;
  await pressing;
  const { seq: to } = await cli.queue();
  await waitFor(() => stream.of('change').some((e) => e.data.seq >= to) || to === from, { what: 'the last change' });
  stream.close();
  const calls = stream.of('change').map((e) => e.data).filter((c) => c.type === 'ticket.called');
  for (const { id } of LINES) assert.deepEqual(calls.filter((c) => c.ticket.line === id).map((c) => c.ticket.id), expected[id], `line ${id} was called in another order`);
  assert.equal(calls.length, TICKETS);
  const pressed = calls.filter((c) => c.ticket.actor === 'button').map((c) => c.ticket.id);
  assert.deepEqual([...answered, ...pressed].sort((x, y) => x - y), calls.map((c) => c.ticket.id).sort((x, y) => x - y), 'answers and calls differ');
  for (const c of calls) assert.equal(c.ticket.calls, 1);
  for (const t of (await cli.queue()).tickets) if (t.state === 'called') await cli.act(t.id, 'cancel');
}

describe(`${PHONES} phones, a button and boothctl over ${TICKETS} waiting`, () => {
  test('each called once, in order', () => round(false));
  test('the same with every request sent twice under one key', () => round(true));
});

test('eight phones that all see the same first one call it once', async () => {
  const [first, second] = [await cli.issue({ line: 'a' }), await cli.issue({ line: 'a' })].map((x) => x.ticket);
  const answers = await Promise.all(phones.map((p) => p.post('/api/v1/call-next', { line: 'a', expect: first.id })));
  const [one, ...none] = answers.sort((x, y) => x.status - y.status);
  expect(one, 200);
  for (const a of none) assert.equal(expect(a, 412, 'stale_version').ticket.id, second.id);
});

test('eight phones seat, miss and cancel the same guest by version: one of them succeeds', async () => {
  for (let i = 0; i < 20; i++) {
    const { ticket } = await cli.issue();
    const { version } = (await cli.act(ticket.id, 'call')).ticket;
    const answers = await Promise.all(phones.map((p, n) => p.post(`/api/v1/tickets/${ticket.id}/${['seat', 'no-show', 'cancel'][n % 3]}`, undefined, { ifMatch: version })));
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array(PHONES - 1).fill(412)]);
  }
});

test('4096 active tickets are the limit', async () => {
  const { lines } = await cli.queue();
  const waiting = lines.reduce((sum, l) => sum + l.waiting, 0);
  const called = (await cli.queue()).tickets.filter((t) => t.state === 'called').length;
  await Promise.all(Array.from({ length: 4096 - waiting - called }, () => cli.issue()));
  expect(await cli.post('/api/v1/tickets', { party_size: 2 }), 409, 'queue_full');
  const { ticket } = await cli.callNext();
  await cli.act(ticket.id, 'seat');
  await cli.issue();
});
