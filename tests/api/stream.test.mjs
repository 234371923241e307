// The live stream: what everybody hears, and what one hears who was away.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { Booth, shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { waitFor } from '../lib/wait.mjs';

const booth = await shared(after);
const staff = await booth.signIn();
const idOf = (snapshot, seq) => `${snapshot.booth.epoch}-${seq}`;

test('first a snapshot, the same as GET, then each change once, in order, without a gap', async () => {
  const stream = await staff.stream();
  assert.equal(stream.response.headers['content-type'].split(';')[0], 'text/event-stream');
  assert.match(stream.response.headers['cache-control'], /no-(store|cache)/);
  const snapshot = await stream.snapshot();
  assert.deepEqual(snapshot.data, await staff.queue());
  const { ticket } = await staff.issue({ name: '민아' });
  await staff.act(ticket.id, 'call');
  await staff.edit(ticket.id, { note: 'x' });
  const { seq } = await staff.act(ticket.id, 'seat');
  await stream.change(seq);
  const changes = stream.of('change');
  assert.deepEqual(changes.map((c) => c.data.type), ['ticket.issued', 'ticket.called', 'ticket.edited', 'ticket.seated']);
  assert.deepEqual(changes.map((c) => c.data.seq), [1, 2, 3, 4].map((i) => snapshot.data.seq + i));
  assert.deepEqual(changes.map((c) => c.id), changes.map((c) => idOf(snapshot.data, c.data.seq)));
  assert.deepEqual(changes.map((c) => c.data.ticket.version), [1, 2, 3, 4]);
  stream.close();
});

test('snapshot and changes make the list that GET gives', async () => {
  const stream = await staff.stream();
  const { data } = await stream.snapshot();
  const tickets = new Map(data.tickets.map((t) => [t.id, t]));
  for (let i = 0; i < 5; i++) await staff.issue();
  const called = await staff.callNext();
  await staff.act(called.ticket.id, 'requeue', { after: 2 });
  const { seq } = await staff.callNext();
  await stream.change(seq);
  for (const { data: { ticket } } of stream.of('change')) if (ticket) tickets.set(ticket.id, ticket);
  const now = await staff.queue();
  const bare = ({ id, state, version, name, calls, called_at, closed_at, number, undo_seq }) => ({ id, state, version, name, calls, called_at, closed_at, number, undo_seq });
  for (const t of now.tickets) assert.deepEqual(bare(tickets.get(t.id)), bare(t));
  stream.close();
});

test('the line that a change touched comes with it', async () => {
  const stream = await staff.stream();
  await stream.snapshot();
  const { seq } = await staff.issue();
  const { data } = await stream.change(seq);
  const { lines } = await staff.queue();
  assert.deepEqual([data.line.id, data.line.waiting, data.line.next], [lines[0].id, lines[0].waiting, lines[0].next]);
  stream.close();
});

test('intake changes are a change, and status is an event without an id', async () => {
  const stream = await staff.stream();
  await stream.snapshot();
  const { seq } = await staff.intake('paused');
  assert.equal((await stream.change(seq)).data.intake.state, 'paused');
  const status = await stream.next((e) => e.event === 'status' && e.data.intake.state === 'paused', { what: 'status' });
  assert.equal(status.id, null);
  await staff.intake('open');
  stream.close();
});

test('all eight phones receive the same', async () => {
  const streams = await Promise.all(Array.from({ length: 8 }, () => staff.stream()));
  await Promise.all(streams.map((s) => s.snapshot()));
  const { seq } = await staff.issue({ name: '모두' });
  const heard = await Promise.all(streams.map((s) => s.change(seq)));
  for (const h of heard) assert.deepEqual(h.data, heard[0].data);
  streams.forEach((s) => s.close());
});

test('a phone that was away gets exactly the missed changes, while others listened', async () => {
  const other = await staff.stream();
  const first = await staff.stream();
  const { data } = await first.snapshot();
  const { seq } = await staff.issue();
  const { id } = await first.change(seq);
  first.close();
  const missed = [await staff.issue(), await staff.issue(), await staff.callNext()].map((x) => x.seq);
  const second = await staff.stream('/api/v1/stream', { lastEventId: id });
  await second.change(missed[2]);
  assert.deepEqual(second.of('change').map((c) => c.data.seq), missed);
  assert.equal(second.of('snapshot').length, 0);
  assert.equal(second.of('change')[0].id, idOf(data, missed[0]));
  second.close();

  // Who has missed nothing gets nothing but what comes.
  const third = await staff.stream('/api/v1/stream', { lastEventId: second.of('change').at(-1).id });
  const next = await staff.issue();
  await third.change(next.seq);
  assert.deepEqual(third.events.filter((e) => e.event !== 'status').map((e) => e.data.seq), [next.seq]);
  third.close();
  other.close();
});

test('a phone that was away while nobody listened misses nothing either', async () => {
  const first = await staff.stream();
  await first.snapshot();
  const { seq } = await staff.issue();
  const { id } = await first.change(seq);
  first.close();
  const streams = async () => expect(await booth.cli().get('/api/v1/system/devices'), 200).devices[0].streams;
  await waitFor(async () => (await streams()) === 0, { what: 'the end of the only stream' });
  const last = await staff.issue();
  const second = await staff.stream('/api/v1/stream', { lastEventId: id });
  await second.next((e) => e.data.seq === last.seq, { what: 'what happened meanwhile' });
  second.close();
});

test('an event id of another epoch, too old, in the future or malformed gets a snapshot', async () => {
  for (let i = 0; i < 260; i++) await staff.act((await staff.issue()).ticket.id, 'cancel');
  const { seq, booth: { epoch } } = await staff.queue();
  for (const lastEventId of [`${'0'.repeat(32)}-${seq}`, `${epoch}-1`, `${epoch}-${seq + 100}`, 'x', `${epoch}-`, `${epoch}-99999999999999999999`, `${epoch}--1`]) {
    const stream = await staff.stream('/api/v1/stream', { lastEventId });
    assert.equal((await stream.snapshot()).data.seq, seq, lastEventId);
    assert.equal(stream.of('change').length, 0);
    stream.close();
  }
});

test('a reconnect after a restart gets what it missed or a snapshot, and goes on', async () => {
  const { seq, booth: { epoch } } = await staff.queue();
  await booth.restart();
  const stream = await staff.stream('/api/v1/stream', { lastEventId: `${epoch}-${seq}` });
  const next = await staff.issue();
  const heard = () => stream.events.some((e) => (e.event === 'change' ? e.data.seq === next.seq : e.event === 'snapshot' && e.data.seq >= next.seq));
  await waitFor(heard, { what: 'the ticket after the restart' });
  stream.close();
});

test('a conditional GET is 304 until something changes, restarts included', async () => {
  const etag = (await staff.get('/api/v1/queue')).headers.etag;
  const again = () => staff.get('/api/v1/queue', { headers: { 'If-None-Match': etag } });
  assert.equal((await again()).status, 304);
  await staff.issue();
  assert.equal((await again()).status, 200);
  const now = (await staff.get('/api/v1/queue')).headers.etag;
  await booth.restart();
  assert.equal((await staff.get('/api/v1/queue', { headers: { 'If-None-Match': now } })).status, 200);
});

test('the answer carries the booth’s time', async () => {
  const from = Date.now();
  const date = Date.parse((await staff.get('/api/v1/queue')).headers.date);
  assert.ok(date > from - 1000 && date <= Date.now(), `${date - from} ms from what it was`); // in whole seconds
});

test('a client that does not read is cut; the others and the writer go on', async () => {
  const own = await Booth.start();
  try {
    const client = await own.signIn();
    const stuck = await client.stream();
    await stuck.snapshot();
    stuck.response.pause();
    const reader = await client.stream();
    const note = '가'.repeat(300);
    const { ticket } = await client.issue();
    const streams = async () => expect(await own.cli().get('/api/v1/system/devices'), 200).devices[0].streams;
    let seq;
    const cut = await waitFor(async () => {
      for (let i = 0; i < 200; i++) ({ seq } = await client.edit(ticket.id, { note: `${i}${note.slice(4)}` }));
      return (await streams()) === 1;
    }, { timeout: 30000, every: 0, what: 'the cut of the one that does not read' });
    assert.ok(cut);
    await reader.change(seq);
    reader.close();
    stuck.request.destroy();
  } finally {
    await own.stop();
  }
});
