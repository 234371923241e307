// The web app's files, as a browser fetches them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import zlib from 'node:zlib';
import { shared } from '../lib/boothd.mjs';
import { api } from '../lib/contract.mjs';

const FILES = {
  'index.html': '<!doctype html><title>staff</title>' + '<p>대기</p>'.repeat(50),
  'board.html': '<!doctype html><title>board</title>' + '<p>호출</p>'.repeat(50),
  'staff-3f2a9c1d.js': 'console.log("staff");'.repeat(50),
  'style-0badcafe.css': 'body{margin:0}'.repeat(50),
};
const parent = fs.mkdtempSync(path.join(os.tmpdir(), 'web-'));
const dir = path.join(parent, 'web');
fs.mkdirSync(dir);
for (const [name, text] of Object.entries(FILES)) {
  fs.writeFileSync(path.join(dir, name), text);
  fs.writeFileSync(path.join(dir, `${name}.gz`), zlib.gzipSync(text));
  fs.writeFileSync(path.join(dir, `${name}.br`), zlib.brotliCompressSync(text));
}
fs.writeFileSync(path.join(parent, 'outside.txt'), 'outside');
const booth = await shared(after, { set: { web_dir: dir } });
const client = booth.client();
after(() => fs.rmSync(parent, { recursive: true, force: true }));
const get = (url, encoding) => client.raw('GET', url, { headers: encoding ? { 'Accept-Encoding': encoding } : {} });

test('pages and assets, with their types', async () => {
  for (const [url, name, type] of [['/', 'index.html', /^text\/html; ?charset=utf-8/i], ['/board', 'board.html', /^text\/html; ?charset=utf-8/i],
    ['/staff-3f2a9c1d.js', 'staff-3f2a9c1d.js', /^text\/javascript/], ['/style-0badcafe.css', 'style-0badcafe.css', /^text\/css/]]) {
    const answer = await get(url);
    assert.equal(answer.status, 200, url);
    assert.equal(answer.text, FILES[name]);
    assert.match(answer.headers['content-type'], type);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  }
});

test('brotli, gzip or plain, as the browser accepts', async () => {
  const decode = { br: zlib.brotliDecompressSync, gzip: zlib.gunzipSync, none: (b) => b };
  for (const [accept, encoding] of [['gzip, deflate, br', 'br'], ['gzip', 'gzip'], ['deflate', 'none'], ['br;q=0, gzip', 'gzip'], ['identity', 'none'], ['x-gzipped, zebra', 'none']]) {
    const answer = await get('/staff-3f2a9c1d.js', accept);
    assert.equal(answer.headers['content-encoding'] ?? 'none', encoding, accept);
    assert.equal(decode[encoding](answer.bytes).toString(), FILES['staff-3f2a9c1d.js']);
    assert.match(answer.headers.vary, /accept-encoding/i);
  }
});

test('files with hashed names are cached for a year, pages are revalidated', async () => {
  assert.match((await get('/staff-3f2a9c1d.js')).headers['cache-control'], /max-age=31536000.*immutable/);
  assert.match((await get('/')).headers['cache-control'], /no-cache/);
});

test('304 by ETag; each encoding has its own', async () => {
  const { headers: { etag } } = await get('/', 'br');
  assert.match(etag, /^(W\/)?"[^"]+"$/);
  const again = (value, encoding) => client.raw('GET', '/', { headers: { 'If-None-Match': value, 'Accept-Encoding': encoding } });
  const answer = await again(etag, 'br');
  assert.deepEqual([answer.status, answer.text, answer.headers.etag], [304, '', etag]);
  assert.equal((await again(`"other", ${etag}`, 'br')).status, 304);
  assert.equal((await again('*', 'br')).status, 304);
  assert.equal((await again('"other"', 'br')).status, 200);
});

test('HEAD has the headers and no body', async () => {
  for (const url of ['/', '/staff-3f2a9c1d.js', '/api/v1/board', '/api/v1/openapi.json', '/healthz']) {
    const head = await client.raw('HEAD', url);
    const full = await client.raw('GET', url);
    assert.equal(head.status, 200, url);
    assert.equal(head.bytes.length, 0);
    assert.equal(head.headers['content-length'], full.headers['content-length'], url);
    assert.equal(head.headers.etag, full.headers.etag);
  }
});

test('no other file of the disk is served', async () => {
  for (const url of ['/nothing', '/../outside.txt', '/%2e%2e/outside.txt', '/..%2foutside.txt', '//etc/passwd', '/index.html/x', '/staff-3f2a9c1d.js%00.html', '/.', '/staff-3f2a9c1d.js.map']) {
    const answer = await client.raw('GET', url, { contract: false });
    assert.ok([404, 400].includes(answer.status) || answer.text === FILES['staff-3f2a9c1d.js'], `${url}: ${answer.status}`);
    assert.ok(!answer.text.includes('outside') && !answer.text.includes('root:'));
  }
});

test('pages may not be framed nor run foreign scripts', async () => {
  const { headers } = await get('/');
  assert.match(headers['content-security-policy'] ?? '', /default-src 'self'|default-src 'none'/);
  assert.match(headers['content-security-policy'], /frame-ancestors 'none'/);
});

test('the API document is served as it is in the sources', async () => {
  const served = await client.raw('GET', '/api/v1/openapi.json');
  assert.deepEqual(served.json, api);
  assert.equal((await client.raw('GET', '/api/v1/openapi.json', { headers: { 'If-None-Match': served.headers.etag } })).status, 304);
});
