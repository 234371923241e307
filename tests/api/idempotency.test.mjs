// One wish, one effect: keys, versions, expectations, epochs.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';

const booth = await shared(after);
let serial = 0;
const newKey = () => `key-${++serial}`;
const staff = await booth.signIn();

// Every kind of command, made afresh: [method, path, body]
const wishes = {
  issue: async () => ['POST', '/api/v1/tickets', { party_size: 3, name: '민아' }],
  call: async () => ['POST', `/api/v1/tickets/${(await staff.issue()).ticket.id}/call`],
  'call-next': async () => (await staff.issue(), ['POST', '/api/v1/call-next', {}]),
  requeue: async () => ['POST', `/api/v1/tickets/${(await staff.issue()).ticket.id}/requeue`, { after: 3 }],
  edit: async () => ['PATCH', `/api/v1/tickets/${(await staff.issue()).ticket.id}`, { party_size: 9 }],
  undo: async () => ['POST', '/api/v1/undo', { seq: (await staff.issue()).seq }],
  intake: async () => ['PUT', '/api/v1/intake', { state: 'open' }],
};

for (const [name, make] of Object.entries(wishes))
  test(`${name}: the repeat is answered with the same status and seq and does nothing`, async () => {
    const [method, path, body] = await make();
    const key = newKey();
    const first = await staff.send(method, path, body, { key });
    assert.ok(first.status < 300, first.text);
    const { seq } = await staff.queue();
    for (let i = 0; i < 3; i++) {
      const again = await staff.send(method, path, body, { key });
      assert.equal(again.status, first.status);
      assert.equal(again.json.seq, first.json.seq);
      assert.equal(again.json.ticket?.id, first.json.ticket?.id);
    }
    assert.equal((await staff.queue()).seq, seq);
  });

test('the repeat shows the present ticket', async () => {
  const key = newKey();
  const first = await staff.issue({ name: '처음' }, { key });
  await staff.act(first.ticket.id, 'call');
  await staff.edit(first.ticket.id, { name: '지금' });
  const again = await staff.issue({ name: '처음' }, { key });
  assert.equal(again.seq, first.seq);
  assert.deepEqual([again.ticket.state, again.ticket.name, again.ticket.version], ['called', '지금', 3]);
});

test('the same key for another request is refused, whatever differs', async () => {
  const key = newKey();
  const { ticket } = await staff.issue({}, { key });
  expect(await staff.post('/api/v1/tickets', { party_size: 3 }, { key }), 422, 'key_reused');
  expect(await staff.post(`/api/v1/tickets/${ticket.id}/call`, undefined, { key }), 422, 'key_reused');
  expect(await staff.put('/api/v1/intake', { state: 'open' }, { key }), 422, 'key_reused');
});

test('keys belong to the booth: another phone’s repeat counts, too', async () => {
  const other = await booth.signIn('staff', 'other');
  const key = newKey();
  const first = await staff.issue({}, { key });
  assert.equal((await other.issue({}, { key })).seq, first.seq);
});

test('a refusal is not remembered', async () => {
  const { ticket } = await staff.issue();
  const key = newKey();
  expect(await staff.post(`/api/v1/tickets/${ticket.id}/no-show`, undefined, { key }), 409, 'wrong_state');
  await staff.act(ticket.id, 'call');
  expect(await staff.post(`/api/v1/tickets/${ticket.id}/no-show`, undefined, { key }), 200);
});

test('a repeat is recognized before it is found stale or impossible', async () => {
  const { ticket } = await staff.issue();
  const key = newKey();
  const path = `/api/v1/tickets/${ticket.id}/seat`;
  const first = expect(await staff.post(path, undefined, { key, ifMatch: 1 }), 200);
  assert.equal(expect(await staff.post(path, undefined, { key, ifMatch: 1 }), 200).seq, first.seq);
  const next = newKey();
  const guest = (await staff.issue()).ticket;
  for (const t of (await staff.queue()).tickets) if (t.state === 'waiting' && t.id !== guest.id) await staff.act(t.id, 'cancel');
  const called = await staff.callNext({ expect: guest.id }, { key: next });
  assert.equal((await staff.callNext({ expect: guest.id }, { key: next })).seq, called.seq);
});

test('twenty requests at once under one key are one command', async () => {
  const before = (await staff.queue()).seq;
  const clients = await Promise.all([1, 2, 3, 4].map((i) => booth.signIn('staff', `phone ${i}`, { connections: 5 })));
  const key = newKey();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => clients[i % 4].issue({ party_size: 5 }, { key })));
  assert.equal(new Set(answers.map((a) => a.seq)).size, 1);
  assert.equal(new Set(answers.map((a) => a.ticket.id)).size, 1);
  assert.equal((await staff.queue()).seq, before + 1);
});

test('keys outlive restarts', async () => {
  const key = newKey();
  const first = await staff.issue({ name: '민아' }, { key });
  await booth.restart();
  assert.equal((await staff.issue({ name: '민아' }, { key })).seq, first.seq);
  expect(await staff.post('/api/v1/tickets', { party_size: 8 }, { key }), 422, 'key_reused');
});

test('a key has 1 to 64 printable characters', async () => {
  await staff.issue({}, { key: ' !~"\\' + 'x'.repeat(58) });
  for (const key of ['', 'x'.repeat(65), 'caf\u00e9', 'a\tb'])
    assert.equal(expect(await staff.post('/api/v1/tickets', { party_size: 2 }, { key }), 400, 'invalid_field').field, 'Idempotency-Key');
});

test('a phone that is out of reach chains its commands by version', async () => {
  const { ticket } = await staff.issue();
  const steps = [['call'], ['no-show'], ['requeue', { position: 'front' }], ['call'], ['seat']];
  for (const [i, [verb, body]] of steps.entries()) {
    const done = await staff.act(ticket.id, verb, body, { ifMatch: ticket.version + i, key: newKey() });
    assert.equal(done.ticket.version, ticket.version + i + 1);
  }
});

test('an invalid If-Match', async () => {
  const { ticket } = await staff.issue();
  for (const value of ['1', '"x"', 'W/"1"', '"1", "2"', '""', '"99999999999999999999"'])
    assert.equal(expect(await staff.post(`/api/v1/tickets/${ticket.id}/call`, undefined, { headers: { 'If-Match': value } }), 400, 'invalid_field').field,
      'If-Match', value);
});

test('commands for another booth or another epoch are refused', async () => {
  const { booth: { epoch } } = await staff.queue();
  expect(await staff.post('/api/v1/tickets', { party_size: 2 }, { epoch: epoch.replace(/./g, (c) => (c === '0' ? '1' : '0')) }), 409, 'other_booth');
  expect(await staff.post('/api/v1/tickets', { party_size: 2 }, { epoch }), 201);
});
