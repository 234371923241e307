// The ground rules that hold for every call: Host, Origin, media types, sizes, methods, paths, strict JSON.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { after, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { scaled } from '../lib/pace.mjs';

const booth = await shared(after, { set: { names: 'booth.internal,queue.example' } });
const staff = await booth.signIn();
const TICKETS = '/api/v1/tickets';
const JSON_TYPE = { 'Content-Type': 'application/json' };
const raw = (body, headers = JSON_TYPE, more) => staff.raw('POST', TICKETS, { headers, body, ...more });

// Bytes as they are to the socket; the bytes of the answer, '' if the connection was just closed.
function bytes(text, to = booth.address) {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = net.connect(to.socketPath ?? to, () => socket.write(text));
    socket.setTimeout(scaled(8000), () => { socket.destroy(); reject(new Error(`no answer to ${JSON.stringify(text.slice(0, 60))}`)); });
    socket.on('data', (c) => {
      got += c;
      if (/\r\n\r\n/.test(got) && !/keep-alive/i.test(got)) socket.end();
    });
    socket.on('close', () => resolve(got));
    socket.on('error', () => resolve(got));
  });
}

test('Host: literal addresses, localhost and own names; others are misdirected', async () => {
  const { port } = booth.address;
  const board = (host) => staff.raw('GET', '/api/v1/board', { headers: { Host: host } });
  for (const host of [`127.0.0.1:${port}`, '192.168.4.1', '[::1]:8080', '[fe80::1]', 'localhost', `localhost:${port}`, 'booth.internal', 'BOOTH.internal:80', 'queue.example'])
    assert.equal((await board(host)).status, 200, host);
  for (const host of ['evil.example', 'booth.internal.evil.example', '127.0.0.1.evil.example', 'xbooth.internal', 'booth.internal.', 'user@booth.internal', '1.2.3', '256.1.1.1'])
    expect(await board(host), 421, 'misdirected');
  expect(await staff.raw('POST', TICKETS, { headers: { Host: 'evil.example', ...JSON_TYPE }, body: '{"party_size":2}' }), 421, 'misdirected');
  assert.equal((await staff.raw('GET', '/', { headers: { Host: 'evil.example' }, contract: false })).status, 421);
});

test('no Host or two: refused or closed', async () => {
  for (const head of ['', 'Host: localhost\r\nHost: evil.example\r\n']) {
    const answer = await bytes(`GET /api/v1/board HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
    assert.ok(answer === '' || /^HTTP\/1.1 4\d\d/.test(answer), `${head}: ${answer.slice(0, 80)}`);
  }
});

test('the unix socket does not ask for a Host', async () => {
  assert.equal((await booth.cli().raw('GET', '/api/v1/queue', { headers: { Host: 'anything.example' } })).status, 200);
});

test('the socket’s permissions are the authentication', async () => {
  assert.equal(fs.statSync(booth.socketPath).mode & 0o007, 0);
});

test('Origin: the booth’s own or none', async () => {
  const { port } = booth.address;
  const issue = (origin, host) => raw('{"party_size":2}', { ...JSON_TYPE, Origin: origin, ...(host ? { Host: host } : {}) });
  assert.equal((await issue(`http://127.0.0.1:${port}`)).status, 201);
  assert.equal((await issue('http://booth.internal', 'booth.internal')).status, 201);
  for (const origin of ['null', 'http://evil.example', `https://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`, 'http://booth.internal', `http://127.0.0.1:${port}.evil.example`, ''])
    expect(await issue(origin), 403, 'forbidden');
  expect(await booth.client().raw('POST', '/api/v1/session', { headers: { ...JSON_TYPE, Origin: 'http://evil.example' }, body: '{"pin":"1234","device":"x"}' }), 403, 'forbidden');
  assert.equal((await staff.raw('GET', '/api/v1/queue', { headers: { Origin: 'http://evil.example' } })).status, 200);
});

test('nobody else’s page may read answers', async () => {
  const { headers } = await staff.raw('GET', '/api/v1/board', { headers: { Origin: 'http://evil.example' } });
  assert.equal(headers['access-control-allow-origin'], undefined);
});

test('media types', async () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8'])
    assert.equal((await raw('{"party_size":2}', { 'Content-Type': type })).status, 201, type);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', 'text/json'])
    expect(await raw('{"party_size":2}', { 'Content-Type': type }), 415, 'unsupported_media_type');
  expect(await raw('{"party_size":2}', {}), 415, 'unsupported_media_type');
  const { ticket } = await staff.issue();
  await staff.act(ticket.id, 'call');
  assert.equal((await staff.raw('POST', `${TICKETS}/${ticket.id}/call`, { headers: { 'Content-Length': 0 } })).status, 200);
});

test('a body has at most 16 KiB, with and without Content-Length', async () => {
  const pad = (n) => `{"party_size":2}${' '.repeat(n - 16)}`;
  assert.equal((await raw(pad(16384))).status, 201);
  expect(await raw(pad(16385)), 413, 'too_large');
  const chunked = await staff.raw('POST', TICKETS, { headers: { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' }, body: pad(40000) });
  expect(chunked, 413, 'too_large');
  const announced = await bytes(`POST ${TICKETS} HTTP/1.1\r\nHost: localhost\r\nCookie: ${staff.cookie}\r\nContent-Type: application/json\r\nContent-Length: 9999999999\r\nConnection: close\r\n\r\n{`);
  assert.match(announced, /^HTTP\/1.1 413|^$/);
});

test('header fields of more than 3 KiB', async () => {
  const answer = await bytes(`GET /api/v1/board HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(8000)}\r\nConnection: close\r\n\r\n`);
  assert.ok(answer === '' || /^HTTP\/1.1 431/.test(answer), answer.slice(0, 80));
  assert.equal((await staff.raw('GET', '/api/v1/board', { headers: { 'X-Fine': 'x'.repeat(1500) } })).status, 200);
});

test('paths and methods', async () => {
  for (const path of ['/api', '/api/v1', '/api/v1/', '/api/v1/nothing', '/api/v2/queue', '/api/v1/queue/', '/api/v1/tickets/1/dance', '/api/v1/tickets//call', '/API/v1/queue'])
    assert.equal((await staff.raw('GET', path)).status, 404, path);
  for (const [method, path, allow] of [['DELETE', '/api/v1/queue', ['GET', 'HEAD']], ['GET', '/api/v1/call-next', ['POST']], ['PUT', TICKETS, ['POST']],
    ['POST', '/api/v1/tickets/1', ['GET', 'HEAD', 'PATCH']], ['PATCH', '/api/v1/session', ['POST', 'GET', 'HEAD', 'DELETE']], ['POST', '/healthz', ['GET', 'HEAD']]]) {
    const answer = await staff.raw(method, path);
    expect(answer, 405, 'method_not_allowed');
    assert.deepEqual(answer.headers.allow.split(/, */).sort(), allow.sort(), path);
  }
  assert.equal((await staff.raw('OPTIONS', '/api/v1/queue', { contract: false })).status, 405);
  assert.ok([404, 405].includes((await staff.raw('POST', '/', { contract: false })).status));
});

test('a query string changes nothing', async () => {
  assert.equal((await staff.raw('GET', '/api/v1/queue?x=1')).status, 200);
});

test('JSON is read strictly', async () => {
  const good = ['{"party_size":2}', ' {\n"party_size" :\t2 } \r\n', '{"party_size":2,"name":"\\u00e9\\ud83c\\udfaa/\\/"}', '{"party_size":2,"name":"🎪"}', '{"party_size":2,"name":null}'];
  for (const text of good) assert.equal((await raw(text)).status, 201, text);
  const bad = ['{', '[]', '"x"', '5', 'null', 'true', '[]x', '{"party_size":2}x', '{"party_size":02}', '{"party_size":2.0}', '{"party_size":2.}', '{"party_size":2e0}', '{"party_size":+2}', '{"party_size":NaN}',
    '{"party_size":1e999}', '{"party_size":9007199254740993}', '{"party_size":12345678901234567890}', '\ufeff{"party_size":2}', '{"party_size":2,}', "{'party_size':2}",
    '{"party_size":2,"name":"a\u0001b"}', '{"party_size":2,"name":"\\u0000"}', '{"party_size":2,"name":"x\\u0000y"}', '{"party_size":2,"name":"\\ud800"}', '{"party_size":2,"name":"\\udc00x"}',
    '{"party_size":2,"name":"\\x"}', '{"party_size":2/**/}', `{"party_size":2,"note":${'['.repeat(9)}${']'.repeat(9)}}`, '{"party_size":2}{"party_size":2}', 'nul', '"'];
  for (const text of bad) assert.equal((await raw(text)).json.code, 'bad_json', text);
  for (const name of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]])
    expect(await raw(Buffer.concat([Buffer.from('{"party_size":2,"name":"'), Buffer.from(name), Buffer.from('"}')])), 400, 'bad_json');
  const wrong = ['{"party_size":2,"party_size":2}', '{"Party_size":2}', '{"party_size":true}', '{"party_size":2,"name":["x"]}', '{"party_size":-1}',
    '{"party_size":2,"name":"a\\u0007b"}'];
  for (const text of wrong) assert.equal((await raw(text)).json.code, 'invalid_field', text);
});

test('a problem has its code, field and text', async () => {
  const answer = await raw('{"party_size":500}');
  assert.match(answer.headers['content-type'], /^application\/problem\+json/);
  const { type, title, status, code, detail, field } = answer.json;
  assert.deepEqual([status, code, field], [400, 'invalid_field', 'party_size']);
  assert.ok(type && title && detail.length > 5);
});

test('answers with personal data are not cached', async () => {
  assert.match((await staff.get('/api/v1/queue')).headers['cache-control'] ?? '', /no-store|no-cache|private/);
});

test('ambiguous framing is refused or closed, and the daemon goes on', async () => {
  const head = `POST ${TICKETS} HTTP/1.1\r\nHost: localhost\r\nCookie: ${staff.cookie}\r\nContent-Type: application/json\r\n`;
  const before = (await staff.queue()).seq;
  for (const text of ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', `${head}Content-Length: -5\r\n\r\n`, `${head}Content-Length: 5x\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`]) {
    const answer = await bytes(text);
    assert.ok(answer === '' || /^HTTP\/1\.\d [45]\d\d/.test(answer), `${JSON.stringify(text.slice(0, 40))}: ${answer.slice(0, 60)}`);
  }
  assert.equal((await staff.queue()).seq, before);
});

test('commands pipelined in one packet are all answered, in order', async () => {
  const one = (n) => `POST ${TICKETS} HTTP/1.1\r\nHost: localhost\r\nCookie: ${staff.cookie}\r\nContent-Type: application/json\r\nContent-Length: 16\r\n${n === 3 ? 'Connection: close\r\n' : ''}\r\n{"party_size":${n + 1}}`;
  const answer = await new Promise((resolve) => {
    let got = '';
    const socket = net.connect(booth.address, () => socket.write([1, 2, 3].map(one).join('')));
    socket.on('data', (c) => { got += c; });
    socket.on('close', () => resolve(got));
  });
  assert.deepEqual([...answer.matchAll(/"party_size":(\d)/g)].map((m) => m[1]), ['2', '3', '4']);
});
