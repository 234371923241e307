// Open, paused (with and without an end), closed.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { pace } from '../lib/pace.mjs';
import { pause } from '../lib/wait.mjs';

const booth = await shared(after);
const staff = await booth.signIn();

test('closed: no new tickets, the list stays usable', async () => {
  const { ticket } = await staff.issue();
  assert.deepEqual((await staff.intake('closed')).intake, { state: 'closed', resume_at: null });
  expect(await staff.post('/api/v1/tickets', { party_size: 2 }), 409, 'intake_closed');
  assert.equal((await staff.callNext()).ticket.id, ticket.id);
  await staff.act(ticket.id, 'requeue', { position: 'back' });
  await staff.act(ticket.id, 'seat');
  assert.equal((await staff.board()).intake.state, 'closed');
  await staff.intake('open');
  await staff.issue();
});

test('paused: no new tickets until somebody opens', async () => {
  assert.deepEqual((await staff.intake('paused')).intake, { state: 'paused', resume_at: null });
  expect(await staff.post('/api/v1/tickets', { party_size: 2 }), 409, 'intake_closed');
  await staff.intake('open');
});

test('the timer ends a timed pause, and every stream gets it', async () => {
  const stream = await staff.stream();
  await stream.snapshot();
  const from = Date.now();
  const { intake, seq } = await staff.intake('paused', { resume_after_s: 1 });
  const to = Date.now();
  const began = Date.parse(intake.resume_at) - 1000;
  assert.ok(began >= from && began <= to, `${began - from} ms after it was asked for, answered after ${to - from} ms`);
  const opened = await stream.next((e) => e.event === 'change' && e.data.type === 'intake.changed' && e.data.seq > seq, { what: 'the end of the pause' });
  assert.deepEqual(opened.data.intake, { state: 'open', resume_at: null });
  stream.close();
  await staff.issue();
});

test('opening early cancels the timer; a pause is extended by another', async () => {
  await staff.intake('paused', { resume_after_s: 1 });
  const { seq } = await staff.intake('paused', { resume_after_s: 600 });
  await pause(1300); // beyond the first one's end: nothing may come
  const now = await staff.queue();
  assert.deepEqual([now.intake.state, now.seq], ['paused', seq]);
  await staff.intake('open');
});

test('a timed pause outlives a restart', async () => {
  const { intake } = await staff.intake('paused', { resume_after_s: Math.ceil(2 * pace) }); // longer than the restart
  await booth.restart();
  assert.equal((await staff.queue()).intake.resume_at, intake.resume_at);
  const stream = await staff.stream();
  await stream.next((e) => e.data.intake?.state === 'open', { what: 'the end of the pause' });
  stream.close();
});

test('invalid intakes', async () => {
  for (const [body, field] of [[{}, 'state'], [{ state: 'shut' }, 'state'], [{ state: 'paused', resume_after_s: 0 }, 'resume_after_s'],
    [{ state: 'paused', resume_after_s: 86401 }, 'resume_after_s'], [{ state: 'closed', resume_after_s: 60 }, 'resume_after_s']])
    assert.equal(expect(await staff.put('/api/v1/intake', body), 400, 'invalid_field').field, field, JSON.stringify(body));
});
