// Who may do what, and who tries to: guessing, other sites' pages, other names, lost phones; and where secrets are not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { Booth, PINS, shared } from '../lib/boothd.mjs';
import { Client, expect } from '../lib/http.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const SESSION = '/api/v1/session';
const booth = await shared(after);
const cli = booth.cli();

async function own(run, options) {
  const it = await Booth.start(options);
  try {
    await run(it);
  } finally {
    await it.stop();
  }
}

test('guesses are limited, from one address and from forty; signed-in phones, the button and the socket go on', () => own(async (it) => {
  const staff = await it.signIn('staff', 'signed in before');
  const stream = await staff.stream();
  await stream.snapshot();
  const guess = (from, pin = '000000') => it.keep(new Client({ ...it.address, localAddress: from })).post(SESSION, { pin, device: 'x' });
  const begun = performance.now();
  const allowed = () => 10 + Math.floor((performance.now() - begun) / 6000) + 1;
  let looked = 0;
  const count = (a) => { looked += a.status === 401; return a; };

  // One address: two are free, then the waits double.
  for (let i = 0; i < 3; i++) expect(count(await guess('127.0.2.1')), 401, 'wrong_pin');
  for (const wait of [1, 2]) {
    assert.equal(expect(await guess('127.0.2.1'), 429, 'rate_limited').retry_after_s, wait);
    expect(await guess('127.0.2.1', PINS.staff), 429, 'rate_limited'); // the right one would tell, too
    await pause(wait * 1000 + 50);
    expect(count(await guess('127.0.2.1')), 401, 'wrong_pin');
  }
  expect(await guess('127.0.2.99', PINS.staff), 200); // another address is not slowed down for that, and gives back no guesses
  // Forty addresses share what is left.
  for (let round = 0; round < 3; round++)
    for (let i = 0; i < 40; i++) {
      count(await guess(`127.0.2.${100 + i}`));
      assert.ok(looked <= allowed(), `${looked} guesses were looked at`);
    }
  assert.ok(looked >= 10);
  expect(await guess('127.0.2.250', PINS.manager), 429, 'rate_limited');

  // Meanwhile: commands, stream, button, boothctl.
  const { ticket, seq } = await staff.issue();
  await stream.change(seq);
  assert.equal((await it.cli().post('/api/v1/system/panel/press', { ms: 100 })).status, 202);
  await waitFor(async () => (await staff.ticket(ticket.id)).state === 'called', { what: 'the call by the button' });
  await it.ctlOk('status');
  assert.equal(stream.ended, false);
  stream.close();
}));

test('revoking ends every stream of a device at once, also those that never read, and no other', async () => {
  const lost = await booth.signIn('manager', 'lost');
  const kept = await booth.signIn('manager', 'kept');
  const open = async (client) => Promise.all(['/api/v1/stream', '/api/v1/stream', '/api/v1/system/panel/stream'].map((p) => client.stream(p)));
  const [gone, stays] = [await open(lost), await open(kept)];
  gone[1].response.pause();
  const { id } = expect(await cli.get('/api/v1/system/devices'), 200).devices.find((d) => d.name === 'lost');
  assert.equal((await kept.delete(`/api/v1/system/devices/${id}`)).status, 204);
  gone[1].response.resume();
  await waitFor(() => gone.every((s) => s.ended), { what: 'the end of its streams' });
  expect(await lost.get('/api/v1/queue'), 401, 'not_signed_in');
  expect(await lost.post('/api/v1/call-next'), 401, 'not_signed_in');
  expect(await lost.get('/api/v1/stream'), 401, 'not_signed_in');
  await kept.issue();
  assert.ok(stays.every((s) => !s.ended));
  stays.forEach((s) => s.close());
  await kept.delete(SESSION);
});

test('staff cannot get the manager’s rights', async () => {
  const staff = await booth.signIn();
  for (const body of [{ staff_pin: '5555' }, { manager_pin: '555555' }, { name: 'x' }]) expect(await staff.put('/api/v1/system/settings', body), 403, 'forbidden');
  for (const [method, url] of [['GET', '/api/v1/system/label'], ['GET', '/api/v1/system/wifi.svg'], ['GET', '/api/v1/system/backup'], ['DELETE', '/api/v1/system/devices/1'], ['GET', '/metrics'], ['POST', '/api/v1/system/panel-test']])
    expect(await staff.raw(method, url), 403, 'forbidden');
  expect(await staff.raw('POST', '/api/v1/system/restore', { headers: { 'Content-Type': 'application/vnd.sqlite3' }, body: 'x' }), 403, 'forbidden');
  const { text } = await booth.client().get('/api/v1/board');
  assert.doesNotMatch(text, /phone|note|token/);
  expect(await booth.client().get('/api/v1/system/settings'), 401, 'not_signed_in');
  assert.ok(!(await cli.get('/api/v1/system/settings')).text.includes(PINS.manager), 'PINs are write-only');
  const label = (await (await booth.signIn('manager')).get('/api/v1/system/label')).text;
  assert.ok(label.includes(PINS.staff) && !label.includes(PINS.manager), 'the manager’s PIN is on no label that the network gets');
});

test('another site’s page can do nothing and read nothing, and another name reaches nothing', async () => {
  const staff = await booth.signIn();
  const before = (await staff.queue()).seq;
  for (const Origin of ['http://evil.example', 'null', `http://localhost:${booth.address.port}`]) {
    for (const [method, url] of [['POST', '/api/v1/tickets'], ['POST', '/api/v1/call-next'], ['PUT', '/api/v1/intake'], ['DELETE', SESSION], ['POST', SESSION]]) {
      const body = method === 'DELETE' ? undefined : '{"party_size":2}';
      expect(await staff.raw(method, url, { headers: { Origin, ...(body ? { 'Content-Type': 'application/json' } : {}) }, body }), 403, 'forbidden');
    }
    const { headers } = await staff.raw('GET', '/api/v1/queue', { headers: { Origin } });
    assert.ok(!Object.keys(headers).some((h) => h.startsWith('access-control')), 'no CORS');
  }
  for (const url of ['/', '/board', '/nothing', '/api/v1/queue', '/api/v1/board', '/api/v1/stream', '/api/v1/board/stream', '/healthz'])
    assert.equal((await staff.raw('GET', url, { headers: { Host: 'rebound.evil.example' }, contract: false })).status, 421, url);
  for (const url of ['/api/v1/call-next', '/api/v1/undo', '/api/v1/tickets/1/cancel']) // a link or an image commands nothing
    expect(await staff.raw('GET', url), 405, 'method_not_allowed');
  assert.equal((await staff.queue()).seq, before);
});

test('every kind of answer has headers against scripts, framing and sniffing', async () => {
  const manager = await booth.signIn('manager');
  await manager.issue();
  const { day } = await manager.queue();
  const ask = (url, headers = {}, method = 'GET') => manager.raw(method, url, { headers, contract: false });
  const { headers: { etag } } = await ask('/api/v1/queue');
  const answers = {
    page: await ask('/'), board: await ask('/board'), json: await ask('/api/v1/queue'), unchanged: await ask('/api/v1/queue', { 'If-None-Match': etag }), csv: await ask(`/api/v1/days/${day}/export.csv`),
    svg: await ask('/api/v1/system/wifi.svg'), label: await ask('/api/v1/system/label'), backup: await ask('/api/v1/system/backup'), metrics: await ask('/metrics'), document: await ask('/api/v1/openapi.json'),
    head: await ask('/api/v1/queue', {}, 'HEAD'), missing: await ask('/nothing'), 'not allowed': await ask('/api/v1/undo'), misdirected: await ask('/', { Host: 'evil.example' }), 'too long': await ask(`/${'x'.repeat(600)}`),
    'nobody’s': await booth.client().get('/api/v1/queue'), session: await manager.get(SESSION),
  };
  const stream = await manager.stream();
  answers.stream = { status: 200, headers: stream.response.headers };
  stream.close();
  for (const [what, { headers }] of Object.entries(answers)) {
    const csp = headers['content-security-policy'] ?? '';
    assert.match(csp, /default-src 'none'/, what);
    assert.match(csp, /frame-ancestors 'none'/, what);
    assert.doesNotMatch(csp, /unsafe|\*/, what);
    assert.deepEqual([headers['x-content-type-options'], headers['referrer-policy'], headers['cross-origin-resource-policy']], ['nosniff', 'no-referrer', 'same-origin'], what);
    assert.ok(headers.date && headers['cache-control'], what);
    if (!['page', 'board'].includes(what)) assert.match(headers['cache-control'], /no-store|no-cache/, what);
    assert.equal(headers.server, undefined, what);
  }
  assert.match(answers.backup.headers['content-disposition'], /^attachment/);
  assert.match(answers.csv.headers['content-disposition'], /^attachment/);
});

test('secrets are in one file, 0600, and nowhere else: database, copies, logs, metrics, answers, process list', async () => {
  const secret = { staff_pin: '731904628155', manager_pin: '902746135588', wifi_passphrase: 'a-pass-phrase-of-our-own' };
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-'));
  const file = path.join(dir, 'boothd.conf');
  fs.writeFileSync(file, Object.entries(secret).map(([k, v]) => `${k} = ${v}\n`).join(''), { mode: 0o600 });
  const it = new Booth(dir, { set: { staff_pin: undefined, manager_pin: undefined, state_dir: undefined }, env: { JOURNAL_STREAM: '8:1' }, wrap: [], file });
  it.options.set.state_dir = it.state;
  await it.launch();
  try {
    const staff = it.client(), manager = it.client();
    await staff.signIn(secret.staff_pin, 'a');
    await manager.signIn(secret.manager_pin, 'b');
    const token = manager.cookie.slice('boothd='.length);
    await staff.issue({ name: 'x' });
    expect(await it.client().post(SESSION, { pin: '731904628156', device: 'x' }), 401, 'wrong_pin');
    await manager.settings({ manager_pin: '618273645509' });
    const needles = [...Object.values(secret), '618273645509', token, '731904628156'];
    const holds = (bytes) => needles.filter((n) => bytes.includes(n));
    const clean = (bytes, where) => assert.deepEqual(holds(Buffer.from(bytes)), [], where);

    clean((await manager.get('/api/v1/system/backup')).bytes, 'backup');
    for (const url of ['/metrics', '/api/v1/system', '/api/v1/system/settings', '/api/v1/system/devices', '/api/v1/queue', '/api/v1/board', SESSION]) clean((await manager.get(url)).bytes, url);
    clean(fs.readFileSync(`/proc/${it.pid}/cmdline`), 'cmdline');
    clean(fs.readFileSync(`/proc/${it.pid}/environ`), 'environ');
    await it.restart();
    expect(await manager.get(SESSION), 200);
    const walk = (at) => fs.readdirSync(at, { withFileTypes: true }).flatMap((e) => e.isDirectory() ? walk(path.join(at, e.name)) : [path.join(at, e.name)]);
    for (const name of walk(it.state)) {
      const { mode } = fs.statSync(name);
      assert.equal(mode & 0o077, 0, `${name} is ${(mode & 0o777).toString(8)}`);
      if (path.basename(name) !== 'secrets') clean(fs.readFileSync(name), name);
    }
    const kept = fs.readFileSync(path.join(it.state, 'secrets'), 'utf8');
    assert.ok(kept.includes('618273645509') && kept.includes(secret.staff_pin) && !kept.includes(secret.manager_pin) && !kept.includes(token));
    assert.equal(fs.statSync(path.join(it.state, 'secrets')).mode & 0o777, 0o600);
    clean(it.log, 'log');
  } finally {
    await it.stop();
  }
});

// A call that strace tells in two parts, because another thread's came between them, is one again.
function callsOf(trace) {
  const begun = new Map();
  return trace.split('\n').flatMap((line) => {
    const [, pid] = /^(\d+) /.exec(line) ?? [];
    const [, first] = /^(.*?) ?<unfinished \.\.\.>$/.exec(line) ?? [];
    if (first) begun.set(pid, first);
    return first ? [] : [line.replace(/^\d+ +<\.\.\. \w+ resumed>/, () => begun.get(pid) ?? '')];
  });
}

// Over root's shoulder: a user that owns its state folder and nothing else, with all the rest of the system read-only.
test('it runs as nobody, and writes into its state folder and its socket only', { skip: process.getuid() !== 0 && 'needs root to become nobody' }, async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-'));
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+)/m.exec(fs.readFileSync('/etc/passwd', 'utf8'));
  fs.chmodSync(dir, 0o755);
  const trace = path.join(dir, 'trace');
  const run = path.join(dir, 'run'); // where the socket goes
  const it = new Booth(dir, { set: { socket: path.join(run, 'boothd.sock') }, env: { TMPDIR: '/nonexistent', HOME: '/nonexistent' },
    wrap: ['strace', '-f', '-qq', '-y', '-e', 'trace=openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,chmod,fchmodat,truncate,bind', '-o', trace,
      'setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'] });
  it.socketPath = path.join(run, 'boothd.sock');
  for (const folder of [it.state, run]) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.chownSync(folder, Number(uid), Number(gid));
  }
  await it.launch();
  try {
    const manager = await it.signIn('manager');
    await manager.issue({ name: 'x' });
    await manager.settings({ staff_pin: '4321' });
    const { bytes } = await manager.get('/api/v1/system/backup');
    expect(await manager.raw('POST', '/api/v1/system/restore', { headers: { 'Content-Type': 'application/vnd.sqlite3' }, body: bytes }), 200);
    await it.cli().queue();
    const status = fs.readFileSync(`/proc/${fs.readFileSync(`/proc/${it.pid}/task/${it.pid}/children`, 'utf8').trim().split(' ')[0]}/status`, 'utf8');
    assert.match(status, new RegExp(`^Uid:\\s+${uid}\\s+${uid}\\s`, 'm'));
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^Umask:\s+0077$/m);
    for (const name of fs.readdirSync(it.state)) {
      const at = fs.statSync(path.join(it.state, name));
      assert.equal(at.uid, Number(uid));
      assert.equal(at.mode & 0o077, 0, `${name} is ${(at.mode & 0o777).toString(8)}`);
    }
  } finally {
    process.kill(Number(fs.readFileSync(`/proc/${it.pid}/task/${it.pid}/children`, 'utf8').trim().split(' ')[0]), 'SIGTERM');
    await it.exit;
    const written = callsOf(fs.readFileSync(trace, 'utf8')).filter((l) => !/ = -1 /.test(l) && (!/open(at)?\(/.test(l) || /O_WRONLY|O_RDWR|O_CREAT/.test(l)) && !/sa_family=AF_INET|chmod\("[^"]*sock~/.test(l));
    const paths = written.flatMap((l) => [...l.matchAll(/"(\/[^"]*)"|\d<(\/[^>]*)>|AT_FDCWD(?:<[^>]*>)?, "([^"/][^"]*)"/g)].map((m) => m[1] ?? m[2] ?? m[3]));
    fs.rmSync(dir, { recursive: true, force: true });
    assert.ok(paths.some((p) => p.startsWith(`${it.state}/`)));
    assert.deepEqual(paths.filter((p) => !p.startsWith(`${it.state}/`) && p !== it.state && !p.startsWith(run) && p !== '/dev/null'), [], 'written elsewhere');
  }
});
