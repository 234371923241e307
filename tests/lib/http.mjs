// An HTTP client for the tests: keep-alive, one cookie per client, TCP or unix socket, every answer checked.
import assert from 'node:assert/strict';
import http from 'node:http';
import { checkAnswer, checkEvent } from './contract.mjs';
import { scaled } from './pace.mjs';
import { waitFor } from './wait.mjs';

export class Client {
  // to: {host, port} or {socketPath}
  constructor(to, { connections = 4, judge = checkAnswer } = {}) { // judge: checkAnswer() of the server's contract
    this.to = to;
    this.judge = judge;
    this.cookie = null;
    // Closes idle connections well before the booth does (60 s), or a request could cross with its end.
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connections, timeout: 30000 });
  }

  close() {
    this.agent.destroy();
  }

  options(method, path, headers = {}) {
    return { ...this.to, method, path, agent: this.agent, headers: { ...(this.cookie ? { Cookie: this.cookie } : {}), ...headers } };
  }

  // Sends the body unchanged; contract: false skips the comparison with the document.
  async raw(method, path, { headers = {}, body, contract = true, timeout = 20000 } = {}) {
    const answer = await new Promise((resolve, reject) => {
      const request = http.request(this.options(method, path, headers), (response) => {
        const chunks = [];
        response.on('data', (c) => chunks.push(c));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) }));
      });
      request.setTimeout(scaled(timeout), () => request.destroy(new Error(`${method} ${path}: no answer in ${scaled(timeout)} ms`)));
      request.on('error', reject);
      request.end(body);
    });
    answer.text = answer.bytes.toString('utf8');
    if (/json/.test(answer.headers['content-type'] ?? '') && answer.text && !answer.headers['content-encoding']) answer.json = JSON.parse(answer.text);
    const cookie = answer.headers['set-cookie']?.[0];
    if (cookie) this.cookie = cookie.split(';')[0];
    if (contract) this.judge(method, path, answer);
    return answer;
  }

  // A request as the web app makes it; key, ifMatch and epoch become headers.
  send(method, path, body, { key, ifMatch, epoch, headers = {}, ...more } = {}) {
    const all = { ...headers };
    if (key !== undefined) all['Idempotency-Key'] = key;
    if (ifMatch !== undefined) all['If-Match'] = `"${ifMatch}"`;
    if (epoch !== undefined) all['Booth-Epoch'] = epoch;
    if (body !== undefined) all['Content-Type'] ??= 'application/json';
    return this.raw(method, path, { headers: all, body: body === undefined ? undefined : JSON.stringify(body), ...more });
  }
  get(path, more) {
    return this.send('GET', path, undefined, more);
  }
  post(path, body, more) {
    return this.send('POST', path, body, more);
  }
  put(path, body, more) {
    return this.send('PUT', path, body, more);
  }
  patch(path, body, more) {
    return this.send('PATCH', path, body, more);
  }
  delete(path, more) {
    return this.send('DELETE', path, undefined, more);
  }

  async signIn(pin, device) {
    return expect(await this.post('/api/v1/session', { pin, device }), 200);
  }

  // Commands that must succeed; each returns {seq, ticket}.
  async issue(body = {}, more) {
    return expect(await this.post('/api/v1/tickets', { party_size: 2, ...body }, more), 201);
  }
  async act(id, verb, body, more) {
    return expect(await this.post(`/api/v1/tickets/${id}/${verb}`, body, more), 200);
  }
  async edit(id, body, more) {
    return expect(await this.patch(`/api/v1/tickets/${id}`, body, more), 200);
  }
  async callNext(body, more) {
    return expect(await this.post('/api/v1/call-next', body, more), 200);
  }
  async undo(seq, more) {
    return expect(await this.post('/api/v1/undo', seq === undefined ? undefined : { seq }, more), 200);
  }
  async intake(state, more = {}) {
    return expect(await this.put('/api/v1/intake', { state, ...more }), 200);
  }
  async queue() {
    return expect(await this.get('/api/v1/queue'), 200);
  }
  async ticket(id) {
    return expect(await this.get(`/api/v1/tickets/${id}`), 200);
  }
  async board() {
    return expect(await this.get('/api/v1/board'), 200);
  }
  async settings(change) {
    return expect(await this.put('/api/v1/system/settings', change), 200);
  }

  stream(path = '/api/v1/stream', more) {
    return Stream.open(this, path, more);
  }
}

// Asserts the status (and code) of an answer and returns its body.
export function expect(answer, status, code) {
  assert.equal(answer.status, status, `${answer.status} instead of ${status}: ${answer.text}`);
  if (code) assert.equal(answer.json.code, code);
  return answer.json;
}

// Server-sent events, all kept and checked.
export class Stream {
  static open(client, path, { lastEventId, headers = {} } = {}) {
    return new Promise((resolve, reject) => {
      const all = { Accept: 'text/event-stream', ...(lastEventId ? { 'Last-Event-ID': lastEventId } : {}), ...headers };
      const request = http.request({ ...client.options('GET', path, all), agent: false }, (response) => resolve(new Stream(path, request, response)));
      request.on('error', reject);
      request.end();
    });
  }

  constructor(path, request, response) {
    Object.assign(this, { path, request, response, status: response.statusCode, events: [], comments: 0, ended: false, failure: null, text: '' });
    let rest = '';
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      this.text += chunk;
      rest += chunk;
      for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2)) this.parseEvent(rest.slice(0, end));
    });
    for (const end of ['end', 'close', 'error']) response.on(end, () => { this.ended = true; });
    request.on('error', () => { this.ended = true; });
  }

  parseEvent(block) {
    const event = { event: 'message', id: null, data: '', at: performance.now() };
    for (const line of block.split('\n')) {
      const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
      if (name === '') this.comments++;
      else if (name === 'data') event.data += value;
      else event[name] = value;
    }
    if (!event.data) return;
    try {
      event.data = JSON.parse(event.data);
      checkEvent(this.path, event.event, event.data);
    } catch (error) {
      this.failure ??= error;
    }
    this.events.push(event);
  }

  of(name) {
    return this.events.filter((e) => e.event === name);
  }

  // Waits for the first event (from index `from` on) that fits.
  async next(fits, { from = 0, timeout, what = 'an event' } = {}) {
    const found = await waitFor(() => {
      if (this.failure) throw this.failure;
      return this.events.slice(from).find((e) => fits(e));
    }, { timeout, what: `${what} on ${this.path}` });
    return found;
  }
  snapshot(more) {
    return this.next((e) => e.event === 'snapshot', { what: 'a snapshot', ...more });
  }
  change(seq, more) {
    return this.next((e) => e.event === 'change' && e.data.seq === seq, { what: `change ${seq}`, ...more });
  }

  close() {
    this.request.destroy();
    if (this.failure) throw this.failure;
  }
}
