// The booths as a central service sees them, and what each key may see.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { expect } from '../lib/http.mjs';
import { Service } from '../lib/service.mjs';
import { sharedSite } from '../lib/site.mjs';
import { waitFor } from '../lib/wait.mjs';

const site = await sharedSite(after, { booths: 1 });
const { hub, members: [member] } = site;
const { cli, id } = member;
const service = await Service.of(hub);
const reader = await Service.of(hub, 'read');
const guests = await Service.of(hub, 'guests');
const admin = await Service.of(hub, 'admin');
after(() => [service, reader, guests, admin].forEach((s) => s.close()));

test('the list: the state of each booth', async () => {
  const empty = await hub.createBooth('나중에');
  for (let i = 0; i < 3; i++) await cli.issue();
  await cli.callNext({});
  await cli.intake('paused', { resume_after_s: 600 });
  await member.settle();
  const list = await reader.booths();
  assert.deepEqual(list.map((b) => b.name), ['booth-1', '나중에']);
  const [own, other] = list;
  assert.deepEqual([own.id, own.state, own.waiting, own.called, own.lag_events, own.requests, own.intake.state], [id, 'ok', 2, 1, 0, 0, 'paused']);
  assert.equal(own.intake.resume_at, (await cli.queue()).intake.resume_at);
  assert.match(own.version, /^[0-9]+\./);
  assert.ok(Date.now() - Date.parse(own.seen_at) < 60000);
  assert.deepEqual([other.id, other.state, other.seen_at, other.version, other.intake, other.waiting], [empty.id, 'not_enrolled', null, null, null, 0]);
  member.proxy.fault = 'reset'; // until it is to be heard of again
  await waitFor(() => member.proxy.underway === 0, { what: 'what is under way to arrive' });
  await service.join(id, {});
  assert.equal((await reader.booths())[0].requests, 1);
  await hub.postgres.psql('UPDATE booth SET seen_at = seen_at - 1000000');
  assert.equal((await reader.booths())[0].state, 'silent');
  await cli.intake('open');
  await member.settle();
  assert.deepEqual((await reader.booths()).map((b) => [b.state, b.requests])[0], ['ok', 0]);
  await hub.postgres.psql('UPDATE epoch SET head = head + 5');
  assert.deepEqual((await reader.booths()).map((b) => [b.state, b.lag_events])[0], ['behind', 5]);
  await hub.postgres.psql('UPDATE epoch SET head = head - 5');
});

test('the queue is the booth’s, in its order; names are for keys with the scope guests', async () => {
  await cli.settings({ lines: [{ id: 'a', name: '테이블', prefix: 'A' }, { id: 'b', name: '포장', prefix: 'B' }] });
  const { ref } = await service.join(id, { name: '지호', phone: '010-2222-3333', line: 'b' });
  const first = await cli.issue({ line: 'b', name: '서연' });
  const second = await cli.issue({ line: 'b' });
  await cli.act(second.ticket.id, 'requeue', { position: 'front' });
  await member.settle();
  const theirs = (await cli.queue()).tickets.filter((t) => ['waiting', 'called'].includes(t.state));
  const ours = await service.queueOf(id);
  const pick = (t) => [t.number, t.line, t.state, t.position, t.party_size, t.version, t.source, t.issued_at, t.called_at];
  const order = (list) => list.map(pick).sort((x, y) => x[0].localeCompare(y[0]));
  assert.deepEqual(order(ours.tickets), order(theirs));
  const inLine = (list, line) => list.filter((t) => t.line === line && t.state === 'waiting').map((t) => t.number);
  for (const line of ['a', 'b']) assert.deepEqual(inLine(ours.tickets, line), inLine(theirs, line));
  assert.deepEqual(ours.lines.map((l) => [l.id, l.name, l.waiting]), [['a', '테이블', inLine(theirs, 'a').length], ['b', '포장', 3]]);
  assert.equal(ours.day, (await cli.queue()).day);
  assert.deepEqual(ours.tickets.filter((t) => t.guest === ref).map((t) => t.person), [{ name: '지호', phone: '010-2222-3333', note: null }]);
  assert.deepEqual(ours.tickets.find((t) => t.id === first.ticket.id).person.name, '서연');
  const { text } = await reader.get(`/api/v1/booths/${id}/queue`);
  assert.ok(!/서연|지호|010-2222/.test(text) && !text.includes('person'), text);
});

test('a message is shown to the staff', async () => {
  const text = '비가 옵니다. 30분 뒤에 닫습니다.';
  const { id: item } = expect(await admin.post(`/api/v1/booths/${id}/messages`, { text }, { key: 'rain' }), 202);
  assert.equal(expect(await admin.post(`/api/v1/booths/${id}/messages`, { text }, { key: 'rain' }), 202).id, item);
  await member.settle();
  assert.deepEqual(member.events('message.received').map((e) => e.remote), [item]);
  assert.equal((await cli.queue()).message.text, text);
  assert.deepEqual(await hub.rows(`SELECT body ->> 'text' AS text FROM inbox WHERE type = 'message'`), [{ text }]);
});

test('the figures of a day at each booth', async () => {
  const { day, tickets } = await cli.queue();
  for (const t of tickets.filter((x) => x.state === 'waiting').slice(0, 2)) await cli.act(t.id, 'call', {});
  const [a, b] = (await cli.queue()).tickets.filter((t) => t.state === 'called');
  await cli.act(a.id, 'seat', {});
  await cli.act(b.id, 'no-show', {});
  await member.settle();
  const all = expect(await cli.get(`/api/v1/days/${day}`), 200).tickets;
  const of = (...states) => all.filter((t) => states.includes(t.state));
  const waits = all.filter((t) => t.called_at).map((t) => Date.parse(t.called_at) - Date.parse(t.issued_at)).sort((x, y) => x - y);
  const at = (share) => Math.floor(waits[Math.ceil(share * waits.length) - 1] / 1000);
  const { date, booths } = expect(await reader.get(`/api/v1/days/${day}`), 200);
  assert.deepEqual([date, booths.length], [day, 1], 'a booth without a ticket is not there');
  const { wait, ...own } = booths[0];
  assert.deepEqual(own, { booth: id, name: 'booth-1', trusted: true, tickets: all.length, seated: of('seated').length, no_show: of('no_show').length,
    cancelled: of('cancelled').length, open: of('waiting', 'called').length, remote: all.filter((t) => t.source === 'hub').length,
    guests_seated: of('seated').reduce((sum, t) => sum + t.party_size, 0) });
  assert.ok(own.seated >= 1 && own.no_show >= 1 && own.open >= 1 && own.remote >= 1);
  assert.deepEqual(wait, { median_s: at(0.5), p90_s: at(0.9) });
  assert.deepEqual(expect(await reader.get('/api/v1/days/1999-12-31'), 200).booths, []);
  for (const none of ['2026-02-30', '2026-9-11', 'today']) expect(await reader.get(`/api/v1/days/${none}`), 404, 'not_found');
});

test('a key has only its scopes; the hub stores no key', async () => {
  const { ref } = await service.join(id, {});
  const asks = {
    read: ['/api/v1/booths', `/api/v1/booths/${id}/queue`, '/api/v1/events', '/metrics'].map((url) => (s) => s.get(url)),
    guests: [(s) => s.post(`/api/v1/booths/${id}/guests`, { party_size: 1 }), (s) => s.get(`/api/v1/guests/${ref}`)],
    admin: [(s) => s.post(`/api/v1/booths/${id}/messages`, { text: 'x' })],
  };
  for (const [has, s] of Object.entries({ read: reader, guests, admin }))
    for (const [needs, list] of Object.entries(asks))
      for (const ask of list) {
        const answer = await ask(s);
        if (has === needs) assert.ok(answer.status < 300, answer.text);
        else expect(answer, 403, 'forbidden');
      }
  const dump = await hub.postgres.psql("SELECT encode(hash, 'escape'), * FROM api_key");
  for (const s of [reader, guests, admin]) assert.ok(!dump.includes(s.apiKey.slice(4, 20)));
  reader.apiKey = `${reader.apiKey.slice(0, -1)}${reader.apiKey.endsWith('A') ? 'B' : 'A'}`;
  expect(await reader.get('/api/v1/booths'), 401, 'not_signed_in');
});

test('a revoked booth accepts no requests', async () => {
  await hub.admin('revoke', id);
  assert.equal((await service.booths()).find((b) => b.id === id).state, 'revoked');
  expect(await service.post(`/api/v1/booths/${id}/guests`, { party_size: 1 }), 409, 'not_enrolled');
});

test('without an API key nothing is accepted, with or without an Idempotency-Key', async () => {
  for (const Authorization of ['', 'Basic eA==', 'Bearer', 'Bearer short'])
    for (const key of [undefined, 'once'])
      expect(await admin.send('POST', `/api/v1/booths/${id}/messages`, { text: 'x' }, { key, headers: { Authorization } }), 401, 'not_signed_in');
});
