// What no client should send, class by class: each gets its documented answer, nothing is done, and a second client, from
// another address, works on undisturbed.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { checkAnswer } from '../lib/contract.mjs';
import { expect } from '../lib/http.mjs';
import { scaled } from '../lib/pace.mjs';
import { answers, bytes, connect } from '../lib/raw.mjs';
import { pause, waitFor } from '../lib/wait.mjs';
import { Bystander } from '../lib/bystander.mjs';

const TICKETS = '/api/v1/tickets';
const JSON_TYPE = { 'Content-Type': 'application/json' };
const booth = await Booth.start();
const staff = await booth.signIn();
const cli = booth.cli();
const issued = async () => (await cli.get('/metrics')).text.match(/boothd_commands_total\{kind="issue"\} (\d+)/)[1];
const post = (body, headers = JSON_TYPE) => staff.raw('POST', TICKETS, { headers, body });
const head = (method, path, ...lines) => [`${method} ${path} HTTP/1.1`, 'Host: localhost', `Cookie: ${staff.cookie}`, ...lines, '', ''].join('\r\n');
const ask = async (text, more) => answers((await bytes(booth.address, text, more)).text);
const metric = async (name) => Number((await cli.get('/metrics')).text.match(new RegExp(`^boothd_${name} (\\d+)`, 'm'))[1]);

let bystander;
before(async () => { bystander = await Bystander.start(booth); });
afterEach(async (t) => { await bystander.ok(t.name); });
after(async () => {
  bystander.stop();
  await booth.stop();
});

describe('JSON', () => {
  const raw = (...parts) => Buffer.concat(parts.map((p) => Buffer.from(p)));
  const name = (value) => `{"party_size":2,"name":${value}}`;
  const classes = {
    'no JSON': ['', ' ', '{', '}', 'nul', 'undefined', '{"party_size":2', '{"party_size"}', '{party_size:2}', "{'party_size':2}", '{"party_size":2,}', '{,}', '{"party_size":2}x', '{"party_size":2}{}', '{"party_size":2/**/}', '{"party_size":2,"":1}'],
    'a value that is no object': ['[]', '"x"', '5', 'null', 'true', '[{"party_size":2}]'],
    'numbers that are no integers': ['02', '2.0', '2.', '.2', '2e0', '1e999', '+2', '-', '--2', '0x2', 'NaN', 'Infinity', '9007199254740993', '12345678901234567890'].map((n) => `{"party_size":${n}}`),
    'a byte order mark': ['\ufeff{"party_size":2}'],
    'control characters': [name('"a\u0001b"'), name('"a\nb"'), name('"a\tb"'), raw('{"party_size":2}', [0]), raw('{"party_size":2,"name":"a', [0], 'b"}')],
    'escapes of nothing': [name('"\\u0000"'), name('"x\\u0000y"'), name('"\\x41"'), name('"\\u12"'), name('"\\'), name('"\\ud800"'), name('"\\udc00\\ud800"'), name('"\\ud83c"')],
    'broken UTF-8': [[0xff], [0x80], [0xc0, 0xaf], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe2, 0x82]].map((b) => raw('{"party_size":2,"name":"', b, '"}')),
    'too deep': [`{"party_size":2,"note":${'['.repeat(9)}${']'.repeat(9)}}`, '['.repeat(8000), '{"a":'.repeat(3000)],
  };
  for (const [what, texts] of Object.entries(classes))
    test(what, async () => {
      const before = await issued();
      for (const text of texts)
        if (text.length) expect(await post(text), 400, 'bad_json');
      assert.equal(await issued(), before);
    });

  test('wrong types, ranges, unknown, missing and duplicate members', async () => {
    const before = await issued();
    for (const [text, field] of [['{}', 'party_size'], [' {}', 'party_size'], ['{"party_size":null}', 'party_size'], ['{"party_size":"2"}', 'party_size'], ['{"party_size":true}', 'party_size'], ['{"party_size":[2]}', 'party_size'],
      ['{"party_size":{}}', 'party_size'], ['{"party_size":0}', 'party_size'], ['{"party_size":-0}', 'party_size'], ['{"party_size":-1}', 'party_size'], ['{"party_size":100}', 'party_size'],
      ['{"party_size":9007199254740992}', 'party_size'], ['{"party_size":2,"party_size":2}', 'party_size'], ['{"party_size":2,"party\\u005fsize":3}', 'party_size'], ['{"Party_Size":2}', 'Party_Size'],
      ['{"party_size":2,"__proto__":{}}', '__proto__'], ['{"party_size":2,"position":1}', 'position'], [name('7'), 'name'], [name('["x"]'), 'name'], [name('"a\\u0007b"'), 'name'], [name('"\\u007f"'), 'name'],
      [name(JSON.stringify('x'.repeat(101))), 'name'], [name(JSON.stringify('🎪'.repeat(101))), 'name'], ['{"party_size":2,"note":"' + 'ㄱ'.repeat(301) + '"}', 'note'], ['{"party_size":2,"phone":"' + '0'.repeat(33) + '"}', 'phone'],
      ['{"party_size":2,"line":"zz"}', 'line'], ['{"party_size":2,"line":""}', 'line'], ['{"party_size":2,"line":null}', 'line'], [`{"${'x'.repeat(5000)}":1}`, null]]) {
      const given = await post(text);
      assert.equal(given.json.code, 'invalid_field', text.slice(0, 80));
      const answer = expect(given, 400, 'invalid_field');
      if (field) assert.equal(answer.field, field, text.slice(0, 80));
    }
    for (const key of ['', 'x'.repeat(65), 'tab\there', 'é'])
      assert.ok([400, 201].includes((await staff.raw('POST', TICKETS, { headers: { ...JSON_TYPE, 'Idempotency-Key': key }, body: '{}' })).status));
    for (const version of ['3', '"x"', '""', 'W/"3"', '"3","4"', '"-1"', '"99999999999"'])
      expect(await staff.raw('POST', `${TICKETS}/1/call`, { headers: { 'If-Match': version } }), 400, 'invalid_field');
    assert.equal(await issued(), before);
  });
});

test('names with markup, right to left, emoji and forty combining marks come back unchanged', async () => {
  const names = ['<script>alert(1)</script>', `"><img src=x onerror='a'>`, '&lt;b&gt; & "quoted" \\ / `${x}`', '=1+1', 'مرحبا بكم', '\u202eevil\u202c', '👩‍👩‍👧‍👦🏳️‍🌈🎪', `Z${'\u0301'.repeat(40)}`, '민아', '민아'.normalize('NFD'),
    '\u200b\ufeff\u2028\u2029', '\ufffd\uffff\u{10ffff}', "'; DROP TABLE ticket; --", '%s%n%x', '🎪'.repeat(100)];
  const stream = await staff.stream();
  await stream.snapshot();
  for (const name of names) {
    const { ticket: { id }, seq } = await staff.issue({ name, note: name });
    const same = (t, where) => assert.deepEqual([t.name, t.note], [name, name], where);
    same((await stream.change(seq)).data.ticket, 'stream');
    same(await staff.ticket(id), 'ticket');
    same((await staff.queue()).tickets.find((t) => t.id === id), 'queue');
    await staff.act(id, 'cancel');
    same((await staff.ticket(id)), 'closed ticket');
  }
  stream.close();
  await booth.signIn('staff', names[6]);
  assert.ok(expect(await cli.get('/api/v1/system/devices'), 200).devices.some((d) => d.name === names[6]));
});

test('invalid addresses', async () => {
  const paths = ['/../../etc/passwd', '/..', '/.', '/%2e%2e/etc/passwd', '/..%2fetc/passwd', '/..%5cetc', '/..\\etc', '/static/../../state/secrets', '/%00', '/index.html%00.js', '/api/v1/queue%00', '/api/v1/%00queue', '/api/v1/queue%', '/api/v1/queue%zz',
    '//', '//evil.example/', '/api//v1/queue', '/api/v1/queue/', '/api/v1/./queue', '/%c0%ae%c0%ae/', '/%ff', '/api/v1/que\u0001ue', '/secrets', '/booth.db', '/state/booth.db', '/.git/config'];
  for (const path of paths) {
    const [answer] = await ask(head('GET', path, 'Connection: close'));
    if (answer) assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    if (answer?.status === 404) assert.equal(answer.json.code, 'not_found');
  }
  for (const id of ['0', '-1', '01', '1e3', '1.0', '0x1', '+1', ' 1', '%201', '9007199254740993', '99999999999999999999', 'x', '%EC%9D%BC'])
    assert.ok([400, 404].includes((await ask(head('POST', `${TICKETS}/${id}/call`, 'Content-Length: 0', 'Connection: close')))[0]?.status ?? 400), id);
  assert.equal((await staff.raw('GET', '/api/v1/%71ueue', { contract: false })).status, 200, 'what is encoded without need is the same');
});

test('wrong Hosts, foreign and null Origins, no Content-Type', async () => {
  const before = await issued();
  const { port } = booth.address;
  for (const host of ['evil.example', 'booth.internal.evil.example', 'localhost.evil.example', 'localhost@evil.example', 'localhost:80:80', '127.0.0.1.evil.example', '0x7f.1', '2130706433', 'xn--bcher-kva', 'a'.repeat(300), '%6c%6fcalhost', '[::1', '[::1]x', ':80'])
    expect(await post('{"party_size":2}', { ...JSON_TYPE, Host: host }), 421, 'misdirected');
  for (const origin of ['null', 'http://evil.example', 'https://127.0.0.1', `https://127.0.0.1:${port}`, `http://127.0.0.1:${port}.evil.example`, `http://127.0.0.1`, 'http://', '', `http://127.0.0.1:${port}/`, 'file://', `HTTP://evil@127.0.0.1:${port}`])
    expect(await post('{"party_size":2}', { ...JSON_TYPE, Host: `127.0.0.1:${port}`, Origin: origin }), 403, 'forbidden');
  for (const type of [undefined, '', 'text/plain', 'application/jsonx', 'application/json5', 'multipart/form-data', 'application/x-www-form-urlencoded', 'text/json', ' '])
    expect(await post('{"party_size":2}', type === undefined ? {} : { 'Content-Type': type }), 415, 'unsupported_media_type');
  assert.equal(await issued(), before);
});

test('heads and bodies that are too large', async () => {
  expect(await staff.raw('GET', `/api/v1/board?${'x'.repeat(700)}`), 414, 'too_large');
  expect(await staff.raw('GET', '/api/v1/board', { headers: { 'X-Long': 'x'.repeat(3000) } }), 431, 'too_large');
  for (const size of [5000, 7000, 50000, 1 << 20]) {
    const [answer] = await ask(`GET /api/v1/board HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(size)}\r\n\r\n`);
    if (answer) assert.equal(answer.status, 431);
    const [line] = await ask(`GET /${'x'.repeat(size)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    if (line) assert.ok([414, 431].includes(line.status), String(line.status));
  }
  const many = Array.from({ length: 400 }, (_, i) => `X-${i}: ${i}`);
  assert.equal((await ask(head('GET', '/api/v1/board', ...many, 'Connection: close')))[0]?.status ?? 431, 431);
  for (const length of [16385, 1 << 20, (1 << 20) + 1, 1e10, '9223372036854775807'])
    expect((await ask(`${head('POST', TICKETS, 'Content-Type: application/json', `Content-Length: ${length}`, 'Connection: close')}${' '.repeat(Math.min(length, 1 << 20))}`))[0] ?? { status: 413 }, 413);
  expect((await ask(`${head('POST', TICKETS, 'Content-Type: application/json', 'Expect: 100-continue', 'Content-Length: 99999', 'Connection: close')}`))[0], 413);
});

test('hundreds of cookies', async () => {
  const crumbs = (n) => Array.from({ length: n }, (_, i) => `c${i}=${i}`).join('; ');
  const get = (cookie) => staff.raw('GET', '/api/v1/session', { headers: { Cookie: cookie } });
  assert.equal((await get(`${crumbs(40)}; ${staff.cookie}`)).status, 200);
  assert.equal((await get(`;;; ;a;=;==b; ${staff.cookie};;`)).status, 200);
  for (const cookie of [crumbs(40), `x${staff.cookie}`, 'boothd', 'boothd=', `boothd=${'A'.repeat(43)}`, `boothd=${'A'.repeat(2000)}`, `boothd="${staff.cookie.slice(7)}"`, `BOOTHD=${staff.cookie.slice(7)}`])
    expect(await get(cookie), 401, 'not_signed_in');
  for (const n of [100, 200, 400, 2000]) assert.equal((await ask(`GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nCookie: ${crumbs(n)}; ${staff.cookie}\r\n\r\n`))[0]?.status ?? 431, 431);
});

describe('framing', () => {
  const body = '{"party_size":2}';
  const smuggled = head('POST', TICKETS, 'Content-Type: application/json', 'Content-Length: 16') + body;
  const cases = {
    'a length and chunks': head('POST', '/api/v1/undo', 'Content-Type: application/json', 'Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n' + smuggled,
    'chunks and a length': head('POST', '/api/v1/undo', 'Content-Type: application/json', 'Transfer-Encoding: chunked', `Content-Length: ${smuggled.length + 5}`) + '0\r\n\r\n' + smuggled,
    'two lengths': head('POST', '/api/v1/undo', 'Content-Type: application/json', 'Content-Length: 0', `Content-Length: ${smuggled.length}`) + smuggled,
    'an encoding of another name': head('POST', '/api/v1/undo', 'Content-Type: application/json', 'Transfer-Encoding: xchunked') + smuggled,
    'a length that is no number': head('POST', '/api/v1/undo', 'Content-Type: application/json', 'Content-Length: 0x10') + smuggled,
    'a negative length': head('POST', '/api/v1/undo', 'Content-Type: application/json', 'Content-Length: -1') + smuggled,
    'a chunk that is none': head('POST', '/api/v1/undo', 'Content-Type: application/json', 'Transfer-Encoding: chunked') + 'zz\r\n' + smuggled,
    'a space before the colon': head('POST', '/api/v1/undo', 'Content-Type: application/json', `Content-Length : ${smuggled.length}`) + smuggled,
    'a folded header': head('POST', '/api/v1/undo', 'Content-Type: application/json', 'X-A: b', ` Content-Length: ${smuggled.length}`) + smuggled,
  };
  for (const [what, text] of Object.entries(cases))
    test(what, async () => {
      const before = await issued();
      const got = await ask(text, { timeout: 1500 });
      for (const a of got.slice(0, 1)) assert.ok(a.status >= 400 && a.status < 500 || a.status === 200, String(a.status));
      if (got[0]?.status >= 400 && got.length === 1) assert.equal(await issued(), before, 'a request inside a request was done');
      assert.ok(got.length <= 2);
    });

  test('bare line feeds, an invalid first line, TLS, HTTP/2, HTTP/1.0, HTTP/9.9', async () => {
    for (const text of ['GET /api/v1/board HTTP/1.1\nHost: localhost\n\n', 'GET /api/v1/board\r\n\r\n', 'GET\r\n\r\n', '\r\n\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'GET /api/v1/board HTTP/1.0\r\n\r\n',
      'GET /api/v1/board HTTP/9.9\r\nHost: localhost\r\n\r\n', 'GET http://evil.example/api/v1/board HTTP/1.1\r\nHost: localhost\r\n\r\n', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n', 'GET * HTTP/1.1\r\nHost: localhost\r\n\r\n', '\0'.repeat(5000), '\xff'.repeat(5000)]) {
      const [answer] = await ask(`${text}`, { quiet: 150, timeout: 1500 });
      if (answer) assert.ok([200, 400, 404, 405, 414, 421, 431, 505].includes(answer.status), `${JSON.stringify(text.slice(0, 40))}: ${answer.status}`);
    }
  });

  test('a hundred requests in one packet are answered in order, bad ones among them', async () => {
    const one = (i) => i % 10 === 3 ? head('GET', `/api/v1/tickets/${i}x`) : i % 10 === 7 ? head('POST', TICKETS, 'Content-Type: application/json', 'Content-Length: 2') + '{}' : head('GET', '/api/v1/session');
    const got = await ask(Array.from({ length: 100 }, (_, i) => one(i)).join(''));
    assert.deepEqual(got.map((a) => a.status), Array.from({ length: 100 }, (_, i) => i % 10 === 3 ? 404 : i % 10 === 7 ? 400 : 200));
  });

  test('a half-closed client still gets an answer; a silent one is closed', async () => {
    const { text } = await bytes(booth.address, head('GET', '/api/v1/session'), { allowHalfOpen: true });
    assert.equal(answers(text)[0].status, 200);
    const socket = connect(booth.address);
    socket.end(head('GET', '/api/v1/session'));
    await waitFor(() => /^HTTP\/1.1 200/.test(socket.got), { what: 'an answer over half a connection' });
    socket.destroy();
  });

  test('resets in the middle of everything', async () => {
    const text = smuggled.replace('Host', 'X-Reset: y\r\nHost');
    for (let round = 0; round < 10; round++) {
      const sockets = Array.from({ length: 50 }, (_, i) => {
        const socket = connect(booth.address);
        socket.write(text.slice(0, Math.floor((text.length + 1) * ((i + round / 10) / 50))));
        return socket;
      });
      await pause(30);
      for (const socket of sockets) socket.resetAndDestroy();
      await Promise.all(sockets.map((s) => s.closed_));
    }
    const restore = connect(booth.address);
    restore.write(head('POST', '/api/v1/system/restore', 'Content-Type: application/vnd.sqlite3', 'Content-Length: 1000000') + 'SQLite format 3');
    await pause(50);
    restore.resetAndDestroy();
    const devices = await cli.get('/api/v1/system/devices');
    expect(devices, 200);
  });
});

test('paths and methods at random', async () => {
  let state = Number(process.env.SEED ?? 20260911);
  const random = (n) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0, (state >>> 8) % n);
  const seeds = ['/api/v1/queue', '/api/v1/tickets/1/call', '/api/v1/days/2026-09-11/export.csv', '/api/v1/system/devices/1', '/', '/board', '/healthz', '/metrics', '/api/v1/board/stream', '/api/v1/openapi.json'];
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'G', 'get', 'M-SEARCH', 'X'.repeat(40)];
  const letters = '/.%?#&=;:@\\~{}[]<>"\'`|^ \tabcAZ019\u00e9\u0001\u007f';
  const fuzzed = () => {
    let path = seeds[random(seeds.length)];
    for (let n = random(5); n >= 0; n--) {
      const at = random(path.length + 1), letter = letters[random(letters.length)];
      path = [path.slice(0, at) + letter + path.slice(at), path.slice(0, at) + path.slice(at + 1), path.slice(0, at) + letter.repeat(random(200)) + path.slice(at), `${path}%${random(256).toString(16)}`][random(4)];
    }
    return [methods[random(methods.length)], path];
  };
  const before = await issued();
  for (let round = 0; round < 60; round++)
    await Promise.all(Array.from({ length: 25 }, async () => {
      const [method, path] = fuzzed();
      const text = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      const [answer] = answers((await bytes(booth.address, text, { quiet: 200, timeout: 2000 })).text);
      if (!answer) return;
      assert.ok(answer.status >= 200 && answer.status < 500 || answer.status === 505, `${method} ${path}: ${answer.status}`);
      if (/^[A-Z]+$/.test(method) && /^[\w/.-]+$/.test(path) && answer.headers['content-type'] && method !== 'HEAD' && answer.text) checkAnswer(method, path, answer);
    }));
  assert.equal(await issued(), before);
});

test('ten thousand connections from one address: some are served, the rest refused, other clients unaffected', { timeout: 120000 }, async () => {
  const kept = [];
  const before = await metric('http_refused_total');
  for (let wave = 0; wave < 50; wave++) {
    const sockets = Array.from({ length: 200 }, () => connect(booth.address, { from: '127.0.0.7' }));
    await pause(20);
    kept.push(...sockets);
    while (kept.length > 1500) kept.shift().destroy();
  }
  const most = await metric('http_connections');
  assert.ok(most <= 256 + 40, `${most} connections`);
  assert.ok((await metric('http_refused_total')) - before > 5000);
  for (const socket of kept) socket.destroy();
  await waitFor(async () => (await metric('http_connections')) < 60, { what: 'their end' });
  assert.equal((await ask(head('GET', '/api/v1/session'), { from: '127.0.0.7' }))[0].status, 200);
});

test('five hundred streams of which half never read', { timeout: 120000 }, async () => {
  const streams = Array.from({ length: 500 }, (_, i) => {
    const socket = connect(booth.address, { from: `127.0.1.${i % 4}` });
    socket.write(head('GET', '/api/v1/stream', 'Accept: text/event-stream'));
    if (i % 2) socket.pause();
    else socket.on('data', () => { socket.got = socket.got.slice(-4096); }); // the last change is less than that
    return socket;
  });
  await waitFor(async () => (await metric('streams')) === 500, { what: '500 streams' });
  const { ticket: { id } } = await cli.issue();
  const note = '\u{1f3aa}'.repeat(296);
  for (let i = 0; i < 400; i++) await cli.edit(id, { note: note + i });
  const { seq } = await cli.edit(id, { note: 'the last' });
  const readers = streams.filter((_, i) => i % 2 === 0);
  await waitFor(() => readers.every((s) => s.got.endsWith('\n\n') && s.got.includes(`-${seq}\n`)), { timeout: 30000, every: 50, what: 'the last change on all that read' });
  await waitFor(async () => (await metric('streams')) <= 250, { what: 'the end of those that do not' });
  for (const socket of streams) socket.destroy();
  await waitFor(async () => (await metric('streams')) === 0, { what: 'the end of all streams' });
});

test('hundreds of boards leave streams for signed-in phones', async () => {
  const boards = Array.from({ length: 450 }, (_, i) => {
    const socket = connect(booth.address, { from: `127.0.1.${i % 4}` });
    socket.write('GET /api/v1/board/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket;
  });
  await waitFor(() => boards.every((s) => s.got), { what: 'an answer to each' });
  const refused = boards.filter((s) => /^HTTP\/1.1 429/.test(s.got)).length;
  assert.equal(refused, 450 - 384);
  const stream = await staff.stream();
  await stream.snapshot();
  stream.close();
  for (const socket of boards) socket.destroy();
  await waitFor(async () => (await metric('streams')) === 0, { what: 'the end of all streams' });
});

test('one byte every 2 s, and nothing at all: ended after 15 s', async () => {
  const begun = performance.now();
  const slow = ['', 'GET /api/v1/board HTTP/1.1\r\nX: ', 'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{',
    'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'];
  const sockets = Array.from({ length: 100 }, (_, i) => {
    const socket = connect(booth.address, { from: '127.0.0.7' });
    socket.write(slow[i % slow.length]);
    return socket;
  });
  const drip = setInterval(() => { for (const s of sockets.slice(1)) if (!s.destroyed) s.write('1'); }, 2000);
  await waitFor(() => sockets.every((s) => s.destroyed), { timeout: 30000, what: 'the end of all' })
    .catch((error) => { throw new Error(`${error.message}: ${sockets.filter((s) => !s.destroyed).length} are still open`); });
  clearInterval(drip);
  const took = performance.now() - begun;
  assert.ok(took > 10000 && took < scaled(28000), `after ${Math.round(took)} ms`);
});
