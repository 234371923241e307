// A server in place of the hub that gives a chosen answer, but never a bundle. It can enrol booths with the keys below.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { once } from 'node:events';
import { waitFor } from './wait.mjs';

const signing = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]), format: 'der', type: 'pkcs8' });
const half = (key) => Buffer.from(key.export({ format: 'jwk' }).x, 'base64url');
const SIGN_KEY = half(createPublicKey(signing));
const OPEN_KEY = Buffer.alloc(32, 9); // bundles sealed to it are never opened
const FINGERPRINT = 'HMPH-R9G1-4Z3M-8XNJ'; // the first 80 bits of the BLAKE2b-256 of SIGN_KEY, in base32

const SECRET = '0123456789ABCDEF';
// A code of this hub (n: one of many), or (wrong) one with the same secret and another hub's fingerprint.
export const code = ({ n, wrong = false } = {}) => `${n ? String(n).padStart(16, '0') : SECRET}.${wrong ? FINGERPRINT.replace('H', 'J') : FINGERPRINT}`;

export const page = (status, headers = {}) => (request, response) => {
  response.writeHead(status, { 'Content-Type': 'text/html', ...headers });
  response.end('<!doctype html><title>Welcome to the festival Wi-Fi</title>');
};
export const problem = (status, code, headers = {}) => (request, response) => {
  response.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers });
  response.end(JSON.stringify({ type: 'about:blank', title: code, status, code, detail: code }));
};
export const reset = (request) => request.socket.resetAndDestroy ? request.socket.resetAndDestroy() : request.socket.destroy();
export const silence = () => {};

// The hub's answer to an enrolment: each code has its own booth.
const boothOf = (secret) => createHash('sha256').update(secret).digest('hex').slice(0, 32);
export const BOOTH = boothOf(SECRET);
export const acceptEnrolment = (request, response, body) => {
  if (request.url !== '/api/v1/enrol') return page(200)(request, response);
  const { code: secret, sign_key } = JSON.parse(body);
  const booth = boothOf(secret);
  const [key, generation] = [Buffer.from([0, 1]), Buffer.alloc(8)];
  generation.writeBigInt64BE(1789000000000n);
  const signed = Buffer.concat([Buffer.from('boothd enrolled 1\0'), Buffer.from(sign_key, 'hex'), Buffer.from(booth, 'hex'), key, SIGN_KEY, OPEN_KEY, generation]);
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ booth, key: 1, sign_key: SIGN_KEY.toString('hex'), open_key: OPEN_KEY.toString('hex'), generation: 1789000000000,
    signature: sign(null, signed, signing).toString('hex') }));
};

export class FakeHub {
  // tls: {key, cert}
  static async start({ tls, answer = page(200) } = {}) {
    const it = Object.assign(new FakeHub(), { answer, log: [], sockets: new Set() });
    const listener = (request, response) => it.handle(request, response);
    it.server = tls ? https.createServer(tls, listener) : http.createServer(listener);
    it.server.on('connection', (socket) => {
      it.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => it.sockets.delete(socket));
    });
    it.server.listen(0, '127.0.0.1');
    await once(it.server, 'listening');
    it.url = `${tls ? 'https' : 'http'}://127.0.0.1:${it.server.address().port}`;
    return it;
  }
  async handle(request, response) {
    const chunks = [];
    request.on('error', () => {});
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    this.log.push({ at: performance.now(), path: request.url, type: request.headers['content-type'], body });
    this.answer(request, response, body);
  }
  // Waits for the n-th request, from 1 on.
  async request(n, { timeout = 10000 } = {}) {
    await waitFor(() => this.log.length >= n, { timeout, what: `request ${n} at the hub` });
    return this.log[n - 1];
  }
  async stop() {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
    await once(this.server, 'close');
  }
}

// Writes state_dir/enrolment as if the booth were enrolled at this hub.
export function enrolled(state, url) {
  const pair = (type) => {
    const { d, x } = generateKeyPairSync(type).privateKey.export({ format: 'jwk' });
    return [d, x].map((v) => Buffer.from(v, 'base64url').toString('hex'));
  };
  const [[seed, signPublic], [openSecret, openPublic]] = [pair('ed25519'), pair('x25519')];
  const open = generateKeyPairSync('x25519').publicKey;
  fs.mkdirSync(state, { recursive: true });
  fs.writeFileSync(path.join(state, 'enrolment'), JSON.stringify({ hub: url, code: randomBytes(32).toString('hex'), sign_public: signPublic,
    sign_secret: seed + signPublic, open_public: openPublic, open_secret: openSecret, booth: BOOTH,
    keys: [{ key: 1, sign_key: SIGN_KEY.toString('hex'), open_key: half(open).toString('hex') }] }), { mode: 0o600 });
}
