// What stands between a booth and its hub may show old things, change them, lie, or listen: it moves no cursor, changes
// nothing, is believed nothing, and hears no name.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import zlib from 'node:zlib';
import { flipBit, offsets, parseHeader, resign } from '../lib/bundle.mjs';
import { Client } from '../lib/http.mjs';
import { Random, seedOfRun } from '../lib/random.mjs';
import { sharedSite } from '../lib/site.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const BUNDLE = 'application/vnd.boothd.bundle';
const SEED = seedOfRun();
console.log(`SEED=${SEED}`);
const site = await sharedSite(after, { booths: 2, seed: SEED });
const { hub, members: [booth, other] } = site;
const stranger = new Client(hub.address);
after(() => stranger.close());

const post = (bytes) => stranger.raw('POST', '/api/v1/exchange', { headers: { 'Content-Type': BUNDLE }, body: bytes, contract: false });
const secret = (member) => JSON.parse(fs.readFileSync(path.join(member.booth.state, 'enrolment'), 'utf8'));
const exchanges = (member) => member.proxy.log.filter((e) => e.path.endsWith('/exchange'));
const stored = async () => JSON.stringify(await hub.rows('SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM person) AS people, (SELECT sum(acked) FROM epoch) AS acked'));
const names = (i) => ({ name: `서연-${i}`, phone: `010-4711-${1000 + i}`, note: `Allergie ${i}` });

// The next exchange of a member that had an answer of any kind.
async function oneMore(member) {
  const from = exchanges(member).length;
  await member.cli.issue(names(from));
  await waitFor(async () => {
    if (exchanges(member).slice(from).some((e) => e.took)) return true;
    await member.syncNow();
    return false;
  }, { every: 100, what: 'an exchange' });
  return exchanges(member).at(-1);
}

test('answers of any age, in any order: the cursor never passes what the hub has', { timeout: 120000 }, async () => {
  const random = new Random(SEED);
  const cursor = () => booth.booth.query('SELECT acked FROM epoch ORDER BY ordinal DESC LIMIT 1')[0].acked;
  let past = 0;
  for (let i = 0; i < 12; i++) {
    booth.proxy.fault = () => random.pick(['old_answer', 'old_answer', 'lost', null]);
    await oneMore(booth);
    const acked = cursor();
    const [{ top }] = await hub.rows(`SELECT max(acked) AS top FROM epoch JOIN booth ON booth.n = epoch.booth WHERE booth.id = '\\x${booth.id}'`);
    assert.ok(acked >= past, `the cursor went back from ${past} to ${acked}`);
    assert.ok(acked <= top, `the cursor is at ${acked}, the hub has ${top}`);
    past = acked;
  }
  assert.ok(exchanges(booth).some((e) => e.fault === 'old_answer'));
  await site.settle();
  await site.agree();
});

test('the answer to another booth is ignored', async () => {
  await oneMore(other);
  const theirs = other.proxy.past.at(-1).answer;
  booth.proxy.fault = { name: 'swapped', act: async (request, ask) => (await ask(request), theirs) };
  await oneMore(booth);
  assert.ok((await booth.sync()).pending > 0, 'it believed the receipt of another');
  await site.settle();
  await site.agree();
});

test('a changed bit of an answer is refused', { timeout: 120000 }, async () => {
  booth.proxy.fault = 'changed_answer';
  await hub.put(booth.id, 'message', { text: '오늘은 여기까지' });
  for (let i = 0; i < 3; i++) {
    await oneMore(booth);
    assert.ok((await booth.sync()).pending > 0, 'it believed a changed receipt');
    assert.deepEqual(booth.events('message.received'), [], 'it believed a changed item');
  }
  await site.settle();
  await waitFor(() => booth.events('message.received').length === 1, { what: 'the message' });
});

test('a changed bit anywhere in a request is refused, and half a request, too', async () => {
  await site.settle();
  const { sent } = exchanges(booth).filter((e) => e.status === 200).at(-1);
  const before = await stored();
  for (const at of offsets(sent)) {
    const { status, json } = await post(flipBit(sent, at));
    assert.ok(status === 400 || status === 401, `a bit of byte ${at} changed: ${status}`);
    assert.match(json.code, /^(bad_bundle|unknown_key)$/);
  }
  for (const n of [0, 1, 75, 76, 140, sent.length >> 1, sent.length - 1]) assert.equal((await post(sent.subarray(0, n))).status, 400, `${n} of ${sent.length} bytes`);
  assert.equal((await post(Buffer.concat([sent, Buffer.from([0])]))).status, 400, 'a byte too many');
  assert.equal(await stored(), before);
});

test('a body that another booth signed is refused, under either id', async () => {
  await site.settle();
  const { sent } = exchanges(booth).filter((e) => e.status === 200).at(-1);
  assert.equal(parseHeader(sent).booth, booth.id);
  const before = await stored();
  const { sign_secret } = secret(other);
  for (const claimed of [booth.id, other.id]) {
    const { status, json } = await post(resign(sent, sign_secret, { booth: claimed }));
    assert.deepEqual([status, json.code], claimed === booth.id ? [401, 'unknown_key'] : [400, 'bad_bundle']);
  }
  assert.equal(await stored(), before);
  // The forger's tools are good: what its owner signs again is taken.
  assert.equal((await post(resign(sent, secret(booth).sign_secret))).status, 200);
});

test('keys rotate during work', async () => {
  await oneMore(booth);
  const before = exchanges(booth).length;
  assert.equal(parseHeader(exchanges(booth).at(-1).sent).key, 1);
  await hub.admin('rotate-keys');
  booth.proxy.fault = (e) => (e.n % 2 ? 'lost' : null); // and answers get lost meanwhile
  await waitFor(async () => {
    await oneMore(booth);
    return parseHeader(exchanges(booth).at(-1).sent).key === 2;
  }, { timeout: 40000, what: 'the new key' });
  const keys = exchanges(booth).slice(before).map((e) => parseHeader(e.sent).key);
  assert.deepEqual(keys, [...keys].sort(), 'back to the old key');
  await site.settle();
  await site.agree();
});

test('no name, number or note goes over the wire or into a journal', async () => {
  await site.settle();
  const person = { name: '김하늘하늘', phone: '010-8765-4321', note: 'nut allergy, window' };
  const { ticket } = await booth.cli.issue(person);
  await booth.cli.edit(ticket.id, { name: `${person.name}2` });
  await booth.cli.act(ticket.id, 'call', {});
  await site.settle();
  const { ticket: id } = (await hub.rows(`SELECT ticket FROM person WHERE phone = '${person.phone}'`))[0]; // the hub was told
  assert.equal(id, ticket.id);
  const needles = [person.name, person.phone, '87654321', 'nut allergy'].map((s) => Buffer.from(s));
  const finds = (bytes) => needles.some((needle) => bytes.includes(needle));
  const wire = site.members.flatMap((m) => m.proxy.log.flatMap((e) => [e.sent, e.got])).filter(Boolean);
  assert.ok(wire.length > 20);
  for (const bytes of wire) {
    assert.ok(!finds(bytes));
    for (let at = bytes.indexOf(0x78); at >= 0; at = bytes.indexOf(0x78, at + 1)) { // whatever may be a zlib stream
      let plain = Buffer.alloc(0);
      try {
        plain = zlib.inflateSync(bytes.subarray(at), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
      } catch {} // it was none
      assert.ok(!finds(plain), 'a name in a stream that is not sealed');
    }
  }
  for (const { text } of [...booth.booth.query('SELECT text FROM event'), ...await hub.rows('SELECT text FROM event')]) assert.ok(!finds(Buffer.from(text)), text);
  assert.ok(!finds(Buffer.from(booth.booth.log)) && !finds(Buffer.from(hub.log)), 'a name in a log');
});

test('an unknown key is refused', async () => {
  const { sent } = exchanges(booth).filter((e) => e.status === 200).at(-1);
  const forged = flipBit(sent, 50); // another sender's key
  assert.deepEqual((({ status, json }) => [status, json.code])(await post(forged)), [401, 'unknown_key']);
});

test('guessing at codes is slowed down, and does not lock out holders of a code', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url'), open = Buffer.alloc(32, 9);
  const guess = (n) => {
    const code = String(n).padStart(16, '0');
    const signature = sign(null, Buffer.concat([Buffer.from(`boothd enrol 1\0${code}`), key, open]), privateKey);
    return stranger.raw('POST', '/api/v1/enrol', { headers: { 'Content-Type': 'application/json' }, contract: false,
      body: JSON.stringify({ code, sign_key: key.toString('hex'), open_key: open.toString('hex'), signature: signature.toString('hex'), name: 'x', version: '1' }) });
  };
  let n = 0, last;
  await waitFor(async () => (last = await guess(++n)).status === 429, { timeout: 30000, every: 1, what: 'the guesser to be slowed' });
  assert.ok(n > 30, `after ${n} guesses`);
  assert.ok(Number(last.headers['retry-after']) > 0);
  assert.equal((await guess(++n)).status, 429);
  await site.join({ name: 'beside a guesser' });
});

test('a revoked booth does not retry at once', { timeout: 120000 }, async () => {
  await site.settle();
  await hub.admin('revoke', other.id);
  await waitFor(async () => {
    await other.cli.issue({});
    return (await other.sync()).reason === 'credentials';
  }, { every: 500, what: 'the refusal' });
  const from = exchanges(other).length;
  const guest = await other.cli.issue({});
  await other.cli.act(guest.ticket.id, 'call', {});
  await pause(20000); // longer than any pause after other failures begins with, and than a call waits
  assert.equal(exchanges(other).length, from);
  const { sync, tickets } = await other.cli.queue();
  assert.deepEqual([sync.state, sync.reason], ['stuck', 'credentials']);
  assert.ok(sync.pending > 0 && tickets.length > 0, 'the booth itself goes on');
  await other.syncNow();
  await waitFor(() => exchanges(other).length === from + 1, { what: 'what somebody tapped for' });
  await pause(3000);
  assert.equal(exchanges(other).length, from + 1);
});
