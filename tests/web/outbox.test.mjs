// Commands on their way: in order, one at a time, under one key until the booth answers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { waitFor } from '../lib/wait.mjs';
import { load } from './load.mjs';

const { createOutbox, ticketCommand, issueCommand, undoCommand, foresee, ifMatch } = await load(
  'lib/outbox.ts',
  'lib/command.ts',
);

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
const call = (id, more) => ticketCommand('e', 'call', ticket(id, more));
const done = (seq) => ({ kind: 'done', answer: { seq, ticket: null } });

// A booth that answers by a list of outcomes; a function waits to be let go.
function set(outcomes) {
  const sent = [];
  const settled = [];
  const outbox = createOutbox({
    send: async (command, signal) => {
      sent.push(command);
      const outcome = outcomes.shift() ?? done(sent.length);
      return typeof outcome === 'function' ? outcome(signal) : outcome;
    },
    settled: (command, outcome) => settled.push([command.key, outcome.kind]),
    changed: () => {},
  });
  return {
    outbox,
    sent,
    settled,
    until: (count) => waitFor(() => settled.length >= count, { what: `${count} settled` }),
  };
}

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
    assert.deepEqual(sent.slice(0, 3), [command, command, command]);
    assert.equal(sent[3].path, 'tickets/2/call');
  });

  test('a link that comes back aborts what hangs and repeats it', async () => {
    const { outbox, sent, until } = set([
      (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'unknown' }))),
    ]);
    outbox.add(call(1));
    outbox.kick();
    await until(2);
    assert.equal(sent.length, 2);
    assert.equal(sent[0].key, sent[1].key);
  });

  test('signed out: kept, and sent after signing in', async () => {
    const { outbox, sent, until } = set([{ kind: 'signed_out' }]);
    outbox.add(call(1));
    await until(1);
    assert.equal(outbox.unanswered(), 1);
    outbox.kick();
    await until(2);
    assert.equal(sent.length, 2);
  });

  test('done is listed until the screen shows it, refused is not', async () => {
    const { outbox, until } = set([done(7), { kind: 'refused', problem: { code: 'wrong_state' } }, done(9)]);
    for (const id of [1, 2, 3]) outbox.add(call(id));
    await until(3);
    assert.deepEqual(
      outbox.commands().map((command) => command.ticket.id),
      [1, 3],
    );
    outbox.caughtUp('e', 8);
    assert.deepEqual(
      outbox.commands().map((command) => command.ticket.id),
      [3],
    );
    outbox.caughtUp('another epoch', 1);
    assert.deepEqual(outbox.commands(), []);
  });

  test('the stream was quicker than the answer', async () => {
    const { outbox, until } = set([done(5)]);
    outbox.caughtUp('e', 5);
    outbox.add(call(1));
    await until(1);
    assert.deepEqual(outbox.commands(), []);
  });

  test('undo of what is not answered yet gets its seq when that is; of what was refused it goes away', async () => {
    const { outbox, sent, until } = set([{ kind: 'unknown' }, done(41), done(42)]);
    const command = issueCommand('e', { party_size: 2 });
    outbox.add(command);
    outbox.add(undoCommand('e', null, { key: command.key }));
    await until(3);
    assert.deepEqual(sent[2].body, { seq: 41 });

    const other = set([{ kind: 'refused', problem: { code: 'intake_closed' } }]);
    const refused = issueCommand('e', { party_size: 2 });
    other.outbox.add(refused);
    other.outbox.add(undoCommand('e', null, { key: refused.key }));
    await waitFor(() => other.outbox.unanswered() === 0);
    assert.equal(other.sent.length, 1);
  });

  test('what never left can be taken back, what may have arrived cannot', async () => {
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

  test('what a shelf kept from before goes first', async () => {
    const kept = call(1);
    const sent = [];
    const shelf = { load: async () => [kept], put: () => {}, remove: () => {} };
    const outbox = createOutbox({
      shelf,
      send: async (command) => (sent.push(command), done(sent.length)),
      settled: () => {},
      changed: () => {},
    });
    await waitFor(() => sent.length === 1);
    outbox.add(call(2));
    await waitFor(() => sent.length === 2);
    assert.equal(sent[0].key, kept.key);
  });
});

describe('commands', () => {
  test('call-next says whom it saw, and where; ticket commands carry the version', () => {
    const next = ticketCommand('e', 'call-next', ticket(12, { line: 'b' }));
    assert.deepEqual(next.body, { line: 'b', expect: 12 });
    assert.equal(ifMatch(next), null);
    assert.equal(ifMatch(call(12)), '"3"');
    assert.equal(ifMatch(undoCommand('e', ticket(12), { seq: 4 })), null);
    assert.match(next.key, /^[0-9a-f]{32}$/);
    assert.notEqual(next.key, ticketCommand('e', 'call-next', ticket(12)).key);
  });

  test('foresee: a chain of commands is shown and each carries the version that the one before will leave', () => {
    const shown = ticket(1);
    const first = ticketCommand('e', 'call', shown);
    const after = foresee(shown, [first]);
    assert.deepEqual(
      [after.ticket.state, after.ticket.version, after.ticket.calls, after.saving],
      ['called', 4, 1, 'call'],
    );
    const second = ticketCommand('e', 'seat', after.ticket);
    assert.equal(ifMatch(second), '"4"');
    assert.equal(foresee(shown, [first, second]).ticket.state, 'seated');
    const caughtUp = foresee({ ...shown, version: 4, state: 'called' }, [first, second]);
    assert.deepEqual([caughtUp.ticket.state, caughtUp.ticket.version], ['seated', 5]);
    assert.equal(foresee(ticket(2), [first]).saving, null);
  });

  test('foresee: an edit shows its new values', () => {
    const shown = ticket(1);
    assert.equal(foresee(shown, [ticketCommand('e', 'edit', shown, { party_size: 6 })]).ticket.party_size, 6);
  });
});
