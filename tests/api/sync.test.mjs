// What stands where the hub should be is told apart and named, is asked again at the right times, and nothing of the
// queue ever waits for it.  What a real hub answers is in tests/sync.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { acceptEnrolment, BOOTH, FakeHub, code, enrolled, page, problem, reset, silence } from '../lib/fakehub.mjs';
import { expect } from '../lib/http.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

// A booth that was enrolled at that address before it started.
async function enrolledBooth(url, { set = {}, ...more } = {}) {
  const booth = new Booth(fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-')), { set, env: {}, wrap: [], ...more });
  enrolled(booth.state, url);
  await booth.launch();
  return booth;
}
const socket = (booth) => (booth.socket ??= booth.cli()); // one connection, however often we look
const system = async (booth) => expect(await socket(booth).get('/api/v1/system'), 200);
const sync = async (booth) => (await system(booth)).sync;
const tap = async (booth) => assert.equal((await socket(booth).post('/api/v1/system/sync')).status, 202);
const attempts = (s) => s.hubs.reduce((n, h) => n + h.ok + h.failed, 0);

// Taps, and waits for an attempt that came to this; one that was under way may end before it.
async function tried(booth, reason) {
  const before = attempts(await sync(booth));
  let s;
  await tap(booth);
  await waitFor(async () => { s = await sync(booth); return attempts(s) > before && s.reason === reason; }, { what: `an attempt: ${reason}` })
    .catch((error) => { throw new Error(`${error.message}, but: ${JSON.stringify(s)}`); });
  return s;
}

test('a booth that has no hub says so, and a tap changes nothing', async () => {
  const booth = await Booth.start();
  try {
    const staff = await booth.signIn();
    await tap(booth);
    assert.deepEqual((await staff.queue()).sync, { state: 'off', pending: 0, last_ok_at: null, reason: null });
    assert.equal((await booth.ctl('sync')).status, 1);
    expect(await booth.client().post('/api/v1/system/sync'), 401, 'not_signed_in');
    for (const path of ['enrol', 'nightly']) expect(await staff.post(`/api/v1/system/${path}`, {}), 403, 'forbidden');
  } finally {
    await booth.stop();
  }
});

describe('the reason of each wrong answer', { concurrency: false }, async () => {
  const hub = await FakeHub.start();
  const booth = await enrolledBooth(hub.url);
  after(async () => { await booth.stop(); await hub.stop(); });
  const staff = await booth.signIn();
  const stream = await staff.stream();
  let seen = 0;

  for (const [name, answer, reason] of [
    ['a page instead of a bundle', page(200), 'captive'],
    ['a redirect', page(302, { Location: 'http://portal.invalid/' }), 'captive'],
    ['a sign-in by its status', page(511), 'captive'],
    ['a refusal of a filter', page(403), 'blocked'],
    ['a refusal of the hub', problem(403, 'revoked'), 'credentials'],
    ['a key that the hub does not know', problem(401, 'unknown_key'), 'credentials'],
    ['a hub that has too much to do', problem(429, 'rate_limited', { 'Retry-After': '60' }), 'busy'],
    ['a hub without its database', problem(503, 'storage_unavailable'), 'busy'],
    ['a gateway', page(502), 'hub_error'],
    ['a bundle that is none', (q, r) => { r.writeHead(200, { 'Content-Type': 'application/vnd.boothd.bundle' }); r.end('BTHX'); }, 'hub_error'],
    ['a page without an end', (q, r) => { r.writeHead(200, { 'Content-Type': 'text/html' }); r.end(Buffer.alloc(5 << 20)); }, 'captive'],
    ['a connection that is cut', reset, 'no_answer'],
  ]) test(`${name}: ${reason}`, async () => {
    hub.answer = answer;
    const s = await tried(booth, reason);
    assert.deepEqual([s.state, s.hubs[0].last], ['stuck', reason]);
    assert.ok(s.pending > 0 && s.detail.includes(reason === 'hub_error' && /refused/.test(s.detail) ? 'answer' : hub.url));
    assert.equal((await staff.queue()).sync.reason, reason);
    await stream.next((e) => e.data.sync?.reason === reason, { from: seen, what: `the status ${reason}` });
    seen = stream.events.length - 1; // what it says holds until another comes
  });

  test('each request was a bundle of this booth, to the one address', () => {
    for (const { path: url, type, body } of hub.log) {
      assert.deepEqual([url, type, body.toString('latin1', 0, 4), body.toString('hex', 8, 24)], ['/api/v1/exchange', 'application/vnd.boothd.bundle', 'BTHX', BOOTH]);
    }
    const ids = hub.log.map(({ body }) => body.toString('hex', 24, 40));
    assert.equal(new Set(ids).size, ids.length);
  });

  test('the LED blinks slowly, metrics count, boothctl says it', async () => {
    const panel = expect(await socket(booth).get('/api/v1/system/panel'), 200);
    assert.equal(panel.led_pattern, 'slow');
    const { text } = await socket(booth).get('/metrics');
    assert.ok(Number(/boothd_sync_attempts_total\{outcome="captive"\} (\d+)/.exec(text)[1]) >= 3);
    assert.match(text, /boothd_journal_acked 0\n/);
    assert.match(await booth.ctlOk('status'), /sync +stuck, \d+ pending: no_answer/);
    assert.equal((await booth.ctl('sync')).status, 1);
  });
});

describe('times between attempts', { concurrency: false }, () => {
  let hub, booth, staff;
  before(async () => { // and not earlier: it asks at once
    hub = await FakeHub.start();
    booth = await enrolledBooth(hub.url);
    staff = await booth.signIn();
  });
  after(async () => { await booth.stop(); await hub.stop(); });
  const gap = async (n) => (await hub.request(n + 1)).at - (await hub.request(n)).at;

  test('after a failure 2 to 4 s, then twice as long; a call does not wait for that, the next call waits 15 s', async () => {
    const least = (n) => 1000 * 2 ** n - 100; // after n failures, and at most twice that
    await staff.issue();
    await staff.issue();
    let n, next_s;
    for (let known = 0; known < 3; known = n) {
      await waitFor(async () => { const s = await sync(booth); [n, next_s] = [attempts(s), s.next_s]; return n > known; }, { what: 'the end of an attempt' });
      assert.ok(next_s <= 2 * 2 ** n, `${next_s} s after attempt ${n}`);
    }
    await staff.callNext();
    for (let i = 1; i < n; i++) assert.ok(await gap(i) > least(i), `attempt ${i + 1} came after ${await gap(i)} ms`);
    assert.ok(await gap(n) < least(n), `the call came after ${await gap(n)} ms`);
    await staff.callNext();
    assert.ok(await gap(n + 1) > least(1), 'another call at once makes no flood');
  });

  test('Retry-After is respected, except for a tap', async () => {
    hub.answer = problem(429, 'rate_limited', { 'Retry-After': '6' });
    const s = await tried(booth, 'busy');
    assert.ok(s.next_s <= 7, `${s.next_s} s`);
    hub.answer = problem(429, 'rate_limited', { 'Retry-After': '60' });
    const n = hub.log.length;
    await staff.issue();
    await staff.callNext();
    const wait = await gap(n);
    assert.ok(wait > 5900, `${wait} ms`);
    await tap(booth);
    const tapped = await gap(n + 1);
    assert.ok(tapped < 30000, `${tapped} ms of the 60 s`);
  });

  test('a refused booth tries once an hour', async () => {
    hub.answer = problem(403, 'revoked');
    const s = await tried(booth, 'credentials');
    assert.ok(s.next_s > 3500 && s.next_s <= 3600, `${s.next_s}`);
  });

  test('repeated taps make no flood of requests', async () => {
    hub.answer = page(200);
    await tried(booth, 'captive');
    const n = hub.log.length;
    const begun = performance.now();
    while (performance.now() - begun < 2500) await tap(booth);
    const [requests, ms] = [hub.log.length - n, performance.now() - begun];
    assert.ok(requests <= 2 + ms / 1000, `${requests} requests in ${Math.round(ms)} ms`);
  });
});

test('several addresses are tried in turn, and the most telling reason is shown', async () => {
  const [first, second] = [await FakeHub.start({ answer: reset }), await FakeHub.start()];
  const closed = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const dead = `http://127.0.0.1:${closed.address().port}`;
  await new Promise((resolve) => closed.close(resolve));
  const booth = await enrolledBooth(first.url, { set: { hub: `${dead}, ${second.url}/, ${first.url}` } });
  try {
    const s = await tried(booth, 'captive');
    assert.deepEqual(s.hubs.map((h) => [h.url, h.last]), [[first.url, 'no_answer'], [dead, 'no_answer'], [second.url, 'captive']]);
  } finally {
    await booth.stop();
    await Promise.all([first.stop(), second.stop()]);
  }
});

describe('TLS', { concurrency: false }, async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-tls-'));
  after(() => fs.rmSync(dir, { recursive: true }));
  // An authority of its own, and a server's certificate of it for an address, so many days from now on.
  const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...ec, '-days', '30', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  const certificate = (name, address, dates) => {
    fs.writeFileSync(path.join(dir, `${name}.ext`), `subjectAltName=IP:${address}\n`);
    openssl('req', ...ec, '-subj', '/CN=hub', '-keyout', `${name}.key`, '-out', `${name}.csr`);
    fs.writeFileSync(path.join(dir, 'index.txt'), '');
    fs.writeFileSync(path.join(dir, 'ca.conf'), `[ca]\ndefault_ca=x\n[x]\ndatabase=${dir}/index.txt\nnew_certs_dir=${dir}\nrand_serial=yes\npolicy=p\n[p]\ncommonName=supplied\n`);
    openssl('ca', '-batch', '-config', 'ca.conf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-md', 'sha256', ...dates, '-extfile', `${name}.ext`, '-in', `${name}.csr`, '-out', `${name}.pem`);
    return { key: fs.readFileSync(path.join(dir, `${name}.key`)), cert: fs.readFileSync(path.join(dir, `${name}.pem`)) };
  };
  const good = certificate('good', '127.0.0.1', ['-days', '2']);
  const old = certificate('old', '127.0.0.1', ['-startdate', '200101000000Z', '-enddate', '200201000000Z']);
  const other = certificate('other', '127.0.0.2', ['-days', '2']);

  for (const [name, tls, trust_clock, hub_ca, reason] of [
    ['of its authority', good, 'yes', 'ca.pem', 'captive'],
    ['of an authority that nobody knows', good, 'yes', undefined, 'certificate'],
    ['for another name', other, 'no', 'ca.pem', 'certificate'],
    ['that has expired, by a clock that is trusted', old, 'yes', 'ca.pem', 'certificate'],
    ['that has expired, by a clock that is not', old, 'no', 'ca.pem', 'captive'],
    ['of nobody, by a clock that is not trusted', good, 'no', undefined, 'certificate'],
  ]) test(`a certificate ${name}: ${reason === 'captive' ? 'is taken' : 'is refused'}`, async () => {
    const hub = await FakeHub.start({ tls });
    const booth = await enrolledBooth(hub.url, { set: { trust_clock, hub_ca: hub_ca && path.join(dir, hub_ca) } });
    try {
      await tried(booth, reason);
      assert.equal(hub.log.length > 0, reason === 'captive', 'nothing is sent before the certificate is shown');
    } finally {
      await booth.stop();
      await hub.stop();
    }
  });
});

test('a hub that never answers: commands are as fast as without it, and SIGTERM ends boothd', async () => {
  const hub = await FakeHub.start({ answer: silence });
  const [alone, stalled] = [await Booth.start(), await enrolledBooth(hub.url)];
  const called = async (staff) => {
    const begun = performance.now();
    const { ticket } = await staff.issue();
    await staff.act(ticket.id, 'call');
    const ms = performance.now() - begun;
    await staff.act(ticket.id, 'seat');
    return ms;
  };
  const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
  try {
    await hub.request(1);
    const clients = [await alone.signIn(), await stalled.signIn()];
    let ratio;
    for (let i = 0; i < 3 && !(ratio < 1.5); i++) { // a busy machine may spoil one; a queue that waits is late in every one
      const times = clients.map(() => []);
      for (let j = 0; j < 150; j++) for (const [k, client] of clients.entries()) times[k].push(await called(client)); // in turns: what else runs hits both
      const [without, beside] = times.map(median);
      ratio = beside / without;
      console.log(`a call takes ${without.toFixed(2)} ms without a hub, ${beside.toFixed(2)} ms beside an exchange that stands still`);
    }
    assert.ok(ratio < 1.5, `${ratio}`);
    assert.equal(hub.log.length, 1, 'it is still the first exchange');
    assert.ok((await sync(stalled)).pending > 400);
    await waitFor(async () => (await clients[1].queue()).sync.state === 'pending', { what: 'the state pending' });
  } finally {
    await alone.stop();
    await stalled.stop(); // within 5 s
    await hub.stop();
  }
});

describe('enrolling', { concurrency: false }, async () => {
  const hub = await FakeHub.start({ answer: acceptEnrolment });
  const booth = await Booth.start();
  after(async () => { await booth.stop(); await hub.stop(); });
  const manager = await booth.signIn('manager');
  const enrol = (body) => manager.post('/api/v1/system/enrol', body);
  const file = (name) => path.join(booth.state, name);

  test('an invalid code or address is refused without any request', async () => {
    for (const [hubUrl, text, field] of [['http://hub.example', code(), 'hub'], ['ftp://127.0.0.1', code(), 'hub'], ['https://', code(), 'hub'],
      [hub.url, '0123', 'code'], [hub.url, `${code()}0`, 'code'], [hub.url, code().replace('0', 'U'), 'code']])
      assert.equal(expect(await enrol({ hub: hubUrl, code: text }), 400, 'invalid_field').field, field);
    assert.equal(hub.log.length, 0);
  });

  test('a hub that refuses the code, is busy, or is not the hub of the code', async () => {
    hub.answer = problem(403, 'bad_code');
    expect(await enrol({ hub: hub.url, code: code() }), 409, 'bad_code');
    hub.answer = problem(429, 'rate_limited', { 'Retry-After': '30' });
    assert.equal(expect(await enrol({ hub: hub.url, code: code() }), 429, 'rate_limited').retry_after_s, 30);
    hub.answer = page(200);
    assert.equal(expect(await enrol({ hub: hub.url, code: code() }), 502, 'hub_unreachable').reason, 'captive');
    hub.answer = acceptEnrolment;
    assert.equal(expect(await enrol({ hub: hub.url, code: code({ wrong: true }) }), 502, 'hub_unreachable').reason, 'certificate');
    assert.equal((await sync(booth)).state, 'off');
    assert.ok(!fs.existsSync(file('enrolment')));
  });

  test('the hub of the code: the booth keeps its secret keys; the same code again uses the same keys', async () => {
    const stdout = await booth.ctlOk('enrol', hub.url, code().toLowerCase().replaceAll('-', ' '));
    assert.match(stdout, new RegExp(`enrolled with ${hub.url} as booth ${BOOTH}`));
    assert.equal(fs.statSync(file('enrolment')).mode & 0o777, 0o600);
    assert.ok(!fs.existsSync(file('enrolment.new')));
    assert.deepEqual(expect(await enrol({ hub: hub.url, code: code() }), 200), { hub: hub.url, booth: BOOTH });
    const sent = hub.log.filter((r) => r.path === '/api/v1/enrol').map((r) => JSON.parse(r.body));
    assert.equal(new Set(sent.map((r) => r.sign_key)).size, 1, 'the keys of the first attempt');
    assert.ok(sent.every((r) => r.code === '0123456789ABCDEF'));
    assert.equal((await sync(booth)).hubs[0].url, hub.url);
    await booth.restart();
    assert.equal((await sync(booth)).hubs[0].url, hub.url);
    const secret = JSON.parse(fs.readFileSync(file('enrolment'))).sign_secret;
    assert.ok(secret.length === 128 && !booth.log.includes(secret.slice(0, 32)) && !stdout.includes(secret.slice(0, 32)));
  });

  test('one at a time; SIGTERM does not wait for it', async () => {
    hub.answer = silence;
    const n = hub.log.length;
    const first = enrol({ hub: hub.url, code: code() }).catch((error) => error);
    await waitFor(() => hub.log.slice(n).some((r) => r.path === '/api/v1/enrol'), { what: 'the question at the hub' });
    expect(await enrol({ hub: hub.url, code: code() }), 409, 'wrong_state');
    await booth.halt();
    const answer = await first;
    assert.ok(answer.status === 503 || answer instanceof Error, `${answer.status}`);
  });
});

test('a damaged enrolment is reported, and the booth works on', async () => {
  const hub = await FakeHub.start();
  const booth = new Booth(fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-')), { set: {}, env: {}, wrap: [] });
  enrolled(booth.state, hub.url);
  const file = path.join(booth.state, 'enrolment');
  fs.writeFileSync(file, fs.readFileSync(file).subarray(0, -40));
  await booth.launch();
  try {
    assert.equal((await sync(booth)).state, 'off');
    assert.match(booth.log, /enrolment_unreadable/);
    await (await booth.signIn()).issue();
  } finally {
    await booth.stop();
    await hub.stop();
  }
});

test('nightly maintenance without a hub: the possible steps are done, survive a restart, and are reported', async () => {
  const booth = await Booth.start();
  try {
    const said = await booth.ctlOk('nightly');
    assert.match(said, /exchange +skipped +no hub\ncompare +skipped +no hub\nerase +ok\ncheck +ok\nsnapshot +ok\ncompact +ok/);
    const { nightly } = await system(booth);
    assert.ok(nightly.last.ok && Date.parse(nightly.last.ended_at) >= Date.parse(nightly.last.began_at));
    assert.ok(fs.readdirSync(path.join(booth.state, 'snapshots')).some((n) => n.startsWith('booth-nightly-')));
    expect(await booth.cli().post('/api/v1/system/nightly', { erase: 'all' }), 400, 'invalid_field');
    await booth.restart();
    assert.deepEqual((await waitFor(async () => (await system(booth)).nightly.last && system(booth), { what: 'the note' })).nightly.last, nightly.last);
    assert.match(await booth.ctlOk('status'), /night +last done/);
  } finally {
    await booth.stop();
  }
});

test('without a trusted clock only a manager can start erasing, and today’s data stays', async () => {
  const booth = await Booth.start({ set: { trust_clock: 'no' } });
  try {
    const staff = await booth.signIn();
    const guest = async (name) => (await staff.issue({ name })).ticket.id;
    const [gone, stays] = [await guest('어제 온 손님'), await guest('아직 있는 손님')];
    await staff.act(gone, 'cancel');
    assert.equal((await booth.cli().post('/api/v1/days')).status, 200);
    const today = await guest('오늘 온 손님');
    await staff.act(today, 'cancel');
    const names = () => booth.query('SELECT ticket FROM person ORDER BY ticket').map((r) => r.ticket);
    assert.match(await booth.ctlOk('nightly'), /erase +skipped +the clock is not trusted/);
    assert.deepEqual(names(), [gone, stays, today]);
    assert.match(await booth.ctlOk('nightly', '--erase'), /erase +ok/);
    assert.deepEqual(names(), [stays, today]);
    assert.equal((await staff.ticket(gone)).name, null);
  } finally {
    await booth.stop();
  }
});
