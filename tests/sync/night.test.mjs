// The night of 2025-09-11, as the booths of that night should have had it. At 17:00 push tokens are missing. At 19:00 the
// cell network is saturated: 200 kbit/s, and answers that take half a minute. Later a captive portal steps in between, and
// then the hub rejects the booth's credential for a while. Hours are minutes here, and minutes seconds; the half minute is
// a half minute. No call may fail or get lost, no list may be old, and in the end each guest's delivery is told right.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { Hub } from '../lib/hub.mjs';
import { Relay } from '../lib/relay.mjs';
import { scaled } from '../lib/pace.mjs';
import { problem, Proxy } from '../lib/proxy.mjs';
import { Service } from '../lib/service.mjs';
import { Member } from '../lib/site.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const SLOW_MS = 33000;
const LIVE_MS = scaled(1000); // a list that is older than this is old

const hub = await Hub.start();
const proxy = await Proxy.start({ to: hub.address });
const relay = await Relay.start({ to: proxy.address });
const booth = await Booth.start();
await booth.cli().intake('open');
const member = await Member.enrol(hub, { booth, proxy, url: relay.url, name: '주점 12' });
const service = await Service.of(hub, 'guests'); // the one that guests' phones know, and that sends the push notifications
const { cli } = member;
const staff = await booth.signIn('staff', 'phone');
const stream = await (await booth.signIn('staff', 'other phone')).stream();
await stream.snapshot();
after(async () => {
  stream.close();
  service.close();
  await member.stop();
  await relay.stop();
  await hub.stop();
});

const calls = new Map(); // ticket id: {seq, delivery}: what must be told of it in the end
const { epoch } = (await cli.queue()).booth;
let serial = 0;

// The other phone sees each command at once, whatever the network does.
async function seen({ seq }, begun) {
  await stream.change(seq);
  assert.ok(performance.now() - begun < LIVE_MS, 'an old list');
}
async function staffWorks(n) {
  for (let i = 0; i < n; i++) {
    const begun = performance.now();
    await seen(await staff.issue({ name: `팀 ${++serial}`, phone: '010-1234-5678' }), begun);
  }
}
// Guests who joined with their phones at home.
async function join(n) {
  const before = new Set((await cli.queue()).tickets.map((t) => t.id));
  for (let i = 0; i < n; i++) await service.join(member.id, { name: `원격 ${++serial}` });
  const fresh = async () => (await cli.queue()).tickets.filter((t) => t.source === 'hub' && !before.has(t.id));
  await waitFor(async () => {
    await member.syncNow();
    return (await fresh()).length === n;
  }, { timeout: 30000, every: 500, what: 'the guests' });
  return fresh();
}
async function call(ticket, delivery) {
  const begun = performance.now();
  const called = await staff.act(ticket.id, 'call', {});
  assert.equal(called.ticket.delivery, 'pending');
  calls.set(ticket.id, { seq: called.seq, delivery });
  await seen(called, begun);
}
// What the service says of the calls that the hub knows by now.
const told = new Set();
async function deliver() {
  for (const { seq, delivery } of calls.values()) {
    if (told.has(seq) || !await hub.has(member.id, epoch, seq)) continue;
    told.add(seq);
    expect(await service.post('/api/v1/deliveries', { booth: member.id, epoch, seq, state: delivery }), 202);
  }
}
const shown = async (id) => (await cli.queue()).tickets.find((t) => t.id === id)?.delivery;
const exchanges = () => proxy.log.filter((e) => e.path.endsWith('/exchange'));

let guests;
test('17:00, push tokens are missing: the call stands, staff see it and use the telephone', { timeout: 90000 }, async () => {
  await staffWorks(10);
  guests = await join(10);
  const [a, b] = [guests.shift(), guests.shift()];
  await call(a, 'failed');
  await call(b, 'delivered');
  await member.settle();
  await deliver();
  await member.syncNow();
  await waitFor(async () => await shown(a.id) === 'failed' && await shown(b.id) === 'delivered', { what: 'both deliveries' });
  const phoned = await staff.act(a.id, 'phoned', undefined);
  assert.equal(phoned.ticket.delivery, 'phoned');
  calls.get(a.id).delivery = 'phoned';
});

test('19:00, 200 kbit/s and answers after half a minute: nothing is lost, every list is live', { timeout: 150000 }, async () => {
  await member.settle();
  Object.assign(relay, { rate: 200e3, rtt: 500 });
  const slow = { name: 'slow', act: async (request, ask) => {
    const answer = await ask(request);
    await pause(SLOW_MS);
    return answer;
  } };
  const from = exchanges().length;
  proxy.fault = () => (exchanges().length === from + 1 ? slow : null);
  await call(guests.shift(), 'delivered');
  await waitFor(() => exchanges().length > from, { what: 'an exchange' });
  const begun = performance.now();
  while (!exchanges()[from].took) {
    await staffWorks(2);
    if (guests.length > 4) await call(guests.shift(), guests.length % 2 ? 'delivered' : 'failed');
    await pause(1000);
    assert.ok(performance.now() - begun < SLOW_MS + scaled(20000));
  }
  assert.equal(exchanges()[from].status, 200);
  assert.ok(exchanges().length <= from + 2, 'an answer that is on its way is waited for, not asked for again');
  await waitFor(async () => (await member.sync()).last_ok_at !== null && (await member.sync()).reason === null, { what: 'the slow answer to count' });
});

test('20:00, a captive portal: it is named, and its answers are ignored', { timeout: 90000 }, async () => {
  proxy.fault = 'captive';
  await call(guests.shift(), 'delivered');
  await waitFor(async () => {
    await member.syncNow();
    return (await member.sync()).reason === 'captive';
  }, { timeout: 30000, every: 500, what: 'the portal to be named' });
  assert.ok((await member.sync()).pending > 0);
  await staffWorks(3);
});

test('20:30, the credential is rejected: it is named, and there is no retry loop', { timeout: 90000 }, async () => {
  proxy.fault = { name: 'rejected', act: () => problem(403, 'revoked') };
  await member.syncNow();
  await waitFor(async () => (await member.sync()).reason === 'credentials', { timeout: 30000, what: 'the rejection to be named' });
  const from = exchanges().length;
  await call(guests.shift(), 'delivered');
  await staffWorks(5);
  await pause(10000);
  assert.equal(exchanges().length, from);
});

test('midnight: no call is lost, each guest’s delivery is reported correctly', { timeout: 90000 }, async () => {
  Object.assign(relay, { rate: 0, rtt: 0 });
  await member.settle();
  for (const [id, { seq }] of calls) assert.ok(await hub.has(member.id, epoch, seq), `the call of ${id} is lost`);
  await deliver();
  await waitFor(async () => {
    await member.syncNow();
    const states = await Promise.all([...calls.keys()].map(shown));
    return [...calls.values()].every(({ delivery }, i) => states[i] === delivery);
  }, { timeout: 30000, every: 500, what: 'the deliveries' });
  await member.settle();
  await member.agree();
  assert.ok(calls.size >= 6);
});
