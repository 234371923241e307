// Commands on their way: in order, one at a time, under one key until the booth answers.
import assert from 'node:assert/strict';
import { describe, test } from '../lib/test.mjs';
import { waitFor } from '../lib/wait.mjs';
import { load } from './load.mjs';

const {
  createOutbox,
  ticketCommand,
  issueCommand,
  intakeCommand,
  undoCommand,
  applyPending,
  applyPendingIntake,
  pendingTickets,
  ifMatch,
} = await load('state/outbox.ts', 'state/command.ts');

const booth = { id: 'b', epoch: 'e', name: '주막' };
const here = { booth, device: '민아' };
const ticket = (id, more = {}) => ({
  id,
  number: String(id),
  line: 'a',
  state: 'waiting',
  version: 3,
  calls: 0,
  party_size: 2,
  ...more,
});
const call = (id, more) => ticketCommand(here, 'call', ticket(id, more));
const issue = (guest = { party_size: 2 }) => issueCommand(here, guest, { line: 'a', day: '2026-09-11' });
const undo = (command) => undoCommand(here, command.ticket, { key: command.key });
const done = (seq, answered = null) => ({ kind: 'done', answer: { seq, ticket: answered } });
const refused = (code = 'stale_version') => ({ kind: 'refused', problem: { status: 409, code } });

// A storage of which a second outbox can be made, as a tab opened anew would.
function storage() {
  const commands = new Map();
  const refusals = new Map();
  let listener = () => {};
  return {
    commands,
    refusals,
    leader: true,
    load: async () => structuredClone({ commands: [...commands.values()], refused: [...refusals.values()] }),
    save({ put = [], remove = [], refuse = [], dismiss = [] }) {
      put.forEach((each) => commands.set(each.key, each));
      remove.forEach((each) => commands.delete(each));
      refuse.forEach((each) => refusals.set(each.command.key, each));
      dismiss.forEach((each) => refusals.delete(each));
    },
    isLeader() {
      return this.leader;
    },
    subscribe: (onChange) => (listener = onChange),
    changed: () => listener(),
  };
}

// A booth that answers by a list of outcomes; a function waits to be let go.
function set(outcomes, { of = booth, device = '민아', ...more } = {}) {
  const sent = [];
  const settled = [];
  const outbox = createOutbox({
    send: async (command, signal) => {
      sent.push(command);
      const outcome = outcomes.shift() ?? done(sent.length);
      return typeof outcome === 'function' ? outcome(signal) : outcome;
    },
    onSettled: (command, outcome, late) => settled.push([command.key, outcome.kind, late]),
    onChange: () => {},
    device: () => device,
    ...more,
  });
  if (of) outbox.setBooth(of, true);
  return {
    outbox,
    sent,
    settled,
    until: (count) => waitFor(() => settled.length >= count, { what: `${count} settled` }),
  };
}
const hang = (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'unknown' })));
const ids = (commands) => commands.map((command) => command.ticket.id);

describe('outbox', () => {
  test('in order, one at a time', async () => {
    let release;
    const { outbox, sent, until } = set([
      () =>
        new Promise((resolve) => {
          release = () => resolve(done(1));
        }),
    ]);
    outbox.add(call(1));
    outbox.add(call(2));
    await waitFor(() => release);
    assert.equal(sent.length, 1);
    assert.equal(outbox.unanswered(), 2);
    release();
    await until(2);
    assert.deepEqual(
      sent.map(({ path }) => path),
      ['tickets/1/call', 'tickets/2/call'],
    );
    assert.equal(outbox.unanswered(), 0);
  });

  test('no answer: the same request under the same key; nothing overtakes it', async () => {
    const { outbox, sent, until } = set([{ kind: 'unknown' }, { kind: 'unknown' }]);
    const command = call(1);
    outbox.add(command);
    outbox.add(call(2));
    await until(4);
    assert.deepEqual(
      sent.slice(0, 3).map(({ key }) => key),
      [command.key, command.key, command.key],
    );
    assert.equal(sent[3].path, 'tickets/2/call');
  });

  test('a booth that comes back: a hanging request is aborted and repeated at once, the rest follows', async () => {
    const { outbox, sent, until } = set([hang]);
    const [first, second] = [call(1), call(2)];
    outbox.add(first);
    await waitFor(() => sent.length === 1);
    outbox.disconnected();
    outbox.add(second);
    outbox.setBooth(booth, true);
    await until(3);
    assert.deepEqual(
      sent.map(({ key }) => key),
      [first.key, first.key, second.key],
    );
  });

  test('nothing is sent while the booth is lost, nor before its id is known', async () => {
    const { outbox, sent, until } = set([], { of: null });
    outbox.add(call(1));
    outbox.setBooth(booth, false);
    await new Promise(setImmediate);
    assert.deepEqual([sent.length, outbox.unanswered()], [0, 1]);
    outbox.setBooth(booth, true);
    await until(1);
    outbox.disconnected();
    outbox.add(call(2));
    await new Promise(setImmediate);
    assert.equal(sent.length, 1);
  });

  test('signed out: kept, and sent after signing in', async () => {
    const { outbox, sent, until } = set([{ kind: 'signed_out' }]);
    outbox.add(call(1));
    await until(1);
    assert.equal(outbox.unanswered(), 1);
    outbox.setBooth(booth, true);
    await until(2);
    assert.equal(sent.length, 2);
  });

  test('a done command is listed until the list shows its effect, a refused one is not', async () => {
    const { outbox, until } = set([done(7), refused('wrong_state'), done(9)]);
    for (const id of [1, 2, 3]) outbox.add(call(id));
    await until(3);
    assert.deepEqual(
      outbox.commands().map((command) => command.ticket.id),
      [1, 3],
    );
    outbox.acknowledge('e', 8);
    assert.deepEqual(
      outbox.commands().map((command) => command.ticket.id),
      [3],
    );
    outbox.acknowledge('another epoch', 1);
    assert.deepEqual(outbox.commands(), []);
  });

  test('the stream is faster than the answer', async () => {
    const { outbox, until } = set([done(5)]);
    outbox.acknowledge('e', 5);
    outbox.add(call(1));
    await until(1);
    assert.deepEqual(outbox.commands(), []);
  });

  test('an undo of an unanswered command gets its seq with the answer; an undo of a refused command is removed', async () => {
    const { outbox, sent, until } = set([{ kind: 'unknown' }, done(41), done(42)]);
    const command = call(1);
    outbox.add(command);
    outbox.add(undo(command));
    await until(3);
    assert.deepEqual(sent[2].body, { seq: 41 });
    outbox.add(undo(command));
    await until(4);
    assert.deepEqual(sent[3].body, { seq: 41 }, 'also when the answer is there');

    const other = set([refused('intake_closed')]);
    const no = call(1);
    other.outbox.add(no);
    other.outbox.add(undo(no));
    await waitFor(() => other.outbox.unanswered() === 0);
    other.outbox.add(undo(no));
    await new Promise(setImmediate);
    assert.deepEqual([other.sent.length, other.outbox.unanswered()], [1, 0]);
  });

  test('a command that was not sent can be withdrawn, one that may have arrived cannot', async () => {
    const { outbox, sent, until } = set([{ kind: 'unknown' }]);
    const [first, second] = [call(1), call(2)];
    outbox.add(first);
    outbox.add(second);
    await until(1);
    assert.equal(outbox.withdraw(first.key), false);
    assert.equal(outbox.withdraw(second.key), true);
    await until(2);
    assert.deepEqual(
      sent.map(({ key }) => key),
      [first.key, first.key],
    );
  });

  test('nor can one that another command depends on', async () => {
    const { outbox } = set([], { of: null });
    outbox.setBooth(booth, false);
    const first = call(1);
    outbox.add(first);
    outbox.add(ticketCommand(here, 'seat', applyPending(ticket(1), [first]).ticket));
    assert.equal(outbox.withdraw(first.key), false);
  });

  test('commands stored earlier are sent first, and cannot be withdrawn', async () => {
    const stored = storage();
    const [first, second] = [call(1), call(2)];
    stored.save({ put: [second] });
    stored.save({ put: [{ ...first, at: first.at - 1000 }] });
    const { outbox, sent, until } = set([hang], { storage: stored });
    outbox.add(call(3));
    await waitFor(() => sent.length === 1);
    assert.equal(outbox.withdraw(second.key), false);
    outbox.disconnected();
    outbox.setBooth(booth, true);
    await until(4);
    assert.deepEqual(ids(sent), [1, 1, 2, 3]);
    assert.equal(stored.commands.size, 0);
  });

  test('a phone whose clock went back keeps the order', async () => {
    const stored = storage();
    const first = { ...call(1), at: Date.now() + 3_600_000 };
    stored.save({ put: [first] });
    const { outbox } = set([], { storage: stored, of: null });
    outbox.setBooth(booth, false);
    await waitFor(() => outbox.unanswered() === 1);
    outbox.add(call(2));
    const again = set([], { storage: stored });
    await again.until(2);
    assert.deepEqual(ids(again.sent), [1, 2]);
  });
});

describe('a guest without a number', () => {
  const given = (more) => ticket(40, { number: 'A-40', version: 1, ...more });

  test('is called and edited before the booth knows the ticket: the answer fills in the ids', async () => {
    const stored = storage();
    const { outbox, sent, until } = set([], { storage: stored, of: null });
    outbox.setBooth(booth, false);
    outbox.add(issue({ party_size: 5 }));
    const [added] = pendingTickets(outbox.commands(), new Map());
    const now = () => applyPending(added, outbox.commands()).ticket;
    outbox.add(ticketCommand(here, 'call', now()));
    outbox.add(ticketCommand(here, 'edit', now(), { party_size: 6 }));
    assert.ok(added.id < 0);
    assert.deepEqual([now().state, now().party_size, now().version], ['called', 6, 3]);

    const tab = set([done(7, given()), done(8), (signal) => hang(signal)], { storage: stored });
    await waitFor(() => tab.sent.length === 3);
    assert.deepEqual(
      tab.sent.map(({ method, path }) => `${method} ${path}`),
      ['POST tickets', 'POST tickets/40/call', 'PATCH tickets/40'],
    );
    assert.deepEqual(tab.sent.map(ifMatch), [null, '"1"', '"2"']);
    assert.equal(tab.outbox.idOf(added.id), 40);
    assert.deepEqual([...stored.commands.values()].map(({ path }) => path), ['tickets/40'], 'the storage knows it too');

    tab.outbox.add(ticketCommand(here, 'seat', { ...added, version: 3 }));
    assert.equal(tab.outbox.commands().at(-1).path, 'tickets/40/seat', 'pressed on a row that was not drawn anew yet');
    assert.deepEqual([sent.length, until !== undefined], [0, true]);
  });

  test('is shown until the list has the ticket', () => {
    const command = issue({ party_size: 5, name: '도윤' });
    const [added] = pendingTickets([command], new Map());
    assert.deepEqual([added.number, added.name, added.line, added.state], ['–', '도윤', 'a', 'waiting']);
    assert.deepEqual(applyPending(added, [command]).saving, 'issue');
    assert.deepEqual(pendingTickets([command], new Map([[added.id, added]])), []);
  });

  test('its local id is forgotten after hundreds of later guests: a page is open all night', async () => {
    const { outbox, until } = set(Array.from({ length: 201 }, () => done(1, given())));
    const adds = Array.from({ length: 201 }, () => issue());
    adds.forEach((command) => outbox.add(command));
    await until(201);
    assert.deepEqual([outbox.idOf(adds[0].ticket.id) < 0, outbox.idOf(adds[1].ticket.id)], [true, 40]);
  });

  test('a refused add refuses the commands that depend on it', async () => {
    const stored = storage();
    const add = issue();
    const seen = applyPending(add.ticket, [add]).ticket;
    const dependent = ticketCommand(here, 'call', seen);
    const last = ticketCommand(here, 'seat', applyPending(add.ticket, [add, dependent]).ticket);
    [add, dependent, last, call(9)].forEach((command, i) => stored.save({ put: [{ ...command, at: i }] }));
    const { outbox, sent, until, settled } = set([refused('queue_full')], { storage: stored });
    await until(2);
    assert.deepEqual(ids(sent), [add.ticket.id, 9]);
    assert.deepEqual(settled[0], [add.key, 'refused', true]);
    assert.deepEqual(
      outbox.refused().map(({ command, because }) => [command.key, because?.key]),
      [
        [add.key, undefined],
        [dependent.key, add.key],
        [last.key, add.key],
      ],
    );
  });
});

describe('refused', () => {
  test('at once: reported, not listed; dependent commands are removed, too', async () => {
    const { outbox, sent, settled, until } = set([refused()]);
    const first = call(1);
    outbox.add(first);
    outbox.add(ticketCommand(here, 'seat', applyPending(ticket(1), [first]).ticket));
    outbox.add(call(2));
    await until(2);
    assert.deepEqual(ids(sent), [1, 2]);
    assert.deepEqual(settled[0], [first.key, 'refused', false]);
    assert.deepEqual(outbox.refused(), []);
  });

  test('late: a command that waited for the booth, however short the wait was', async () => {
    let release;
    const slow = () => new Promise((resolve) => (release = () => resolve(refused())));
    const { outbox, until } = set([slow, refused('not_found')]);
    outbox.add(call(1));
    await waitFor(() => release);
    outbox.disconnected();
    outbox.add(call(2));
    release();
    await until(1);
    outbox.setBooth(booth, true);
    await until(2);
    assert.deepEqual(ids(outbox.refused().map(({ command }) => command)), [1, 2]);
  });

  test('a late refusal is listed until it is read, even after the tab was closed', async () => {
    const stored = storage();
    [call(1), call(2), call(3)].forEach((command, i) => stored.save({ put: [{ ...command, at: i }] }));
    const first = set([refused(), refused('not_found'), done(5)], { storage: stored });
    await first.until(3);
    const second = set([], { storage: stored });
    await waitFor(() => second.outbox.refused().length === 2);
    assert.deepEqual(
      second.outbox.refused().map(({ command, problem }) => [command.ticket.id, problem.code]),
      [
        [1, 'stale_version'],
        [2, 'not_found'],
      ],
    );
    second.outbox.dismiss([second.outbox.refused()[0].command.key]);
    assert.equal(second.outbox.refused().length, 1);
    assert.equal(stored.refusals.size, 1);
  });

  test('the other tab got a success: then it is no refusal', async () => {
    const stored = storage();
    const command = { ...call(1), at: 0 };
    stored.save({ put: [command], refuse: [{ command, problem: { code: 'wrong_state' } }] });
    const { outbox, until } = set([done(3)], { storage: stored });
    await until(1);
    assert.deepEqual([outbox.refused(), stored.refusals.size], [[], 0]);
  });
});

describe('foreign commands', () => {
  test('another booth, another epoch, another name: never sent, until somebody decides', async () => {
    const stored = storage();
    const at = (place, id) => ticketCommand({ ...here, ...place }, 'call', ticket(id));
    const commands = [
      at({ booth: { ...booth, id: 'x', epoch: 'f' } }, 1),
      at({ booth: { ...booth, epoch: 'f' } }, 2),
      at({ device: '지우' }, 3),
      at({}, 4),
    ];
    commands.forEach((command, i) => stored.save({ put: [{ ...command, at: i }] }));
    const { outbox, sent, until } = set([], { storage: stored });
    await until(1);
    assert.deepEqual(ids(sent), [4]);
    assert.deepEqual(ids(outbox.foreign()), [1, 2, 3]);
    assert.deepEqual([ids(outbox.commands()), outbox.unanswered()], [[4], 0], 'foreign ids mean nothing here');
    outbox.adopt([commands[2].key]);
    await until(2);
    assert.deepEqual(ids(sent), [4, 3]);
    outbox.discard([commands[0].key]);
    assert.deepEqual([ids(outbox.foreign()), stored.commands.size], [[2], 1]);
  });

  test('the booth turns out to be another one: nothing more is sent', async () => {
    const { outbox, sent, until } = set([{ kind: 'other_booth' }]);
    outbox.add(call(1));
    outbox.add(call(2));
    await until(1);
    outbox.setBooth({ ...booth, epoch: 'f' }, true);
    await new Promise(setImmediate);
    assert.equal(sent.length, 1);
    assert.deepEqual(ids(outbox.foreign()), [1, 2]);
    outbox.setBooth(booth, true);
    await until(3);
    assert.deepEqual(ids(sent), [1, 1, 2], 'back at its own booth they go');
  });
});

describe('two tabs', () => {
  test('one sends, both show; a command answered there is removed here', async () => {
    const stored = storage();
    stored.leader = false;
    const { outbox, sent } = set([], { storage: stored });
    outbox.add(call(1));
    await new Promise(setImmediate);
    assert.deepEqual([sent.length, outbox.unanswered()], [0, 1]);
    const other = call(2);
    stored.commands.clear();
    stored.save({ put: [other] });
    stored.changed();
    await waitFor(() => outbox.commands()[0]?.key === other.key);
    assert.equal(outbox.unanswered(), 1);
    stored.leader = true;
    await waitFor(() => sent.length === 1);
    assert.equal(sent[0].key, other.key);
  });

  test('an undo from the other tab after the answer gets its seq; one of an unknown command is refused', async () => {
    const stored = storage();
    const { outbox, sent, until } = set([done(41)], { storage: stored });
    const command = call(1);
    outbox.add(command);
    await until(1);
    const [known, lost] = [undo(command), undo(call(2))];
    stored.save({ put: [known, { ...lost, at: known.at + 1 }] });
    stored.changed();
    await until(3);
    assert.deepEqual(
      sent.slice(1).map(({ path, body }) => [path, body]),
      [['undo', { seq: 41 }]],
    );
    assert.deepEqual(
      outbox.refused().map(({ command: { key }, problem }) => [key, problem.code]),
      [[lost.key, 'nothing_to_undo']],
    );
  });

  test('a failing storage loses nothing', async () => {
    const stored = storage();
    const { outbox } = set([], { storage: stored, of: null });
    outbox.setBooth(booth, false);
    outbox.add(call(1));
    await waitFor(() => outbox.persistent());
    stored.load = async () => null;
    stored.changed();
    await waitFor(() => !outbox.persistent());
    assert.equal(outbox.unanswered(), 1);
  });
});

describe('commands', () => {
  test('call-next carries the expected ticket and line; ticket commands carry the version', () => {
    const next = ticketCommand(here, 'call-next', ticket(12, { line: 'b' }));
    assert.deepEqual(next.body, { line: 'b', expect: 12 });
    assert.equal(ifMatch(next), null);
    assert.equal(ifMatch(call(12)), '"3"');
    assert.equal(ifMatch(undoCommand(here, ticket(12), { seq: 4 })), null);
    assert.match(next.key, /^[0-9a-f]{32}$/);
    assert.notEqual(next.key, ticketCommand(here, 'call-next', ticket(12)).key);
  });

  test('applyPending: a chain of commands is shown, and each carries the version after the one before', () => {
    const shown = ticket(1);
    const first = ticketCommand(here, 'call', shown);
    const after = applyPending(shown, [first]);
    assert.deepEqual(
      [after.ticket.state, after.ticket.version, after.ticket.calls, after.saving],
      ['called', 4, 1, 'call'],
    );
    const second = ticketCommand(here, 'seat', after.ticket);
    assert.equal(ifMatch(second), '"4"');
    assert.equal(applyPending(shown, [first, second]).ticket.state, 'seated');
    const acknowledged = applyPending({ ...shown, version: 4, state: 'called' }, [first, second]);
    assert.deepEqual([acknowledged.ticket.state, acknowledged.ticket.version], ['seated', 5]);
    assert.equal(applyPending(ticket(2), [first]).saving, null);
  });

  test('applyPending: an edit shows its new values', () => {
    const shown = ticket(1);
    assert.equal(applyPending(shown, [ticketCommand(here, 'edit', shown, { party_size: 6 })]).ticket.party_size, 6);
  });

  test('applyPending: an undo restores the state before', () => {
    const shown = ticket(1);
    const called = ticketCommand(here, 'call', shown);
    const seen = applyPending(shown, [called]).ticket;
    const undone = undoCommand(here, seen, { key: called.key });
    const { ticket: left, saving } = applyPending(shown, [called, undone]);
    assert.deepEqual([left.state, left.version, saving], ['waiting', 5, 'undo']);
  });

  test('applyPending: the intake', () => {
    const open = { state: 'open', resume_at: null };
    assert.equal(applyPendingIntake(open, [call(1)]), open);
    const paused = intakeCommand(here, 'paused', 600);
    assert.deepEqual(applyPendingIntake(open, [paused]), {
      state: 'paused',
      resume_at: new Date(paused.at + 600_000).toISOString(),
    });
    assert.equal(applyPendingIntake(open, [paused, intakeCommand(here, 'closed')]).state, 'closed');
  });
});
