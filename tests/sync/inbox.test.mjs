// Items of the inbox reach the booth in order and exactly once; one that cannot be done is refused, and passed.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from '../lib/test.mjs';
import { Random, seedOfRun } from '../lib/random.mjs';
import { sharedSite } from '../lib/site.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const SEED = seedOfRun();
console.log(`SEED=${SEED}`);
const site = await sharedSite(after, { booths: 1, seed: SEED });
const { hub, members: [booth] } = site;
const { cli } = booth;
const random = new Random(SEED);
// Answers are repeated, lost, cut: the items in them too.
beforeEach(() => { booth.proxy.fault = () => random.pick([null, null, 'old_answer', 'lost', 'half_answer', 'twice']); });

const put = (type, body, more) => hub.put(booth.id, type, body, more);
const ticketOf = (join) => booth.events('ticket.issued').filter((e) => e.remote === join);
const refusals = () => booth.events('remote.refused').map(({ remote, item, code }) => ({ remote, item, code }));
// Until the booth has passed all items, with the faults at work, then healed.
async function passed() {
  for (let i = 0; i < 4; i++) {
    await booth.syncNow();
    await cli.issue({});
    await pause(300);
  }
  await site.settle();
}

test('guests join in order, each once', { timeout: 120000 }, async () => {
  const joins = [];
  for (let i = 0; i < 8; i++) joins.push(await put('remote.join', { party_size: 1 + i, name: `손님 ${i}`, phone: `010-0000-000${i}` }));
  await passed();
  const tickets = joins.map((join) => ticketOf(join));
  assert.deepEqual(tickets.map((t) => t.length), joins.map(() => 1));
  const ids = tickets.map(([t]) => t.ticket.id);
  assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  const list = (await cli.queue()).tickets;
  for (const [i, id] of ids.entries()) {
    const t = list.find((x) => x.id === id);
    assert.deepEqual([t.source, t.party_size, t.name, t.phone], ['hub', 1 + i, `손님 ${i}`, `010-0000-000${i}`]);
  }
  await site.agree();
});

test('a guest cancels; another lets others go first', { timeout: 120000 }, async () => {
  const [a, b] = [await put('remote.join', { party_size: 2 }), await put('remote.join', { party_size: 3 })];
  const more = [await put('remote.join', { party_size: 4 }), await put('remote.join', { party_size: 5 }), await put('remote.join', { party_size: 6 })];
  await put('remote.cancel', { join: a });
  await put('remote.defer', { join: b, after: 2 });
  await passed();
  const list = (await cli.queue()).tickets;
  const at = (join) => list.find((t) => t.id === ticketOf(join)[0].ticket.id);
  assert.equal(at(a)?.state ?? 'cancelled', 'cancelled');
  assert.deepEqual([...more.slice(0, 2), b, more[2]].map((j) => at(j).position).map((p, _, all) => p - all[0]), [0, 1, 2, 3]);
  await site.agree();
});

test('an impossible item is refused by an event, and the next items are done', { timeout: 120000 }, async () => {
  const before = refusals().length;
  const late = await put('remote.join', { party_size: 2 }, { validUntil: Date.now() - 60000 });
  const dance = await put('remote.dance', { with: 'me' });
  const bad = await put('remote.join', { party_size: 'many' });
  const nobody = await put('remote.cancel', { join: 'ab'.repeat(16) });
  const good = await put('remote.join', { party_size: 7 }, { validUntil: Date.now() + 3600e3 });
  await passed();
  assert.deepEqual(refusals().slice(before).map((r) => [r.remote, r.item]), [[late, 'remote.join'], [dance, 'remote.dance'], [bad, 'remote.join'], [nobody, 'remote.cancel']]);
  for (const { code } of refusals().slice(before)) assert.match(code, /^[a-z_]+$/);
  assert.equal(ticketOf(good).length, 1);
  for (const join of [late, bad]) assert.equal(ticketOf(join).length, 0);
  await site.agree();
});

test('a closed intake refuses a remote guest like others', { timeout: 120000 }, async () => {
  await cli.intake('closed');
  const join = await put('remote.join', { party_size: 2 });
  booth.proxy.fault = null;
  await waitFor(async () => {
    await booth.syncNow();
    return refusals().some((r) => r.remote === join);
  }, { every: 200, what: 'the refusal' });
  assert.equal(refusals().find((r) => r.remote === join).code, 'intake_closed');
  await cli.intake('open');
  await site.settle();
});

test('deliveries: of the latest call only, without a new version', { timeout: 120000 }, async () => {
  const join = await put('remote.join', { party_size: 2, name: '지우' });
  await passed();
  const [{ ticket: { id } }] = ticketOf(join);
  const { epoch } = (await cli.queue()).booth;
  const first = await cli.act(id, 'call', {});
  assert.equal(first.ticket.delivery, 'pending');
  const again = await cli.act(id, 'call', {});
  const of = (seq, state) => put('delivery', { ticket: id, epoch, seq, state });
  await of(first.seq, 'failed'); // of a call that is not the latest any more
  await of(again.seq, 'delivered');
  await passed();
  const after = await cli.ticket(id);
  assert.equal(after.ticket?.delivery ?? after.delivery, 'delivered');
  assert.equal(after.ticket?.version ?? after.version, again.ticket.version);
  const told = booth.events('delivery.updated').filter((e) => e.ticket.id === id);
  assert.deepEqual(told.map((e) => e.ticket.delivery), ['delivered']);
  await site.agree();
});

test('a message', async () => {
  const text = '비가 옵니다. 30분 뒤에 닫습니다.';
  assert.equal((await cli.queue()).message, null);
  const id = await put('message', { text });
  await passed();
  assert.equal((await cli.queue()).message.text, text);
  assert.deepEqual(booth.events('message.received').map((e) => e.remote), [id]);
});
