// A faulty network between a booth and its hub: an HTTP proxy that loses, delays, repeats, cuts and forges requests and
// answers, as a test sets it or by a schedule made from a seed. It receives each request whole, and keeps a log.
//
//   const proxy = await Proxy.start({ to: hub.address });
//   proxy.fault = 'captive';                           every request, until it is changed (null: no fault)
//   proxy.fault = (request) => request.n % 2 ? 'reset' : null;
//   proxy.fault = schedule({ seed, share: 0.5 });      half of the requests, each with a fault of FAULTS by its weight
//
// A fault is a name of `faults` below, or {name, act} with a function like theirs. proxy.log has {n, at, method, path, fault,
// sent, status, got} of each request; `sent` is the body from the booth, `got` the body that it got back (keep: false omits
// both).
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { once } from 'node:events';
import { Random } from './random.mjs';
import { pause } from './wait.mjs';

const page = (status, text, headers = {}) => ({ status, headers: { 'Content-Type': 'text/html', ...headers }, body: Buffer.from(`<!doctype html><title>${text}</title>`) });
export const problem = (status, code, headers = {}) => ({
  status, headers: { 'Content-Type': 'application/problem+json', ...headers }, body: Buffer.from(JSON.stringify({ type: 'about:blank', status, code, title: code })),
});
const flip = (bytes, random) => {
  const copy = Buffer.from(bytes);
  if (copy.length) copy[random.below(copy.length)] ^= 1 << random.below(8);
  return copy;
};

// Each gets the request, ask() that forwards a request to the hub, and randomness. It returns the answer {status, headers,
// body, cut}, or null to close the connection. `cut`: only so many bytes of the body arrive.
const faults = {
  reset: () => null, // the request does not reach the hub
  lost: async (request, ask) => { // it does, and the answer is lost
    await ask(request);
    return null;
  },
  delay: async (request, ask, random) => {
    await pause(random.between(50, 500));
    const answer = await ask(request);
    await pause(random.between(50, 500));
    return answer;
  },
  stall: async (request, ask, random) => { // half of it, then nothing for a while, then its end
    await pause(random.between(500, 2000));
    return { ...await ask(request), stall: random.between(500, 2000) };
  },
  twice: async (request, ask) => { // the request arrives twice, and the first answer is returned
    const answer = await ask(request);
    await ask(request);
    return answer;
  },
  together: async (request, ask) => (await Promise.all([ask(request), ask(request)]))[1],
  old_request: async (request, ask, random, proxy) => { // an old request is repeated after the new one
    const answer = await ask(request);
    const old = proxy.past.length ? random.pick(proxy.past) : null;
    if (old) await ask(old.request);
    return answer;
  },
  old_answer: async (request, ask, random, proxy) => { // the answer to an earlier request
    const answer = await ask(request);
    const old = proxy.past.length ? random.pick(proxy.past) : null;
    return old ? old.answer : answer;
  },
  half_request: async (request, ask, random, proxy) => {
    await proxy.sendHalf(request, random.next());
    return null;
  },
  half_answer: async (request, ask, random) => {
    const answer = await ask(request);
    return { ...answer, cut: random.below(answer.body.length || 1) };
  },
  changed_request: (request, ask, random) => ask({ ...request, body: flip(request.body, random) }),
  changed_answer: async (request, ask, random) => {
    const answer = await ask(request);
    return { ...answer, body: flip(answer.body, random) };
  },
  captive: () => page(200, 'Welcome! Please accept our terms'),
  redirect: () => page(302, 'Sign in', { Location: 'http://192.0.2.1/login' }),
  gateway: () => page(502, 'Bad Gateway'),
  blocked: () => page(403, 'Access denied by policy'),
  busy: () => problem(429, 'rate_limited', { 'Retry-After': '1' }),
  unavailable: () => problem(503, 'storage_unavailable', { 'Retry-After': '1' }),
};
export const FAULTS = Object.keys(faults);

// A fault for a share of the requests; the same seed gives the n-th request the same fault.
export function schedule({ seed, share = 0.5, weights = Object.fromEntries(FAULTS.map((name) => [name, 1])) }) {
  const random = new Random(seed);
  return () => {
    const [hit, name] = [random.next() < share, random.weighted(weights)];
    return hit ? name : null;
  };
}

export class Proxy {
  // tls: {key, cert}, for https
  static async start({ to, host = '127.0.0.1', tls, seed = 1, keep = true }) {
    const it = new Proxy();
    Object.assign(it, { to, tls, keep, random: new Random(seed), fault: null, log: [], past: [], n: 0, underway: 0 });
    it.agent = new http.Agent({ keepAlive: true, timeout: 30000 });
    it.server = (tls ? https : http).createServer({ ...tls, keepAliveTimeout: 60000 }, (request, response) => it.serve(request, response).catch((error) => {
      it.failure ??= error;
      response.destroy();
    }));
    it.server.listen(0, host);
    await once(it.server, 'listening');
    it.address = { host, port: it.server.address().port };
    return it;
  }
  get url() {
    return `${this.tls ? 'https' : 'http'}://${this.address.host}:${this.address.port}`;
  }
  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
    await once(this.server, 'close');
    if (this.failure) throw this.failure;
  }

  async serve(incoming, response) {
    const entry = { n: ++this.n, at: performance.now(), method: incoming.method, path: incoming.url };
    this.log.push(entry);
    this.underway++;
    try {
      const chunks = [];
      try {
        for await (const chunk of incoming) chunks.push(chunk);
      } catch { // the booth closed the connection
        entry.fault = 'gone';
        return;
      }
      const request = { method: incoming.method, path: incoming.url, headers: { ...incoming.headers, host: `${this.to.host}:${this.to.port}` }, body: Buffer.concat(chunks) };
      const fault = (typeof this.fault === 'function' ? this.fault(entry) : this.fault) ?? null;
      entry.fault = fault?.name ?? fault;
      if (this.keep) entry.sent = request.body;
      entry.bytes = request.body.length;
      const answer = await this.answer(request, entry, fault?.act ?? faults[fault]).catch(() => page(502, 'no hub')); // as a gateway answers while the hub is down
      entry.status = answer?.status ?? 0;
      if (this.keep) entry.got = answer?.body;
      await this.reply(response, answer);
      entry.took = performance.now() - entry.at;
    } finally {
      this.underway--;
    }
  }

  async answer(request, entry, act) {
    const ask = (what) => this.ask(what, entry);
    return act ? act(request, ask, this.random, this) : ask(request);
  }

  async ask(request, entry) {
    const answer = await new Promise((resolve, reject) => {
      const outgoing = http.request({ ...this.to, agent: this.agent, method: request.method, path: request.path, headers: request.headers }, (response) => {
        const chunks = [];
        response.on('data', (c) => chunks.push(c));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
      });
      outgoing.on('error', reject);
      outgoing.end(request.body);
    });
    entry.reached = (entry.reached ?? 0) + 1;
    if (this.keep && answer.status === 200 && request.path.endsWith('/exchange')) {
      this.past.push({ request, answer });
      if (this.past.length > 200) this.past.splice(this.random.below(this.past.length), 1); // of any age
    }
    return answer;
  }

  // Sends the hub the header and a share of the announced body, and closes the connection.
  async sendHalf(request, share) {
    const socket = net.connect(this.to);
    socket.on('error', () => {});
    const head = Object.entries(request.headers).map(([k, v]) => `${k}: ${v}\r\n`).join('');
    socket.write(`${request.method} ${request.path} HTTP/1.1\r\n${head}\r\n`);
    socket.write(request.body.subarray(0, Math.floor(request.body.length * share)), () => socket.destroySoon());
    await once(socket, 'close');
  }

  async reply(response, answer) {
    if (!answer) {
      response.socket?.resetAndDestroy();
      return;
    }
    const { connection, 'transfer-encoding': _, 'content-length': __, ...headers } = answer.headers;
    response.writeHead(answer.status, { ...headers, 'Content-Length': answer.body.length });
    if (answer.cut !== undefined) {
      await new Promise((resolve) => response.write(answer.body.subarray(0, answer.cut), resolve));
      response.destroy();
    } else if (answer.stall !== undefined) {
      response.write(answer.body.subarray(0, answer.body.length >> 1));
      await pause(answer.stall);
      response.end(answer.body.subarray(answer.body.length >> 1));
    } else {
      response.end(answer.body);
    }
  }

  // Requests since a moment of performance.now().
  since(at) {
    return this.log.filter((e) => e.at >= at);
  }
}
