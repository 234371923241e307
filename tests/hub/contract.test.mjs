// Every answer that the hub's document lists for a central service is provoked here, and no other.
import assert from 'node:assert/strict';
import { after, before, describe, test } from '../lib/test.mjs';
import { operations as list, checkForm, checkRoutes } from '../lib/document.mjs';
import { expect } from '../lib/http.mjs';
import { answers, bytes } from '../lib/raw.mjs';
import { hubApi, Service } from '../lib/service.mjs';
import { Site } from '../lib/site.mjs';

const { api, checkAnswer, promised, resolve, seen } = hubApi;
const site = await Site.start({ booths: 1 });
after(() => site.stop());
const { hub, members: [member] } = site;
const booth = member.id;
const service = await Service.of(hub);
const stranger = Object.assign(await Service.of(hub), { apiKey: `bhk_${'x'.repeat(43)}` });
const weak = { read: await Service.of(hub, 'guests,admin'), guests: await Service.of(hub, 'read,admin'), admin: await Service.of(hub, 'read,guests') };
after(() => [service, stranger, ...Object.values(weak)].forEach((s) => s.close()));
const nobody = 'ab'.repeat(16);

const operations = list(hubApi);
const ours = (o) => o.operation.tags[0] !== 'sync'; // those are the booths', see tests/sync
const takes = (o, name) => (o.operation.parameters ?? []).some((p) => resolve(p).name === name);
const documents = (status) => (o) => o.operation.responses[status];

let called;
const guest = async () => (await service.join(booth)).ref;
// A good request of each operation: [id, body].
const good = {
  getQueue: async () => [booth], joinGuest: async () => [booth, { party_size: 2 }], sendMessage: async () => [booth, { text: 'x' }],
  getDay: async () => ['2026-09-11'], getGuest: async () => [await guest()], cancelGuest: async () => [await guest()], deferGuest: async () => [await guest(), { after: 1 }],
  reportDelivery: async () => [null, { booth, ...called, state: 'delivered' }],
};
before(async () => {
  const { ref } = await service.join(booth);
  await member.settle();
  await member.cli.act((await service.guest(ref)).ticket.id, 'call', {});
  await member.settle();
  called = (await service.guest(ref)).ticket.call;
});

// Sends the operation's good request, changed by `twist`; the contract judges the answer.
async function ask(o, { param, body, headers = {}, by = service, method = o.method } = {}) {
  const [own, content] = (await good[o.id]?.()) ?? [];
  const sent = body ?? content;
  const type = sent === undefined ? {} : { 'Content-Type': 'application/json' };
  return by.raw(method, o.pattern.replace(/\{\w+\}/, param ?? own ?? nobody),
    { headers: { Authorization: `Bearer ${by.apiKey}`, ...type, ...headers }, body: sent === undefined || typeof sent === 'string' ? sent : JSON.stringify(sent) });
}
const each = (name, chosen, run) => test(name, async () => {
  for (const o of operations.filter((x) => ours(x) && chosen(x))) await run(o);
});
const keyed = (o) => o.operation['x-scope'] !== 'none';

test('the document is complete, and its examples match', () => checkForm(hubApi, 'x-scope', ['none', 'read', 'guests', 'admin']));
test('the route table is the document', () => checkRoutes(hubApi, 'boothhub', 'x-scope'));
test('it is served unchanged', async () => assert.deepEqual(expect(await service.get('/api/v1/openapi.json'), 200), api));

describe('an operation', { concurrency: false }, () => {
  each('without a key, with an invalid one, with an unknown one', keyed, async (o) => {
    for (const Authorization of ['', 'Bearer', 'Bearer bhk_', `Basic ${service.apiKey}`]) expect(await ask(o, { headers: { Authorization } }), 401, 'not_signed_in');
    expect(await ask(o, { by: stranger }), 401, 'not_signed_in');
  });
  each('by a key without its scope', keyed, async (o) => expect(await ask(o, { by: weak[o.operation['x-scope']] }), 403, 'forbidden'));
  each('of something that does not exist', (o) => o.pattern.includes('{'), async (o) => {
    for (const param of [nobody, 'x', nobody.toUpperCase(), '%20']) expect(await ask(o, { param }), 404, 'not_found');
  });
  each('with a body that is no JSON, or has an unknown member', documents(415), async (o) => {
    expect(await ask(o, { body: '{' }), 400, 'bad_json');
    assert.equal(expect(await ask(o, { body: '{"nonsense":1}' }), 400, 'invalid_field').field, 'nonsense');
    expect(await ask(o, { body: '{}', headers: { 'Content-Type': 'text/plain' } }), 415, 'unsupported_media_type');
  });
  each('with a member that is not what it must be, or is missing', documents(415), async (o) => {
    const { schema: { properties, required } } = o.operation.requestBody.content['application/json'];
    const [, whole] = await good[o.id]();
    for (const [name, schema] of Object.entries(properties)) {
      const wrong = [[], {}, true, ...(schema.enum ? ['nonsense'] : []), ...(schema.pattern ? ['xyz'] : []),
        ...(schema.maximum ? [schema.maximum + 1, schema.minimum - 1, '1'] : []), ...(schema.maxLength ? ['가'.repeat(schema.maxLength + 1), 7, 'a\u0007b'] : []),
        ...([schema.type].flat().includes('null') ? [] : [null])];
      for (const value of wrong) {
        const problem = expect(await ask(o, { body: JSON.stringify({ ...whole, [name]: value }) }), 400, 'invalid_field');
        assert.equal(problem.field, name, `${name}: ${JSON.stringify(value)}`);
      }
      if (schema.maxLength && !schema.enum) assert.ok((await ask(o, { body: JSON.stringify({ ...whole, [name]: '가'.repeat(schema.maxLength) }) })).status < 300, name);
      if (required.includes(name)) assert.equal(expect(await ask(o, { body: JSON.stringify({ ...whole, [name]: undefined }) }), 400, 'invalid_field').field, name);
    }
  });
  each('with a body that is too large', documents(413), async (o) => expect(await ask(o, { body: ' '.repeat(17000) }), 413, 'too_large'));
  each('with a body where none is taken', (o) => !documents(413)(o), async (o) => expect(await ask(o, { body: '{}', headers: { 'Content-Length': 2 } }), 413, 'too_large'));
  each('with an address that is too long', () => true, async (o) => expect(await ask({ ...o, pattern: `${o.pattern}?${'x'.repeat(600)}` }), 414, 'too_large'));
  each('with too many header fields', () => true, async (o) => expect(await ask(o, { headers: { 'X-Long': 'x'.repeat(3000) } }), 431, 'too_large'));
  each('with two Hosts', () => true, async (o) => {
    const url = o.pattern.replace(/\{\w+\}/, nobody);
    const [answer] = answers((await bytes(hub.address, `${o.method} ${url} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).text);
    checkAnswer(o.method, url, answer);
    expect(answer, 400, 'invalid_field');
  });
  each('by a method that it does not have', () => true, async (o) => expect(await ask(o, { method: 'PATCH', body: '{}' }), 405, 'method_not_allowed'));
  each('with an invalid Idempotency-Key, or one of another request', (o) => takes(o, 'Idempotency-Key'), async (o) => {
    for (const key of ['', 'x'.repeat(65), 'a\tb', 'é']) {
      const problem = expect(await ask(o, { headers: { 'Idempotency-Key': key } }), 400, 'invalid_field');
      assert.equal(problem.field, 'Idempotency-Key');
    }
    expect(await service.post(`/api/v1/booths/${booth}/messages`, { text: 'taken' }, { key: 'taken' }), 202);
    expect(await ask(o, { headers: { 'Idempotency-Key': 'taken' } }), 422, 'key_reused');
  });
  each('that is conditional', documents(304), async (o) => {
    const { headers: { etag } } = await ask(o);
    assert.equal((await ask(o, { headers: { 'If-None-Match': etag } })).status, 304);
  });
  each('that is good, and asked by HEAD', () => true, async (o) => {
    const answer = await ask(o);
    assert.ok(answer.status < 300, `${o.id}: ${answer.text}`);
    if (o.method === 'GET') assert.equal((await ask(o, { method: 'HEAD' })).status, 200);
  });
});

test('an address without an operation', async () => expect(await service.get('/api/v1/nothing'), 404, 'not_found'));

test('an unknown name in the query', async () => expect(await service.get('/api/v1/events?x=1'), 400, 'invalid_field'));

test('a guest who is no longer waiting', async () => {
  const { ref } = await service.join(booth);
  await member.settle();
  await member.cli.act((await service.guest(ref)).ticket.id, 'seat', {});
  await member.settle();
  expect(await service.delete(`/api/v1/guests/${ref}`), 409, 'wrong_state');
  expect(await service.post(`/api/v1/guests/${ref}/defer`, { after: 1 }), 409, 'wrong_state');
});

test('a booth whose inbox is full', async () => {
  const refs = Object.fromEntries(await Promise.all(['cancelGuest', 'deferGuest'].map(async (id) => [id, await guest()])));
  await hub.postgres.psql('UPDATE booth SET inbox_head = inbox_acked + 10000');
  for (const o of operations.filter((x) => x.operation['x-conflicts']?.includes('queue_full'))) {
    good.cancelGuest = async () => [refs.cancelGuest];
    good.deferGuest = async () => [refs.deferGuest, { after: 1 }];
    expect(await ask(o), 409, 'queue_full');
  }
  await hub.postgres.psql('UPDATE booth SET inbox_head = (SELECT max(n) FROM inbox i WHERE i.booth = booth.n)');
});

test('a booth that was never enrolled', async () => {
  const { id } = await hub.createBooth('no box');
  for (const o of operations.filter((x) => x.operation['x-conflicts']?.includes('not_enrolled'))) {
    const [, body] = await good[o.id]();
    expect(await ask(o, { param: id, body: JSON.stringify(o.id === 'reportDelivery' ? { ...body, booth: id } : body) }), 409, 'not_enrolled');
  }
});

test('a delivery of an unknown call', async () => {
  const { epoch } = called;
  for (const body of [{ booth, epoch, seq: 1 }, { booth, epoch, seq: 4294967295 }, { booth, epoch: nobody, seq: called.seq }, { booth: nobody, ...called }])
    expect(await service.post('/api/v1/deliveries', { ...body, state: 'failed' }), 404, 'not_found');
});

test('an unreachable database', async () => {
  const refs = await Promise.all(['getGuest', 'cancelGuest', 'deferGuest'].map(guest));
  await hub.postgres.halt();
  const of = { getGuest: [refs[0]], cancelGuest: [refs[1]], deferGuest: [refs[2], { after: 1 }] };
  for (const o of operations.filter((x) => ours(x) && documents(503)(x))) {
    const [own, body] = of[o.id] ?? (await good[o.id]?.()) ?? [];
    const url = o.pattern.replace(/\{\w+\}/, own ?? nobody);
    const problem = expect(await service.send(o.method, url, body), 503, 'storage_unavailable');
    assert.ok(problem.retry_after_s > 0);
  }
  await hub.postgres.launch();
});

test('every documented answer was provoked', () => {
  const theirs = operations.filter((o) => !ours(o)).map((o) => o.id);
  const kept = (line) => !theirs.includes(line.split(' ')[0]);
  assert.deepEqual(promised().filter(kept).filter((line) => !seen.has(line)), []);
});
