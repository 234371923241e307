// Every answer that the document promises is provoked here, and none but those: an operation's every status and code.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { api, checkAnswer, mismatches, promised, resolve, seen } from '../lib/contract.mjs';
import { acceptEnrolment, FakeHub, code, page, problem } from '../lib/fakehub.mjs';
import { expect } from '../lib/http.mjs';
import { answers, bytes } from '../lib/raw.mjs';
import { preload } from '../lib/preload.mjs';
import { waitFor } from '../lib/wait.mjs';

const booth = await Booth.start({ set: { trust_clock: 'no' }, env: (dir) => preload(['badsync'], { BADSYNC: path.join(dir, 'bad') }) });
const hub = await FakeHub.start({ answer: acceptEnrolment });
after(async () => { await booth.stop(); await hub.stop(); });
const cli = booth.cli({ connections: 64 });
const staff = await booth.signIn('staff');
const manager = await booth.signIn('manager');
const stranger = booth.client();
const lost = async () => { // a device to be revoked
  await booth.signIn('staff', 'lost');
  return expect(await cli.get('/api/v1/system/devices'), 200).devices.find((d) => d.name === 'lost').id;
};
const ticket = (await staff.issue()).ticket.id; // stays first in the queue throughout

// A good request of each operation: [id or date, body]. What is not here takes neither.
const later = () => new Date(Date.parse(Date()) + 60000 * ++later.n).toISOString();
later.n = 0;
const { day: today } = await staff.queue();
let codes = 0;
const good = {
  signIn: async () => [null, { pin: '1234', device: 'x' }],
  issueTicket: async () => [null, { party_size: 2 }],
  getTicket: async () => [ticket], editTicket: async () => [ticket, { note: 'x' }], callTicket: async () => [ticket],
  seatTicket: async () => [await called()], missTicket: async () => [await called()], cancelTicket: async () => [await called()],
  phonedTicket: async () => [await called()], requeueTicket: async () => [ticket, { position: 'front' }],
  callNext: async () => [null, { line: 'a' }], undo: async () => [null, { seq: (await cli.issue()).seq }],
  setIntake: async () => [null, { state: 'open' }], getDay: async () => [today], exportDay: async () => [today],
  offerTime: async () => [null, { now: later() }], putSettings: async () => [null, { no_show_after_s: 0 }],
  restore: async () => [null, 'x'], revokeDevice: async () => [await lost()], pressButton: async () => [null, { ms: 10 }], testPanel: async () => [null, { led: 'off' }],
  enrol: async () => [null, { hub: hub.url, code: code({ n: ++codes }) }],
};
async function called() {
  const { id } = (await cli.issue()).ticket;
  await cli.act(id, 'call');
  return id;
}

const operations = Object.entries(api.paths).flatMap(([pattern, item]) =>
  Object.entries(item).map(([method, operation]) => ({ pattern, method: method.toUpperCase(), operation, id: operation.operationId })));
const media = (o) => Object.keys(o.operation.requestBody?.content ?? {})[0] ?? 'application/json';
const isStream = (o) => !!resolve(o.operation.responses[200])?.content?.['text/event-stream'];
const takes = (o, name) => (o.operation.parameters ?? []).some((p) => resolve(p).name === name);

const text = (content) => content === undefined || typeof content === 'string' ? content : JSON.stringify(content);

// Sends the operation's good request, changed by `twist`; returns the answer, which the contract has judged.
async function ask(o, { param, body, headers = {}, by = cli } = {}) {
  const [own, content] = (await good[o.id]?.()) ?? [];
  const url = o.pattern.replace(/\{\w+\}/, param ?? own ?? '1');
  const sent = body !== undefined ? body : text(content);
  const type = sent === undefined ? {} : { 'Content-Type': media(o) };
  const request = { headers: { ...type, ...headers }, body: sent };
  return by.raw(o.method, url, request);
}
const each = (name, chosen, run) => test(name, async () => {
  for (const o of operations.filter(chosen)) await run(o);
});
const documents = (status) => (o) => o.operation.responses[status];

describe('an operation', { concurrency: false }, () => {
  each('that is misdirected', () => true, async (o) => expect(await ask(o, { by: manager, headers: { Host: 'evil.example' } }), 421, 'misdirected'));
  each('of nobody who is signed in', (o) => o.operation['x-role'] !== 'none', async (o) => expect(await ask(o, { by: stranger }), 401, 'not_signed_in'));
  each('of a foreign page', (o) => o.method !== 'GET', async (o) => expect(await ask(o, { by: manager, headers: { Origin: 'http://evil.example' } }), 403, 'forbidden'));
  each('of staff, that is the manager’s', (o) => o.operation['x-role'] === 'manager', async (o) => expect(await ask(o, { by: staff }), 403, 'forbidden'));
  each('for another booth', (o) => o.method !== 'GET', async (o) => expect(await ask(o, { headers: { 'Booth-Epoch': 'another' } }), 409, 'other_booth'));
  each('with a body that is no JSON, or has an unknown member', documents(415), async (o) => {
    if (o.id !== 'restore') expect(await ask(o, { body: '{' }), 400, 'bad_json');
    const wrong = expect(await ask(o, { body: o.id === 'restore' ? 'SQLite format 3' : '{"nonsense":1}' }), 400, 'invalid_field');
    if (o.id !== 'restore') assert.equal(wrong.field, 'nonsense');
    expect(await ask(o, { body: '{}', headers: { 'Content-Type': 'text/plain' } }), 415, 'unsupported_media_type');
  });
  each('with a body that is too large', documents(413), async (o) => {
    const announced = o.id === 'restore' ? { 'Content-Length': (64 << 20) + 1 } : {};
    expect(await ask(o, { body: ' '.repeat(17000), headers: announced }), 413, 'too_large');
  });
  each('with a body where none is taken', (o) => !documents(413)(o), async (o) => expect(await ask(o, { body: '{}', headers: { 'Content-Length': 2 } }), 413, 'too_large'));
  each('with an address that is too long', () => true, async (o) => expect(await ask({ ...o, pattern: `${o.pattern}?${'x'.repeat(600)}` }), 414, 'too_large'));
  each('with too many header fields', () => true, async (o) => expect(await ask(o, { headers: { 'X-Long': 'x'.repeat(3000) } }), 431, 'too_large'));
  each('with two Hosts', () => true, async (o) => {
    const url = o.pattern.replace(/\{\w+\}/, '1');
    const [answer] = answers((await bytes(booth.address, `${o.method} ${url} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).text);
    checkAnswer(o.method, url, answer);
    expect(answer, 400, 'invalid_field');
  });
  each('of a thing that is not there', documents(404), async (o) =>
    expect(await ask(o, { param: takes(o, 'date') ? '1999-01-01' : '999999', by: o.id === 'pressButton' ? manager : cli }), 404, 'not_found'));
  each('by a method that it does not have', () => true, async (o) => expect(await manager.raw('OPTIONS', o.pattern.replace(/\{\w+\}/, '1')), 405, 'method_not_allowed'));
  each('of a ticket that somebody else changed', (o) => takes(o, 'If-Match'), async (o) => {
    assert.equal(expect(await ask(o, { headers: { 'If-Match': '"999"' } }), 412, 'stale_version').ticket.version > 0, true);
    expect(await ask(o, { headers: { 'If-Match': '3' } }), 400, 'invalid_field');
  });
  each('with a key of another one', documents(422), async (o) => {
    await cli.put('/api/v1/intake', { state: 'open' }, { key: 'taken' });
    const same = o.id === 'setIntake' ? JSON.stringify({ state: 'paused' }) : undefined;
    expect(await ask(o, { headers: { 'Idempotency-Key': 'taken' }, body: same }), 422, 'key_reused');
  });
  each('that is conditional', documents(304), async (o) => {
    const { headers: { etag } } = await ask(o);
    assert.equal((await ask(o, { headers: { 'If-None-Match': etag } })).status, 304);
  });
  each('that is good', (o) => !isStream(o) && o.id !== 'restore', async (o) => {
    const answer = await ask(o);
    assert.ok(answer.status < 300, `${o.id}: ${answer.text}`);
  });
});

describe('conflicts with the present state', () => {
  test('a ticket’s state, its number, its intake', async () => {
    const refused = async (verb, id, body) => expect(await cli.post(`/api/v1/tickets/${id}/${verb}`, body), 409, 'wrong_state');
    const gone = (await cli.issue()).ticket.id;
    await cli.act(gone, 'cancel');
    for (const verb of ['call', 'seat', 'no-show', 'cancel', 'phoned']) await refused(verb, gone);
    await refused('requeue', ticket, { position: 'keep' }).catch(() => {});
    await cli.intake('closed');
    expect(await cli.post('/api/v1/tickets', { party_size: 1 }), 409, 'intake_closed');
    await cli.intake('open');
    const own = await booth.signIn('staff', 'new here');
    expect(await own.post('/api/v1/undo'), 409, 'nothing_to_undo');
    expect(await cli.post('/api/v1/undo', { seq: 999999 }), 409, 'nothing_to_undo');
    expect(await staff.post('/api/v1/call-next', { expect: 999999 }), 412, 'stale_version');
    expect(await staff.post('/api/v1/system/clock', { now: '2001-01-01T00:00:00.000Z' }), 409, 'wrong_state');
  });

  test('a line that is gone, a day that has not begun, a queue that is empty', async () => {
    const lines = [{ id: 'a', name: 'a', prefix: 'A' }, { id: 'b', name: 'b', prefix: 'B' }];
    await cli.settings({ lines });
    const { ticket: { id }, seq } = await cli.issue({ line: 'b' });
    const end = await cli.act(id, 'cancel');
    await cli.settings({ lines: lines.slice(0, 1) });
    expect(await cli.post('/api/v1/undo', { seq: end.seq }), 409, 'wrong_state');
    expect(await cli.post(`/api/v1/tickets/${id}/requeue`, { position: 'back' }), 409, 'wrong_state');
    assert.ok(seq);
    assert.equal((await cli.post('/api/v1/days')).status, 200);
    expect(await cli.post('/api/v1/days'), 409, 'wrong_state');
    for (const t of (await cli.queue()).tickets) if (['waiting', 'called'].includes(t.state)) await cli.act(t.id, 'cancel');
    expect(await cli.post('/api/v1/call-next'), 409, 'nothing_waiting');
  });
});

test('a hub that refuses, is busy, is another server, or does not answer', async () => {
  const enrol = () => cli.post('/api/v1/system/enrol', { hub: hub.url, code: code() });
  hub.answer = problem(403, 'bad_code');
  expect(await enrol(), 409, 'bad_code');
  hub.answer = problem(429, 'rate_limited');
  expect(await enrol(), 429, 'rate_limited');
  hub.answer = page(200);
  expect(await enrol(), 502, 'hub_unreachable');
  const asked = () => hub.log.filter((r) => r.path === '/api/v1/enrol').length;
  const before = asked();
  let answer;
  hub.answer = (request, response, body) => request.url === '/api/v1/enrol' ? (answer = () => acceptEnrolment(request, response, body)) : page(200)(request, response);
  const first = enrol();
  await waitFor(() => asked() > before, { what: 'the question at the hub' });
  expect(await enrol(), 409, 'wrong_state');
  answer();
  expect(await first, 200);
  hub.answer = acceptEnrolment;
});

describe('limits', () => {
  test('streams', async () => {
    const open = [];
    const streams = operations.filter(isStream);
    for (const o of streams) {
      const first = await cli.stream(o.pattern);
      await first.next(() => true);
      seen.add(`${o.id} 200`);
      open.push(first);
    }
    while (open.at(-1).status === 200) open.push(...await Promise.all(Array.from({ length: 64 }, () => cli.stream('/api/v1/system/panel/stream'))));
    for (const o of streams) {
      const { json, headers } = await cli.get(o.pattern);
      assert.equal(json.code, 'rate_limited');
      assert.ok(Number(headers['retry-after']) === json.retry_after_s);
    }
    open.forEach((s) => s.close());
    await waitFor(async () => (await cli.get('/metrics')).text.includes('boothd_streams 0'), { what: 'the end of all streams' });
  });

  for (const id of ['getTicket', 'listDays', 'getDay', 'exportDay', 'getBackup'])
    test(`reports at once: ${id}`, async () => {
      const o = operations.find((x) => x.id === id);
      const many = booth.cli({ connections: 200 });
      const answers = await Promise.all(Array.from({ length: 200 }, () => ask(o, { by: many })));
      assert.ok(answers.some((a) => a.status === 200));
      for (const a of answers) if (a.status !== 200) expect(a, 503, 'storage_unavailable');
      many.close();
    });
});

describe('storage', () => {
  let backup;
  before(async () => { backup = (await cli.get('/api/v1/system/backup')).bytes; });

  test('that cannot be written', async () => {
    const reports = operations.filter((o) => documents(503)(o) && (o.method !== 'GET' || o.id === 'getHealth'));
    const requests = await Promise.all(reports.map(async (o) => [o, (await good[o.id]?.()) ?? []]));
    const fresh = booth.keep(Object.assign(booth.client(), { cookie: staff.cookie }));
    fs.writeFileSync(path.join(booth.dir, 'bad'), 'n');
    await waitFor(async () => (await cli.post('/api/v1/undo')).status === 503, { what: 'the first refusal' });
    for (const [o, [param, content]] of requests) {
      const body = o.id === 'restore' ? backup : text(content);
      const by = o.id === 'signOut' ? fresh : cli;
      const answer = await by.raw(o.method, o.pattern.replace(/\{\w+\}/, param ?? 1), { headers: body ? { 'Content-Type': media(o) } : {}, body });
      assert.equal(answer.status, 503, `${o.id}: ${answer.text}`);
      assert.equal(answer.json.retry_after_s, 1);
    }
    fs.rmSync(path.join(booth.dir, 'bad'));
    await waitFor(async () => (await cli.get('/healthz')).status === 200, { what: 'a disk that works' });
  });

  test('that is replaced by a backup', async () => {
    const answer = await cli.raw('POST', '/api/v1/system/restore', { headers: { 'Content-Type': 'application/vnd.sqlite3' }, body: backup });
    assert.equal(expect(answer, 200).ticket, null);
  });
});

test('wrong PINs', async () => {
  expect(await stranger.get('/api/v1/session'), 401, 'not_signed_in');
  expect(await stranger.post('/api/v1/session', { pin: '0000', device: 'x' }), 401, 'wrong_pin');
  for (let i = 0; i < 12; i++) await stranger.post('/api/v1/session', { pin: '0000', device: 'x' });
  expect(await stranger.post('/api/v1/session', { pin: '1234', device: 'x' }), 429, 'rate_limited');
});

test('a full queue, also for a ticket put back', async () => {
  const { ticket: { id } } = await cli.issue();
  const { seq } = await cli.act(id, 'cancel');
  await Promise.all(Array.from({ length: 4096 }, () => cli.issue({}, { contract: false })));
  expect(await cli.post('/api/v1/tickets', { party_size: 1 }), 409, 'queue_full');
  expect(await cli.post('/api/v1/undo', { seq }), 409, 'queue_full');
  expect(await cli.post(`/api/v1/tickets/${id}/requeue`, { position: 'back' }), 409, 'queue_full');
});

test('an address without an operation', async () => {
  expect(await cli.get('/api/v1/nothing'), 404, 'not_found');
  expect(await manager.raw('GET', '/api/v1/nothing', { headers: { Host: 'evil.example' } }), 421, 'misdirected');
});

test('exactly the documented answers were provoked', () => {
  const wanted = new Set(promised());
  assert.deepEqual([...wanted].filter((p) => !seen.has(p)).sort(), [], 'promised and never provoked');
  assert.deepEqual([...seen].filter((p) => !wanted.has(p)).sort(), [], 'provoked and not promised');
});

test('the document’s examples match its schemas, and descriptions name units', () => {
  const units = { _s: /second/, _ms: /millisecond/, _bytes: /byte/, party_size: /people/ };
  const walk = (node, where, name) => {
    if (!node || typeof node !== 'object') return;
    const schema = node.schema ?? node;
    for (const example of [...(Array.isArray(node.examples) ? node.examples : []), ...('example' in node ? [node.example] : [])])
      assert.deepEqual(mismatches(schema, example), [], `example of ${where}`);
    for (const [key, value] of Object.entries(node.properties ?? {}))
      for (const [suffix, words] of Object.entries(units))
        if (key.endsWith(suffix)) assert.match(`${value.description} ${node.description}`, words, `${where}.${key}`);
    for (const [key, value] of Object.entries(node))
      if (!['example', 'examples', 'properties'].includes(key)) walk(value, `${where}/${key}`, name);
      else if (key === 'properties') for (const [k, v] of Object.entries(value)) walk(v, `${where}/${k}`, k);
  };
  walk(api, '#');
  for (const [name, schema] of Object.entries(api.components.schemas)) assert.ok(schema.description, `${name} is not described`);
  for (const { id, operation } of operations) assert.ok(operation.summary && !operation.summary.endsWith('.'), id);
});
