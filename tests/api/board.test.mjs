// The public board: all that guests need, and nothing that is theirs alone.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { shared, withoutEstimates } from '../lib/boothd.mjs';

const booth = await shared(after);
const MARKS = { name: 'MARKNAME민아', phone: '010-7777-8888', note: 'MARKNOTE창가' };
const staff = await booth.signIn('staff', 'MARKDEVICE');
const guest = booth.client();

test('the board never contains a name, phone, note, token or device', async () => {
  const seen = [];
  const streams = await Promise.all([guest.stream('/api/v1/board/stream'), guest.stream('/api/v1/board/stream')]);
  const look = async () => seen.push((await guest.get('/api/v1/board')).text);
  const secrets = [...Object.values(MARKS), 'MARKDEVICE'];
  let seq;
  for (const verbs of [[], ['call'], ['call', 'call'], ['call', 'phoned'], ['call', 'seat'], ['call', 'no-show'], ['cancel'], ['call', 'requeue']]) {
    const { ticket } = await staff.issue(MARKS);
    secrets.push(ticket.token);
    for (const verb of verbs) await staff.act(ticket.id, verb, verb === 'requeue' ? { position: 'keep' } : undefined);
    ({ seq } = await staff.edit(ticket.id, { ...MARKS, party_size: 5 }));
    await look();
  }
  await Promise.all(streams.map((s) => s.next((e) => e.data.seq >= seq, { what: 'the last board' })));
  const bytes = [...seen, ...streams.map((s) => s.text)].join('\n');
  assert.ok(bytes.length > 1000);
  for (const secret of secrets) assert.ok(!bytes.includes(secret), `the board says ${secret}`);
  streams.forEach((s) => s.close());
});

test('no sign-in is needed, and a wrong cookie is ignored', async () => {
  const other = booth.client();
  other.cookie = 'boothd=nonsense';
  assert.deepEqual(await other.board(), await guest.board());
});

test('calling, recent, missed: newest first', async () => {
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push((await staff.issue()).ticket.id);
  for (const id of ids) await staff.act(id, 'call');
  await staff.act(ids[0], 'seat');
  await staff.act(ids[1], 'seat');
  await staff.act(ids[2], 'no-show');
  await staff.act(ids[3], 'call');
  const board = await guest.board();
  const among = (list) => list.map((t) => t.id).filter((id) => ids.includes(id));
  assert.deepEqual(among(board.calling), [ids[3], ids[4]]);
  assert.deepEqual(among(board.recent), [ids[1], ids[0]]);
  assert.deepEqual(among(board.missed), [ids[2]]);
  assert.equal(board.calling[0].calls, 2);
});

test('call_seq changes with each call and re-call only', async () => {
  const { ticket } = await staff.issue();
  const first = (await staff.act(ticket.id, 'call')).seq;
  const on = async () => (await guest.board()).calling.find((t) => t.id === ticket.id).call_seq;
  assert.equal(await on(), first);
  await staff.edit(ticket.id, { party_size: 8 });
  await staff.act(ticket.id, 'phoned');
  assert.equal(await on(), first);
  const second = (await staff.act(ticket.id, 'call')).seq;
  assert.equal(await on(), second);
});

test('lists are short after a long evening', async () => {
  for (let i = 0; i < 20; i++) {
    const { ticket } = await staff.issue();
    await staff.act(ticket.id, 'call');
    if (i % 3 === 0) await staff.act(ticket.id, 'seat');
    if (i % 3 === 1) await staff.act(ticket.id, 'no-show');
  }
  const board = await guest.board();
  assert.deepEqual([board.calling.length <= 12, board.recent.length <= 8, board.missed.length <= 12], [true, true, true]);
});

test('the stream: it sends the latest state, and merges a burst', async () => {
  const stream = await guest.stream('/api/v1/board/stream');
  await stream.snapshot();
  const before = stream.events.length;
  const issued = await Promise.all(Array.from({ length: 40 }, () => staff.issue()));
  const last = Math.max(...issued.map((i) => i.seq));
  const final = await stream.next((e) => e.data.seq >= last, { what: 'the burst’s end' });
  assert.equal(final.id, `${final.data.booth.epoch}-${final.data.seq}`);
  assert.equal(final.data.waiting, (await guest.board()).waiting);
  assert.ok(stream.events.length - before < 40, 'bursts are joined');
  stream.close();
});

test('texts, languages and closing reach the board', async () => {
  const stream = await guest.stream('/api/v1/board/stream');
  await stream.snapshot();
  await booth.cli().settings({ texts: { welcome: '어서 오세요', closed: '내일 만나요' }, languages: ['en', 'ko'] });
  await staff.intake('closed');
  const { data } = await stream.next((e) => e.data.intake.state === 'closed' && e.data.texts.closed === '내일 만나요', { what: 'the closed board' });
  assert.deepEqual(data.languages, ['en', 'ko']);
  assert.equal(data.texts.welcome, '어서 오세요');
  stream.close();
});

test('304 until something changes', async () => {
  const { headers: { etag } } = await guest.get('/api/v1/board');
  const again = () => guest.get('/api/v1/board', { headers: { 'If-None-Match': etag } });
  assert.equal((await again()).status, 304);
  await staff.intake('open');
  assert.equal((await again()).status, 200);
});

test('after the daemon’s restart the board is the same', async () => {
  const before = await guest.board();
  await booth.restart();
  const after = await guest.board();
  assert.ok(after.seq >= before.seq);
  assert.deepEqual(withoutEstimates(after), withoutEstimates(before));
});
