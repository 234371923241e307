// Every command in every state, its undo, and every way in which it is refused.
import assert from 'node:assert/strict';
import { after, describe, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';

const booth = await shared(after);
const staff = await booth.signIn();

// How to bring a new ticket into each state.
const bring = {
  waiting: async () => {},
  called: (id) => staff.act(id, 'call'),
  seated: (id) => staff.act(id, 'seat'),
  no_show: async (id) => { await staff.act(id, 'call'); await staff.act(id, 'no-show'); },
  cancelled: (id) => staff.act(id, 'cancel'),
};
const ALL = Object.keys(bring);
// The table of the design: from which states, to which.
const commands = {
  call: { from: ['waiting', 'called', 'no_show'], to: 'called' },
  seat: { from: ['waiting', 'called', 'no_show'], to: 'seated' },
  'no-show': { from: ['called'], to: 'no_show' },
  cancel: { from: ['waiting', 'called', 'no_show'], to: 'cancelled' },
  phoned: { from: ['called'], to: 'called' },
  'requeue keep': { from: ALL, to: 'waiting' },
  'requeue front': { from: ALL, to: 'waiting' },
  'requeue back': { from: ALL, to: 'waiting' },
  'requeue 1': { from: ALL, to: 'waiting' },
  edit: { from: ALL },
};
const run = (name, id, more) => {
  const [verb, where] = name.split(' ');
  if (verb === 'edit') return staff.patch(`/api/v1/tickets/${id}`, { party_size: 7, name: '수정', phone: null, note: '창가' }, more);
  const body = verb !== 'requeue' ? undefined : where === '1' ? { after: 1 } : { position: where };
  return staff.post(`/api/v1/tickets/${id}/${verb}`, body, more);
};
// What undo must restore; version, actor, undo_seq and the estimate move on.
const restorable = ({ state, calls, held, delivery, called_at, closed_at, party_size, name, phone, note, position, number, line }) =>
  ({ state, calls, held, delivery, called_at, closed_at, party_size, name, phone, note, position, number, line });

async function ticketIn(state) {
  const { ticket } = await staff.issue({ party_size: 3, name: '민아', phone: '010-1234-5678', note: null });
  await bring[state](ticket.id);
  return (await staff.ticket(ticket.id));
}

for (let i = 0; i < 4; i++) await staff.issue();

for (const [name, { from, to }] of Object.entries(commands))
  describe(name, () => {
    for (const state of ALL)
      test(`${state}: ${from.includes(state) ? 'done, and undone' : 'refused'}`, async () => {
        const was = await ticketIn(state);
        const answer = await run(name, was.id);
        if (!from.includes(state)) {
          const problem = expect(answer, 409, 'wrong_state');
          assert.equal(problem.ticket.state, state);
          assert.equal((await staff.ticket(was.id)).version, was.version);
          return;
        }
        const { seq, ticket } = expect(answer, 200);
        assert.equal(ticket.state, to ?? state);
        assert.equal(ticket.version, was.version + 1);
        if (name === 'call') assert.equal(ticket.calls, was.calls + 1);
        if (name === 'call') assert.ok(ticket.called_at);
        if (ticket.state === 'waiting') assert.ok(ticket.position >= 1);
        else assert.equal(ticket.position, null);
        assert.equal(ticket.closed_at !== null, ['seated', 'no_show', 'cancelled'].includes(ticket.state));
        if (name === 'phoned') assert.equal(ticket.delivery, 'phoned');
        const undone = expect(await staff.post('/api/v1/undo', { seq }), 200);
        assert.deepEqual(restorable(undone.ticket), restorable(was));
        assert.equal(undone.ticket.version, was.version + 2);
        expect(await staff.post('/api/v1/undo', { seq }), 409, 'nothing_to_undo');
      });
    test('an unknown ticket', async () => {
      for (const id of [9999999, 0, '9007199254740993', 'abc']) expect(await run(name, id), 404, 'not_found');
    });
    test('a stale version', async () => {
      const was = await ticketIn(from[0]);
      const problem = expect(await run(name, was.id, { ifMatch: was.version + 1 }), 412, 'stale_version');
      assert.equal(problem.ticket.version, was.version);
      expect(await run(name, was.id, { ifMatch: was.version }), 200);
    });
    test('another booth', async () => {
      const was = await ticketIn(from[0]);
      expect(await run(name, was.id, { epoch: '0'.repeat(32) }), 409, 'other_booth');
      expect(await run(name, was.id, { epoch: (await staff.queue()).booth.epoch }), 200);
    });
  });

test('issue: its answer, and that numbers rise by one', async () => {
  const one = await staff.issue({ party_size: 4, name: '민아', phone: '010-1234-5678', note: '유아 의자' });
  const two = await staff.issue({ party_size: 99, name: null });
  assert.equal(one.ticket.state, 'waiting');
  assert.equal(one.ticket.version, 1);
  assert.equal(one.ticket.source, 'staff');
  assert.equal(one.ticket.undo_seq, one.seq);
  assert.equal(Number(two.ticket.number), Number(one.ticket.number) + 1);
  assert.notEqual(one.ticket.token, two.ticket.token);
  assert.match(one.ticket.actor, /^device:\d+$/);
  assert.equal(one.ticket.by, 'staff');
  const cli = await booth.cli().issue();
  assert.equal(cli.ticket.source, 'api');
  assert.equal(cli.ticket.actor, 'cli');
  assert.equal(cli.ticket.by, null);
});

test('fields: limits count characters, not bytes; unknown ones are refused', async () => {
  await staff.issue({ name: '가'.repeat(100), phone: '1'.repeat(32), note: '나'.repeat(300) });
  await staff.issue({ name: '🎪'.repeat(100) });
  for (const [body, field] of [[{ party_size: 0 }, 'party_size'], [{ party_size: 100 }, 'party_size'], [{ party_size: '2' }, 'party_size'],
    [{ party_size: null }, 'party_size'], [{}, 'party_size'], [{ party_size: 2, name: '가'.repeat(101) }, 'name'],
    [{ party_size: 2, phone: '1'.repeat(33) }, 'phone'], [{ party_size: 2, note: 'x'.repeat(301) }, 'note'],
    [{ party_size: 2, partysize: 2 }, 'partysize'], [{ party_size: 2, Name: 'x' }, 'Name'], [{ party_size: 2, name: 7 }, 'name'],
    [{ party_size: 2, line: 'zz' }, 'line']])
    assert.equal(expect(await staff.post('/api/v1/tickets', body), 400, 'invalid_field').field, field, JSON.stringify(body));
  const { ticket } = await staff.issue();
  for (const body of [{}, { party_size: null }, { state: 'seated' }, { name: 'x'.repeat(101) }])
    expect(await staff.patch(`/api/v1/tickets/${ticket.id}`, body), 400, 'invalid_field');
  for (const body of [{ position: 'middle' }, {}, { after: -1 }, { position: 'keep', after: 1 }, { after: 1.5 }])
    assert.equal((await staff.post(`/api/v1/tickets/${ticket.id}/requeue`, body)).status, 400, JSON.stringify(body));
});

test('edit changes only the given members; null clears', async () => {
  const { ticket } = await staff.issue({ name: '민아', phone: '010', note: 'n' });
  const edited = (await staff.edit(ticket.id, { note: null })).ticket;
  assert.deepEqual([edited.name, edited.phone, edited.note, edited.party_size], ['민아', '010', null, 2]);
});

test('undo after undo goes further back, down to the issue, whose number stays used', async () => {
  const { ticket } = await staff.issue();
  for (const verb of ['call', 'no-show', 'call', 'seat']) await staff.act(ticket.id, verb);
  const states = [];
  for (let at = await staff.ticket(ticket.id); at.undo_seq; ) {
    at = (await staff.undo(at.undo_seq)).ticket;
    states.push(at.state);
  }
  assert.deepEqual(states, ['called', 'no_show', 'called', 'waiting', 'cancelled']);
  assert.notEqual((await staff.issue()).ticket.number, ticket.number);
});

test('edit, phoned and other tickets’ commands do not prevent an undo; a later transition does', async () => {
  const { ticket } = await staff.issue();
  const called = await staff.act(ticket.id, 'call');
  await staff.act(ticket.id, 'phoned');
  await staff.edit(ticket.id, { note: 'kept' });
  await staff.issue();
  const undone = (await staff.undo(called.seq)).ticket;
  assert.deepEqual([undone.state, undone.note, undone.calls], ['waiting', 'kept', 0]);
  const again = await staff.act(ticket.id, 'call');
  await staff.act(ticket.id, 'seat');
  expect(await staff.post('/api/v1/undo', { seq: again.seq }), 409, 'nothing_to_undo');
});

test('undo without a seq undoes the last command of this device', async () => {
  const mine = await booth.signIn('staff', 'mine');
  const other = await booth.signIn('staff', 'other');
  expect(await mine.post('/api/v1/undo'), 409, 'nothing_to_undo');
  const a = await mine.issue();
  const b = await mine.issue();
  await mine.act(a.ticket.id, 'call');
  await other.act(b.ticket.id, 'call');
  const undone = (await mine.undo()).ticket;
  assert.deepEqual([undone.id, undone.state], [a.ticket.id, 'waiting']);
  assert.equal((await staff.ticket(b.ticket.id)).state, 'called');
  expect(await mine.post('/api/v1/undo', { seq: 99999999 }), 409, 'nothing_to_undo');
  expect(await mine.post('/api/v1/undo', { seq: 0 }), 400, 'invalid_field');
});

test('any device undoes any transition by its seq', async () => {
  const other = await booth.signIn('staff', 'other');
  const { ticket } = await staff.issue();
  const { seq } = await staff.act(ticket.id, 'seat');
  assert.equal((await other.undo(seq)).ticket.state, 'waiting');
});

test('history has each event, its actor, and what was undone', async () => {
  const { ticket } = await staff.issue();
  const { seq } = await staff.act(ticket.id, 'call');
  await staff.undo(seq);
  const { history } = await staff.ticket(ticket.id);
  assert.deepEqual(history.map((h) => [h.type, h.undone]), [['ticket.issued', false], ['ticket.called', true], ['ticket.restored', false]]);
  assert.ok(history.every((h) => h.by === 'staff'));
  assert.ok(history.every((h, i) => !i || h.seq > history[i - 1].seq));
});

test('a ticket closed long ago can still be brought back', async () => {
  const { ticket } = await staff.issue({ name: '오래' });
  await staff.act(ticket.id, 'seat');
  for (let i = 0; i < 60; i++) await staff.act((await staff.issue()).ticket.id, 'cancel');
  assert.ok(!(await staff.queue()).tickets.some((t) => t.id === ticket.id), 'it has left the snapshot');
  const back = (await staff.act(ticket.id, 'requeue', { position: 'back' })).ticket;
  assert.deepEqual([back.state, back.name], ['waiting', '오래']);
});

test('call-next: first of all, stale expectation, nothing waiting', async () => {
  for (const t of (await staff.queue()).tickets.filter((t) => t.state === 'waiting')) await staff.act(t.id, 'cancel');
  const problem = expect(await staff.post('/api/v1/call-next'), 409, 'nothing_waiting');
  assert.ok(problem.detail);
  const [a, b, c] = [await staff.issue(), await staff.issue(), await staff.issue()].map((x) => x.ticket);
  const stale = expect(await staff.post('/api/v1/call-next', { expect: b.id }), 412, 'stale_version');
  assert.equal(stale.ticket.id, a.id);
  assert.equal((await staff.callNext({ expect: a.id })).ticket.id, a.id);
  assert.equal((await staff.callNext({ line: b.line })).ticket.id, b.id);
  assert.equal((await staff.callNext()).ticket.id, c.id);
  expect(await staff.post('/api/v1/call-next', { line: a.line }), 409, 'nothing_waiting');
  expect(await staff.post('/api/v1/call-next', { line: 'nosuch' }), 400, 'invalid_field');
});
