// A whole evening at one booth, from two phones, the terminal, the button and a board - and everything is there the next
// time the box is switched on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from '../lib/test.mjs';
import { shared, withoutEstimates } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { waitFor } from '../lib/wait.mjs';

const booth = await shared(after);
let ids;
const mina = await booth.signIn('manager', '민아');
const jun = await booth.signIn('staff', '준');
const board = await booth.client().stream('/api/v1/board/stream');

const state = async (id) => (await jun.ticket(id)).state;
const shows = (list, id) => board.next((e) => e === board.events.at(-1) && e.data[list].some((t) => t.id === id), { what: `${id} in ${list}` });
// Does it, sees it, takes it back, sees that, and does it again.
async function andBack(id, act) {
  const was = await state(id);
  const { seq, ticket } = await act();
  assert.equal(await state(id), ticket.state);
  await mina.undo(seq);
  assert.equal(await state(id), was);
  return act();
}

describe('an evening', () => {
  test('intake opens from the terminal', async () => {
    await mina.intake('closed');
    expect(await jun.post('/api/v1/tickets', { party_size: 2 }), 409, 'intake_closed');
    await booth.ctlOk('intake', 'open');
    assert.equal((await jun.queue()).intake.state, 'open');
  });

  test('two phones issue thirty tickets at the same time', async () => {
    const add = async (phone, from) => {
      for (let i = from; i < 30; i += 2) await phone.issue({ party_size: 1 + (i % 6), name: `손님 ${i}`, phone: `010-0000-${String(i).padStart(4, '0')}` }, { key: `add-${i}` });
    };
    await Promise.all([add(mina, 0), add(jun, 1)]);
    const { tickets } = await jun.queue();
    ids = tickets.map((t) => t.id);
    assert.deepEqual(tickets.map((t) => t.number), Array.from({ length: 30 }, (_, i) => String(i + 1)));
    await board.next((e) => e.data.waiting === 30, { what: '30 waiting' });
  });

  test('call next', async () => {
    await andBack(ids[0], () => jun.callNext({ expect: ids[0] }));
    await shows('calling', ids[0]);
  });

  test('call a specific one, from the terminal', async () => {
    await booth.ctlOk('call', '12');
    assert.equal(await state(ids[11]), 'called');
    await shows('calling', ids[11]);
    await booth.ctlOk('undo');
    assert.equal(await state(ids[11]), 'waiting');
    await jun.act(ids[11], 'call');
  });

  test('call again: the board flashes anew', async () => {
    const before = (await mina.board()).calling.find((t) => t.id === ids[0]);
    await andBack(ids[0], () => jun.act(ids[0], 'call'));
    const after = (await mina.board()).calling.find((t) => t.id === ids[0]);
    assert.equal(after.calls, before.calls + 1);
    assert.ok(after.call_seq > before.call_seq);
  });

  test('seat, no-show, bring back, postpone, edit: each done, undone, done', async () => {
    await andBack(ids[0], () => jun.act(ids[0], 'seat'));
    await shows('recent', ids[0]);
    await andBack(ids[11], () => mina.act(ids[11], 'no-show'));
    await shows('missed', ids[11]);
    await andBack(ids[11], () => jun.act(ids[11], 'requeue', { position: 'front' }));
    assert.equal((await jun.queue()).lines[0].next, ids[11]);
    await andBack(ids[1], () => mina.act(ids[1], 'requeue', { after: 5 }));
    const was = await jun.ticket(ids[2]);
    const { seq } = await jun.edit(ids[2], { party_size: 9, note: '창가' });
    const { party_size, note } = (await jun.undo(seq)).ticket;
    assert.deepEqual([party_size, note], [was.party_size, null]);
    await jun.edit(ids[2], { party_size: 9, note: '창가' });
  });

  test('the button calls the next one and seats it', async () => {
    const press = async (ms) => { await booth.ctlOk('panel', 'press', `${ms}ms`); };
    await waitFor(async () => { // presses within 2 s of a call are not meant
      if ((await state(ids[11])) === 'waiting') await press(100);
      return (await state(ids[11])) === 'called';
    }, { every: 300, what: 'the button’s call' });
    await press(900);
    await waitFor(async () => (await state(ids[11])) === 'seated', { what: 'the button’s seat' });
  });

  test('some go', async () => {
    await andBack(ids[20], () => jun.act(ids[20], 'cancel'));
  });

  test('pause with an end, and close', async () => {
    await jun.intake('paused', { resume_after_s: 1800 });
    await board.next((e) => e.data.intake.state === 'paused' && e.data.intake.resume_at, { what: 'the pause' });
    await mina.intake('closed');
    await board.next((e) => e === board.events.at(-1) && e.data.intake.state === 'closed', { what: 'closing' });
    await jun.callNext();
  });

  test('the export has everybody', async () => {
    const { day, tickets } = await mina.queue();
    const file = path.join(booth.dir, 'day.csv');
    await booth.ctlOk('export', day, '-o', file);
    const text = fs.readFileSync(file, 'utf8');
    assert.equal(text, (await mina.get(`/api/v1/days/${day}/export.csv`)).text);
    for (const t of tickets) assert.ok(text.includes(t.name) && text.includes(t.phone));
    assert.equal(text.trim().split('\r\n').length, 31);
  });

  test('stop, start: everything is there', async () => {
    const before = { queue: await mina.queue(), board: await mina.board(), tickets: await Promise.all(ids.map((id) => mina.ticket(id))), days: (await mina.get('/api/v1/days')).json };
    board.close();
    await booth.restart();
    const after = { queue: await mina.queue(), board: await mina.board(), tickets: await Promise.all(ids.map((id) => mina.ticket(id))), days: (await mina.get('/api/v1/days')).json };
    assert.ok(after.queue.seq >= before.queue.seq);
    for (const view of ['queue', 'board']) assert.deepEqual(withoutEstimates(after[view]), withoutEstimates(before[view]));
    assert.deepEqual(after.tickets.map((t) => t.history), before.tickets.map((t) => t.history));
    assert.deepEqual(after.days, before.days);
  });

  test('undo of commands before the stop, and numbers continue', async () => {
    const seated = await jun.ticket(ids[0]);
    assert.equal((await jun.undo(seated.undo_seq)).ticket.state, 'called');
    await jun.intake('open');
    assert.equal((await jun.issue()).ticket.number, '31');
  });
});
