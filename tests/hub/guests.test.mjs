// A guest joins through the hub, follows their position, is called, defers and cancels.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { Hub } from '../lib/hub.mjs';
import { preload } from '../lib/preload.mjs';
import { Service } from '../lib/service.mjs';
import { Member } from '../lib/site.mjs';
import { waitFor } from '../lib/wait.mjs';

const HOUR = 3600e3;
const hub = await Hub.start();
let clock;
function ahead(hours) {
  fs.writeFileSync(`${clock}.new`, `${hours * HOUR} 1 1\n`);
  fs.renameSync(`${clock}.new`, clock);
}
const booth = await Booth.start({
  env: (dir) => {
    clock = path.join(dir, 'fakeclock');
    ahead(0);
    return preload(['fakeclock'], { FAKECLOCK: clock });
  },
});
await booth.cli().intake('open');
const member = await Member.enrol(hub, { booth });
const service = await Service.of(hub);
after(async () => {
  service.close();
  await member.stop();
  await hub.stop();
});
const { cli, id } = member;
const settle = () => member.settle();
const issuedFor = (ref) => member.events('ticket.issued').filter((e) => e.remote === ref);

test('a join is first asked, then a ticket with number, position and estimate', async () => {
  const first = await service.join(id, { party_size: 3, name: '민아', phone: '010-1234-5678', note: '창가' });
  assert.deepEqual([first.state, first.ticket, first.position, first.name, first.party_size], ['asked', null, null, '민아', 3]);
  assert.ok(Math.abs(Date.parse(first.valid_until) - Date.parse(first.made_at) - HOUR) < 5000);
  const second = await service.join(id, { party_size: 2 });
  await settle();
  const list = (await cli.queue()).tickets;
  for (const [i, { ref }] of [first, second].entries()) {
    const g = await service.guest(ref);
    const own = list.find((t) => t.number === g.ticket.number);
    assert.deepEqual([g.state, g.position, g.ticket.id, g.ticket.state, g.line], ['waiting', i + 1, own.id, 'waiting', own.line]);
    assert.equal(issuedFor(ref).length, 1);
    assert.deepEqual([own.name, own.phone, own.note, own.source], [g.name, g.phone, g.note, 'hub']);
  }
  for (let i = 0; i < 4; i++) { // the line moves, before and behind them
    const { ticket } = await cli.issue();
    await cli.act(ticket.id, 'call', {});
  }
  await settle();
  const ours = (await service.guest(second.ref)).estimate;
  const theirs = (await cli.queue()).tickets.find((t) => t.position === 2).estimate;
  assert.ok(ours && theirs, 'both have an estimate after three entries');
  for (const key of ['low_s', 'high_s']) assert.ok(Math.abs(ours[key] - theirs[key]) <= 60, `${key}: ${ours[key]} at the hub, ${theirs[key]} at the booth`);
});

test('under one key a guest joins once, after any number of repeats and parallel requests', async () => {
  const url = `/api/v1/booths/${id}/guests`;
  const body = { party_size: 5, name: '하나' };
  const answers = await Promise.all(Array.from({ length: 6 }, () => service.post(url, body, { key: 'join-1' })));
  assert.deepEqual(new Set(answers.map((a) => a.status)), new Set([201]));
  assert.equal(new Set(answers.map((a) => a.json.ref)).size, 1);
  const [{ json: { ref } }] = answers;
  await settle();
  const again = expect(await service.post(url, body, { key: 'join-1' }), 201);
  assert.deepEqual([again.ref, again.state], [ref, 'waiting'], 'that guest, as it is now');
  assert.equal((await cli.queue()).tickets.filter((t) => t.name === '하나').length, 1);
  expect(await service.post(url, { party_size: 6, name: '하나' }, { key: 'join-1' }), 422, 'key_reused');
  const other = await Service.of(hub, 'guests');
  assert.notEqual((await other.join(id, body, { key: 'join-1' })).ref, ref, 'another caller’s key is another key');
  other.close();
  const lost = { party_size: 0 };
  expect(await service.post(url, lost, { key: 'join-2' }), 400, 'invalid_field');
  assert.ok((await service.join(id, { party_size: 1 }, { key: 'join-2' })).ref, 'what was refused has not used its key up');
  await settle();
});

test('a call is identified, its delivery reported, and the booth shows it', async () => {
  const { ref } = await service.join(id, { name: '지우' });
  await settle();
  const { ticket } = await service.guest(ref);
  const { seq } = await cli.act(ticket.id, 'call', {});
  await settle();
  const called = await service.guest(ref);
  const { epoch } = (await cli.queue()).booth;
  assert.deepEqual([called.state, called.position, called.ticket.call, called.ticket.delivery], ['called', null, { epoch, seq }, 'pending']);
  const { id: item } = expect(await service.post('/api/v1/deliveries', { booth: id, ...called.ticket.call, state: 'delivered' }, { key: 'push-1' }), 202);
  assert.equal(expect(await service.post('/api/v1/deliveries', { booth: id, ...called.ticket.call, state: 'delivered' }, { key: 'push-1' }), 202).id, item);
  await settle();
  assert.equal((await cli.ticket(ticket.id)).delivery, 'delivered');
  assert.equal((await service.guest(ref)).ticket.delivery, 'delivered');
  assert.deepEqual(member.events('delivery.updated').map((e) => e.remote), [item]);
  expect(await service.post('/api/v1/deliveries', { booth: id, epoch, seq: seq - 1, state: 'failed' }), 404, 'not_found');
});

test('others may go first; then the guest goes home', async () => {
  const { ref } = await service.join(id, { party_size: 9 });
  for (let i = 0; i < 3; i++) await service.join(id);
  await settle();
  const before = await service.guest(ref);
  const deferred = expect(await service.post(`/api/v1/guests/${ref}/defer`, { after: 2 }), 202);
  assert.deepEqual(deferred.requests.map((w) => [w.type, w.after, w.state]), [['defer', 2, 'asked']]);
  await settle();
  const now = await service.guest(ref);
  assert.deepEqual([now.position, now.requests.map((w) => w.state)], [before.position + 2, ['taken']]);
  const answers = await Promise.all([1, 2, 3].map(() => service.delete(`/api/v1/guests/${ref}`)));
  for (const answer of answers) assert.deepEqual(expect(answer, 202).requests.map((x) => x.type), ['defer', 'cancel'], 'one request to cancel');
  await settle();
  const gone = await service.guest(ref);
  assert.deepEqual([gone.state, gone.ticket.state, gone.position, gone.estimate], ['cancelled', 'cancelled', null, null]);
  expect(await service.delete(`/api/v1/guests/${ref}`), 409, 'wrong_state');
  expect(await service.post(`/api/v1/guests/${ref}/defer`, { after: 1 }), 409, 'wrong_state');
});

test('a guest who is refused gets the reason', async () => {
  const elsewhere = await service.join(id, { line: 'zz' });
  await settle();
  await cli.intake('closed');
  const late = await service.join(id, {});
  await settle();
  await cli.intake('open');
  for (const [{ ref }, reason] of [[elsewhere, 'invalid'], [late, 'intake_closed']]) {
    const g = await service.guest(ref);
    assert.deepEqual([g.state, g.reason, g.ticket, g.position], ['refused', reason, null, null]);
    expect(await service.delete(`/api/v1/guests/${ref}`), 409, 'wrong_state');
  }
  // The booth was quicker than the request: the request is refused, not the guest.
  const { ref } = await service.join(id, {});
  await settle();
  member.proxy.fault = () => 'lost';
  expect(await service.delete(`/api/v1/guests/${ref}`), 202);
  await cli.act((issuedFor(ref))[0].ticket.id, 'seat', {});
  await settle();
  const g = await service.guest(ref);
  assert.deepEqual([g.state, g.reason, g.requests.map((w) => [w.type, w.state, w.reason])], ['seated', null, [['cancel', 'refused', 'wrong_state']]]);
});

test('names are erased when the booth erases its own; guests who wait keep theirs', async () => {
  const done = await service.join(id, { name: '떠난 손님', phone: '010-9999-0000', note: '비밀' });
  const waits = await service.join(id, { name: '기다리는 손님' });
  await settle();
  await cli.act((await service.guest(done.ref)).ticket.id, 'seat', {});
  await settle();
  assert.equal((await service.guest(done.ref)).name, '떠난 손님');
  expect(await cli.post('/api/v1/days'), 200); // theirs is over
  await settle();
  ahead(48);
  await waitFor(async () => Date.parse(expect(await cli.get('/api/v1/system'), 200).clock.now) > Date.now() + 47 * HOUR, { what: 'the day after' });
  await booth.ctlOk('nightly');
  assert.ok(member.events('people.erased').length > 0);
  await settle();
  const gone = await service.guest(done.ref);
  assert.deepEqual([gone.name, gone.phone, gone.note, gone.state, gone.party_size], [null, null, null, 'seated', 2]);
  assert.equal((await service.guest(waits.ref)).name, '기다리는 손님');
  assert.equal((await service.queueOf(id)).tickets.find((t) => t.guest === waits.ref).person.name, '기다리는 손님');
  await cli.act((await service.guest(waits.ref)).ticket.id, 'seat', {});
  await settle();
  assert.equal((await service.guest(waits.ref)).name, null, 'the day was erased: a ticket that is closed later goes too');
  const rest = await hub.rows("SELECT 1 FROM inbox WHERE body::text ~ '떠난|9999|기다리는' UNION ALL SELECT 1 FROM guest WHERE contact::text ~ '손님' UNION ALL SELECT 1 FROM person WHERE name ~ '떠난|기다리는'");
  assert.deepEqual(rest, []);
});
