// Several lines in one booth.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';

const booth = await shared(after);
const LINES = [{ id: 'a', name: '2인석', prefix: 'A' }, { id: 'b', name: '단체', prefix: '단' }, { id: 'c', name: '포장', prefix: 'C' }];
const manager = await booth.signIn('manager');
await manager.settings({ lines: LINES });

test('each has its prefix and its own count', async () => {
  const numbers = [];
  for (const line of ['a', 'b', 'a', 'c', 'b']) numbers.push((await manager.issue({ line })).ticket.number);
  assert.deepEqual(numbers, ['A-1', '단-1', 'A-2', 'C-1', '단-2']);
  assert.equal((await manager.issue()).ticket.line, 'a');
  expect(await manager.post('/api/v1/tickets', { party_size: 2, line: 'd' }), 400, 'invalid_field');
});

test('each has its own order, next one and positions', async () => {
  const { lines, tickets } = await manager.queue();
  assert.deepEqual(lines.map((l) => [l.id, l.name, l.prefix, l.waiting]), [['a', '2인석', 'A', 3], ['b', '단체', '단', 2], ['c', '포장', 'C', 1]]);
  for (const line of lines) {
    const waiting = tickets.filter((t) => t.line === line.id && t.state === 'waiting');
    assert.equal(line.next, waiting[0].id);
    assert.deepEqual(waiting.map((t) => t.position), waiting.map((_, i) => i + 1));
  }
});

test('call-next of a line, and of all: the earliest issued among the lines’ first', async () => {
  const numbers = [];
  for (const body of [{ line: 'b' }, undefined, undefined, undefined, undefined, undefined]) numbers.push((await manager.callNext(body)).ticket.number);
  assert.deepEqual(numbers, ['단-1', 'A-1', 'A-2', 'C-1', '단-2', 'A-3']);
});

test('`expect` refers to the requested line', async () => {
  const a = (await manager.issue({ line: 'a' })).ticket;
  const b = (await manager.issue({ line: 'b' })).ticket;
  expect(await manager.post('/api/v1/call-next', { expect: b.id }), 412, 'stale_version');
  assert.equal((await manager.callNext({ line: 'b', expect: b.id })).ticket.id, b.id);
  assert.equal((await manager.callNext({ expect: a.id })).ticket.id, a.id);
});

test('invalid settings', async () => {
  const bad = async (lines) => assert.match(expect(await manager.put('/api/v1/system/settings', { lines }), 400, 'invalid_field').field, /^(lines|prefix|id|name|colour)$/);
  const { ticket } = await manager.issue({ line: 'c' });
  await bad(LINES.slice(0, 2));
  await manager.act(ticket.id, 'cancel');
  await bad([]);
  await bad(LINES.map((l) => ({ ...l, prefix: 'A' })));
  await bad([LINES[0], { ...LINES[0], prefix: 'B' }]);
  await bad([{ ...LINES[0], id: 'UP' }]);
  await bad([{ ...LINES[0], prefix: 'ABCDE' }]);
  await bad([{ ...LINES[0], colour: 'red' }]);
  await bad([...'abcdefghi'].map((id) => ({ id, name: id, prefix: id })));
});

test('a line without active tickets may be removed; the others go on', async () => {
  for (const t of (await manager.queue()).tickets) if (['waiting', 'called'].includes(t.state) && t.line === 'c') await manager.act(t.id, 'cancel');
  await manager.settings({ lines: [LINES[1], LINES[0]] });
  assert.deepEqual((await manager.queue()).lines.map((l) => l.id), ['b', 'a']);
  assert.equal((await manager.issue()).ticket.line, 'b');
});

test('an estimate appears once there are enough calls, as a range of whole minutes', async () => {
  for (let i = 0; i < 5; i++) await manager.issue({ line: 'a' });
  for (let i = 0; i < 4; i++) await manager.callNext({ line: 'a' });
  const line = (await manager.queue()).lines.find((l) => l.id === 'a');
  assert.notEqual(line.gap_s, null);
  assert.ok(line.estimate === null || (line.estimate.low_s <= line.estimate.high_s && line.estimate.low_s % 60 === 0 && line.estimate.high_s % 60 === 0));
});
