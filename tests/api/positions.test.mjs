// Where a ticket goes when it is put back, and whom call-next takes.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';

const booth = await shared(after);
let ids;
const staff = await booth.signIn();
beforeEach(async () => {
  for (const t of (await staff.queue()).tickets) if (['waiting', 'called'].includes(t.state)) await staff.act(t.id, 'cancel');
  ids = [];
  for (let i = 0; i < 6; i++) ids.push((await staff.issue()).ticket.id);
});

// The waiting as indices into ids; the positions said by the tickets must agree with the order of the list.
async function order() {
  const waiting = (await staff.queue()).tickets.filter((t) => t.state === 'waiting');
  assert.deepEqual(waiting.map((t) => t.position), waiting.map((_, i) => i + 1));
  return waiting.map((t) => ids.indexOf(t.id));
}
const requeue = async (i, body) => (await staff.act(ids[i], 'requeue', body)).ticket;

test('postpone by two teams', async () => {
  assert.equal((await requeue(0, { after: 2 })).position, 3);
  assert.deepEqual(await order(), [1, 2, 0, 3, 4, 5]);
});
test('index 0 is the front, an index beyond the end is the end', async () => {
  await requeue(3, { after: 0 });
  await requeue(1, { after: 1000 });
  assert.deepEqual(await order(), [3, 0, 2, 4, 5, 1]);
});
test('front and back', async () => {
  await requeue(4, { position: 'front' });
  await requeue(0, { position: 'back' });
  assert.deepEqual(await order(), [4, 1, 2, 3, 5, 0]);
});
test('many times between the same two neighbours', async () => {
  for (let i = 0; i < 200; i++) await requeue(i % 2 ? 4 : 5, { after: 1 });
  assert.deepEqual(await order(), [0, 4, 5, 1, 2, 3]);
});
test('a called one goes back to its place and is passed over once', async () => {
  await staff.callNext();
  const back = await requeue(0, { position: 'keep' });
  assert.deepEqual([back.position, back.held], [1, true]);
  assert.deepEqual(await order(), [0, 1, 2, 3, 4, 5]);
  assert.equal((await staff.queue()).lines[0].next, ids[1]);
  assert.equal((await staff.callNext()).ticket.id, ids[1]);
  assert.equal((await staff.ticket(ids[0])).held, false);
  assert.equal((await staff.callNext()).ticket.id, ids[0]);
});
test('the held one is called after all if nobody else waits', async () => {
  for (let i = 1; i < 6; i++) await staff.act(ids[i], 'cancel');
  await staff.callNext();
  await requeue(0, { position: 'keep' });
  assert.equal((await staff.callNext()).ticket.id, ids[0]);
});
test('front means called next', async () => {
  await staff.callNext();
  const back = await requeue(0, { position: 'front' });
  assert.equal(back.held, false);
  assert.equal((await staff.callNext()).ticket.id, ids[0]);
});
test('each end leads back into the list at its old place', async () => {
  for (const [i, verb] of [[1, 'seat'], [2, 'cancel']]) {
    await staff.act(ids[i], verb);
    await requeue(i, { position: 'keep' });
  }
  await staff.act(ids[3], 'call');
  await staff.act(ids[3], 'no-show');
  await requeue(3, { position: 'keep' });
  assert.deepEqual(await order(), [0, 1, 2, 3, 4, 5]);
});
test('undo puts everybody back where they were', async () => {
  const { seq } = await staff.act(ids[0], 'requeue', { after: 4 });
  assert.deepEqual(await order(), [1, 2, 3, 4, 0, 5]);
  await staff.undo(seq);
  assert.deepEqual(await order(), [0, 1, 2, 3, 4, 5]);
});
test('the order outlives a restart', async () => {
  await requeue(5, { after: 1 });
  await requeue(0, { after: 3 });
  const was = await order();
  await booth.restart();
  assert.deepEqual(await order(), was);
});
