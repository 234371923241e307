// The screen's queue against a booth of a few lines that keeps the truth: after any changes both have the same order.
import assert from 'node:assert/strict';
import { describe, test } from '../lib/test.mjs';
import { load } from './load.mjs';

const { applyEvents, toStoredList, waitingList, calledList, doneList, nextTicket, search, people, joinEstimate, undoableList, undoable } =
  await load('state/queue.ts', 'state/lists.ts', 'staff/sheets/history-sheets.tsx');

const AT = '2026-09-11T10:00:00.000Z';
const line = (id, next = null) => ({
  id,
  name: id,
  prefix: id.toUpperCase(),
  waiting: 0,
  next,
  estimate: null,
  gap_s: null,
  last_wait_s: null,
});
const ticket = (id, more = {}) => ({
  id,
  number: String(id),
  line: 'a',
  day: '2026-09-11',
  state: 'waiting',
  version: 1,
  party_size: 2,
  name: null,
  phone: null,
  note: null,
  source: 'staff',
  position: null,
  calls: 0,
  held: false,
  delivery: null,
  issued_at: AT,
  called_at: null,
  closed_at: null,
  estimate: null,
  undo_seq: null,
  actor: 'device:1',
  by: null,
  token: '',
  ...more,
});
const snapshot = (tickets, more = {}) => ({
  seq: 1,
  booth: { id: 'b', epoch: 'e', name: 'Booth' },
  day: '2026-09-11',
  intake: { state: 'open', resume_at: null },
  lines: [line('a')],
  tickets,
  sync: { state: 'off', pending: 0, last_ok_at: null, reason: null },
  clock: { trusted: true },
  storage: { ok: true },
  banner: null,
  message: null,
  warnings: [],
  texts: { welcome: '', closed: '' },
  languages: ['ko', 'en'],
  ...more,
});
const opened = (tickets, more) => applyEvents(null, { type: 'snapshot', data: snapshot(tickets, more) });
const change = (queue, data) =>
  applyEvents(queue, { type: 'change', data: { type: 'ticket.edited', ticket: null, line: null, ...data } });
const ids = (tickets) => tickets.map(({ id }) => id);

function random(seed) {
  return (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
}

describe('applyEvents', () => {
  test('all positions follow from one ticket per change, after any change', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const pick = random(seed);
      const truth = Array.from({ length: 8 }, (_, i) => i + 1);
      const version = new Map(truth.map((id) => [id, 1]));
      let queue = opened(truth.map((id) => ticket(id)));
      let next = truth.length + 1;
      for (let seq = 2; seq < 60; seq++) {
        const id = pick(4) === 0 ? next++ : 1 + pick(next - 1);
        const was = truth.indexOf(id);
        if (was >= 0) truth.splice(was, 1);
        const waits = pick(3) > 0;
        if (waits) truth.splice(pick(truth.length + 1), 0, id);
        version.set(id, (version.get(id) ?? 0) + 1);
        const position = waits ? truth.indexOf(id) + 1 : null;
        queue = change(queue, {
          seq,
          ticket: ticket(id, { state: waits ? 'waiting' : 'called', position, version: version.get(id) }),
        });
        assert.deepEqual(ids(waitingList(queue, null)), truth, `seed ${seed}, seq ${seq}`);
      }
    }
  });

  test('a repeated change and an older snapshot of the same epoch change nothing', () => {
    const queue = change(opened([ticket(1)]), { seq: 2, ticket: ticket(1, { version: 2, party_size: 5 }) });
    assert.equal(change(queue, { seq: 2, ticket: ticket(1, { version: 1 }) }), queue);
    assert.equal(applyEvents(queue, { type: 'snapshot', data: snapshot([ticket(1)]) }), queue);
    const restored = applyEvents(queue, {
      type: 'snapshot',
      data: snapshot([ticket(1)], { booth: { id: 'b', epoch: 'e2', name: 'Booth' } }),
    });
    assert.equal(restored.tickets.get(1).party_size, 2);
  });

  test('an older version of a ticket is not applied, an equal one is: a delivery does not raise it', () => {
    let queue = opened([ticket(1, { version: 4, state: 'called' })]);
    queue = change(queue, { seq: 2, ticket: ticket(1, { version: 3 }) });
    assert.equal(queue.tickets.get(1).state, 'called');
    queue = change(queue, { seq: 3, ticket: ticket(1, { version: 4, state: 'called', delivery: 'failed' }) });
    assert.equal(queue.tickets.get(1).delivery, 'failed');
    assert.equal(queue.seq, 3);
  });

  test('status, intake, day and one line are applied without changing the rest', () => {
    let queue = opened([ticket(1)], { lines: [line('a', 1), line('b')] });
    queue = change(queue, {
      seq: 2,
      line: line('b', 9),
      intake: { state: 'closed', resume_at: null },
      day: '2026-09-12',
    });
    assert.deepEqual(
      queue.lines.map(({ next }) => next),
      [1, 9],
    );
    assert.equal(queue.intake.state, 'closed');
    assert.equal(queue.day, '2026-09-12');
    queue = applyEvents(queue, { type: 'status', data: { storage: { ok: false }, warnings: ['hot'] } });
    assert.equal(queue.storage.ok, false);
    assert.deepEqual(queue.warnings, ['hot']);
    assert.deepEqual(toStoredList(queue).warnings, ['hot']);
    assert.equal(queue.tickets.size, 1);
    assert.equal(applyEvents(null, { type: 'status', data: {} }), null);
    const { warnings: _, ...kept } = snapshot([]); // by a page that did not know of them
    assert.deepEqual(applyEvents(null, { type: 'snapshot', data: kept }).warnings, []);
  });
});

describe('many changes at once', () => {
  test('give the same queue as one after the other, and do not modify the former queue', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const pick = random(seed);
      const start = opened([1, 2, 3, 4, 5, 6].map((id) => ticket(id)));
      const before = JSON.stringify([...start.tickets]);
      const version = new Map();
      const events = Array.from({ length: 20 }, (_, i) => {
        const id = 1 + pick(7);
        version.set(id, (version.get(id) ?? 1) + 1);
        const state = ['waiting', 'called', 'seated', 'no_show'][pick(4)];
        const at = `2026-09-11T10:00:${10 + pick(40)}.000Z`;
        const times = { called_at: state === 'waiting' ? null : at, closed_at: /w|c/.test(state[0]) ? null : at };
        const position = state === 'waiting' ? 1 : null;
        const changed = ticket(id, { state, version: version.get(id), position, ...times });
        return { type: 'change', data: { seq: i + 2, type: 'ticket.edited', ticket: changed, line: null } };
      });
      const once = applyEvents(start, ...events);
      assert.deepEqual(once, events.reduce((queue, event) => applyEvents(queue, event), start));
      assert.equal(JSON.stringify([...start.tickets]), before);
      const all = [...once.tickets.values()];
      const inOrder = (tickets, key, sign) =>
        tickets.sort((a, b) => sign * (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : a.id - b.id));
      assert.deepEqual(calledList(once, null), inOrder(all.filter(({ state }) => state === 'called'), 'called_at', 1));
      assert.deepEqual(doneList(once, null), inOrder(all.filter(({ closed_at }) => closed_at), 'closed_at', -1));
    }
  });
  test('a truncated list of done tickets is not counted as complete', () => {
    const done = (count) => Array.from({ length: count }, (_, i) => ticket(i + 1, { state: 'seated', closed_at: AT }));
    assert.equal(opened(done(49)).doneTruncated, false);
    assert.equal(opened(done(50)).doneTruncated, true);
  });
});

describe('undo candidates', () => {
  const event = (seq, type, undone = false) => ({ seq, type: `ticket.${type}`, at: AT, actor: 'cli', by: null, undone });
  test('the latest of its class; phoned and edits only after all others', () => {
    const history = [event(1, 'issued'), event(2, 'edited'), event(3, 'called'), event(4, 'phoned'), event(5, 'edited')];
    assert.deepEqual([...undoable(history)].sort(), [3, 4, 5]);
    assert.deepEqual([...undoable(history.slice(0, 3))], [3]);
    assert.deepEqual([...undoable([event(1, 'issued'), event(2, 'called', true), event(3, 'restored')])], [1]);
    assert.deepEqual([...undoable([event(1, 'issued', true)])], []);
  });
  test('of all tickets, the latest first', () => {
    const queue = opened([ticket(1, { undo_seq: 4 }), ticket(2, { undo_seq: null }), ticket(3, { undo_seq: 9 })]);
    assert.deepEqual(ids(undoableList(queue)), [3, 1]);
  });
});

describe('lists', () => {
  const three = () =>
    opened(
      [
        ticket(5),
        ticket(1),
        ticket(2, { line: 'b' }),
        ticket(4, { line: 'b' }),
        ticket(6, { state: 'called', called_at: '2026-09-11T10:02:00.000Z' }),
        ticket(7, { state: 'called', called_at: '2026-09-11T10:01:00.000Z' }),
        ticket(8, { state: 'seated', closed_at: '2026-09-11T10:01:00.000Z' }),
        ticket(9, { state: 'no_show', closed_at: '2026-09-11T10:04:00.000Z' }),
      ],
      { lines: [line('a', 5), line('b', 2)] },
    );

  test('lines are merged as they would be called, each keeping its own order', () => {
    assert.deepEqual(ids(waitingList(three(), null)), [2, 4, 5, 1]);
    assert.deepEqual(ids(waitingList(three(), 'a')), [5, 1]);
  });

  test('the longest expected first, the latest done first', () => {
    assert.deepEqual(ids(calledList(three(), null)), [7, 6]);
    assert.deepEqual(ids(doneList(three(), null)), [9, 8]);
  });

  test('next: as the booth says; of several lines the earliest issued; tickets with pending calls are skipped', () => {
    const none = new Set();
    assert.equal(nextTicket(three(), null, none).id, 2);
    assert.equal(nextTicket(three(), 'a', none).id, 5);
    assert.equal(nextTicket(three(), null, new Set([2])).id, 4);
    assert.equal(nextTicket(three(), 'b', new Set([2, 4])), null);
    assert.equal(nextTicket(opened([]), null, none), null);
  });

  test('search by number, name, last digits', () => {
    const queue = opened([
      ticket(34, { number: 'A-34' }),
      ticket(3, { name: '이도현' }),
      ticket(9, { phone: '010-2345-3412' }),
      ticket(40, { phone: '010-3400-1111' }),
    ]);
    assert.deepEqual(ids(search(queue, '34')), [34, 9]);
    assert.deepEqual(ids(search(queue, 'a-34')), [34]);
    assert.deepEqual(ids(search(queue, '도현')), [3]);
    assert.deepEqual(ids(search(queue, '0103400')), [40]);
    assert.deepEqual(search(queue, '  '), []);
    assert.deepEqual(search(queue, '<img'), []);
  });

  test('people, and an estimate only if it is unambiguous', () => {
    assert.equal(people(waitingList(three(), null)), 8);
    const estimate = { low_s: 600, high_s: 900 };
    const queue = opened([], { lines: [{ ...line('a'), estimate }, line('b')] });
    assert.equal(joinEstimate(queue, null), null);
    assert.deepEqual(joinEstimate(queue, 'a'), estimate);
  });
});
