// Phones ask fixed names whether a Wi-Fi has internet: the very bytes that keep them on it, and nothing else for those names.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { answers, bytes } from '../lib/raw.mjs';

const booths = { yes: await Booth.start({ set: { names: 'queue.example' } }), no: await Booth.start({ set: { captive_probes: 'no' } }) };
after(() => Promise.all(Object.values(booths).map((b) => b.stop())));

async function ask(host, path, { method = 'GET', probes = 'yes', more = '' } = {}) {
  const { text } = await bytes(booths[probes].address, `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`);
  return { ...answers(text)[0], whole: text };
}

const APPLE = '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>';
const known = [
  ['captive.apple.com', '/hotspot-detect.html', 200, APPLE],
  ['connectivitycheck.gstatic.com', '/generate_204', 204, ''],
  ['connectivitycheck.android.com', '/generate_204', 204, ''],
  ['connectivitycheck.samsung.com', '/generate_204', 204, ''],
  ['www.msftconnecttest.com', '/connecttest.txt', 200, 'Microsoft Connect Test'],
  ['www.msftncsi.com', '/ncsi.txt', 200, 'Microsoft NCSI'],
  ['detectportal.firefox.com', '/success.txt', 200, 'success\n'],
  ['nmcheck.gnome.org', '/check_network_status.txt', 200, 'NetworkManager is online\n'],
  ['networkcheck.kde.org', '/', 200, 'OK\n'],
];

test('each probe gets exactly the expected bytes, without a cookie or a redirect', async () => {
  for (const [host, path, status, body] of known)
    for (const name of [host, `${host}:80`, host.toUpperCase()]) {
      const got = await ask(name, path);
      assert.equal(got.status, status, `${name}${path}`);
      assert.equal(got.text, body, `${name}${path}`);
      assert.equal(got.headers['set-cookie'], undefined);
      assert.equal(got.headers.location, undefined);
      assert.equal(got.headers['content-length'] ?? '0', String(body.length)); // a 204 has none, or nothing
      if (status === 204) assert.ok(got.whole.endsWith('\r\n\r\n'), 'a 204 has no body');
    }
});

test('HEAD is answered like GET, without the body; a query changes nothing', async () => {
  const head = await ask('captive.apple.com', '/hotspot-detect.html', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.ok(head.whole.endsWith('\r\n\r\n'));
  assert.equal((await ask('connectivitycheck.gstatic.com', '/generate_204?x=1')).status, 204);
});

test('a probe’s name does not serve the booth: no page, no API, no session, with any cookie', async () => {
  const staff = await booths.yes.signIn();
  const more = `Cookie: ${staff.cookie}\r\n`;
  for (const path of ['/', '/index.html', '/board', '/healthz', '/api/v1/board', '/api/v1/queue', '/generate_204/x', '/GENERATE_204'])
    assert.equal((await ask('connectivitycheck.gstatic.com', path, { more })).status, 404, path);
  for (const method of ['POST', 'PUT', 'DELETE'])
    assert.match(String((await ask('connectivitycheck.gstatic.com', '/generate_204', { method, more })).status), /^40[45]$/, method);
  const pin = '{"pin":"1234","device":"x"}';
  const { text } = await bytes(booths.yes.address, 'POST /api/v1/session HTTP/1.1\r\nHost: captive.apple.com\r\n' +
    `Content-Type: application/json\r\nContent-Length: ${pin.length}\r\nConnection: close\r\n\r\n${pin}`);
  assert.equal(answers(text)[0].status, 404);
  assert.doesNotMatch(text, /set-cookie/i);
});

test('similar names are refused, and the probes’ paths do not exist under the booth’s names', async () => {
  for (const host of ['captive.apple.com.', 'captive.apple.com.evil.example', 'xcaptive.apple.com', 'apple.com', 'captive.apple.com:80x', 'captive.apple.com@evil.example'])
    assert.equal((await ask(host, '/hotspot-detect.html')).status, 421, host);
  for (const host of ['queue.example', '192.0.2.80', '127.0.0.1'])
    for (const [, path] of known.filter(([, p]) => p !== '/')) assert.equal((await ask(host, path)).status, 404, host + path);
});

test('captive_probes = no: all their names are refused', async () => {
  for (const [host, path] of known) assert.equal((await ask(host, path, { probes: 'no' })).status, 421, host);
  assert.equal((await ask('booth', '/api/v1/board', { probes: 'no' })).status, 200); // the default of names
});
