// A phone that keeps working while other clients misbehave: a process with another address that reads queue and board and
// edits a ticket, and reports results and times.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { Client } from './http.mjs';
import { scaled } from './pace.mjs';
import { pause } from './wait.mjs';

const EVERY_MS = 10;
const CALM = 100; // answers to measure before any attack

export class Bystander {
  static async start(booth, { from = '127.0.0.9' } = {}) {
    const staff = await booth.signIn('staff', 'bystander');
    const { ticket } = await staff.issue({ name: 'bystander' });
    const it = new Bystander();
    it.child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ to: { ...booth.address, localAddress: from }, cookie: staff.cookie, id: ticket.id })]);
    it.ended = once(it.child, 'exit').then(([code]) => { throw new Error(`the bystander ended: ${code}`); });
    it.ended.catch(() => {});
    it.calm = await it.report(CALM);
    return it;
  }

  // Results since the last report, of at least so many answers: {n, failed, p50, p99, max}, in ms.
  report(least = 0) {
    this.child.send(least);
    return Promise.race([once(this.child, 'message').then(([seen]) => seen), this.ended]);
  }
  // Asserts that every request succeeded, and that the 99th percentile is below ms of the reference machine, or, on a busy
  // machine, below a hundred times that before the attack.
  async ok(what, ms = 1000) {
    const seen = await this.report();
    assert.deepEqual(seen.failed, [], `${what}: a second client was hit`);
    assert.ok(seen.p99 < Math.max(scaled(ms), 100 * this.calm.p99), `${what}: a second client waited ${Math.round(seen.p99)} ms, before it ${Math.round(this.calm.p99)} ms`);
    return seen;
  }
  stop() {
    this.child.kill();
  }
}

async function bystander({ to, cookie, id }) {
  const client = Object.assign(new Client(to), { cookie });
  let took = [], failed = [];
  let asked = null;
  process.on('message', (least) => { asked = least; });
  const report = () => {
    took.sort((a, b) => a - b);
    const at = (share) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
    process.send({ n: took.length, failed, p50: at(0.5), p99: at(0.99), max: at(1) });
    [took, failed, asked] = [[], [], null];
  };
  const asks = [() => client.get('/api/v1/queue'), () => client.patch(`/api/v1/tickets/${id}`, { note: String(performance.now()) }), () => client.get('/api/v1/board')];
  for (let i = 0;; i++, await pause(EVERY_MS)) {
    const begun = performance.now();
    try {
      const answer = await asks[i % asks.length]();
      if (answer.status !== 200) failed.push(`${answer.status} ${answer.text.slice(0, 200)}`);
    } catch (error) {
      failed.push(String(error));
    }
    took.push(performance.now() - begun);
    if (asked !== null && took.length >= asked) report();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bystander(JSON.parse(process.argv[2]));
