// Starts the real boothhub with its own PostgreSQL, and reads its tables.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { build } from './boothd.mjs';
import { scaled } from './pace.mjs';
import { Postgres } from './postgres.mjs';
import { waitFor } from './wait.mjs';

const SANITIZER = /AddressSanitizer|ThreadSanitizer|LeakSanitizer|runtime error:/;
const text = (value) => `'${String(value).replaceAll("'", "''")}'`;
const bytes = (hex) => `'\\x${hex}'`;

export class Hub {
  // set: start-up keys; settings: of postgresql.conf
  static async start({ set = {}, settings = {}, env = {}, timeout = 20000 } = {}) {
    const it = new Hub();
    Object.assign(it, { set, env, timeout, log: '', port: 0, postgres: await Postgres.start({ settings }) });
    await it.launch().catch(async (error) => {
      await it.postgres.stop();
      throw error;
    });
    return it;
  }

  argv(...args) {
    const set = { listen: `127.0.0.1:${this.port}`, database: this.postgres.conninfo, ...this.set };
    return [...args, ...Object.entries(set).flatMap(([k, v]) => ['--set', `${k}=${v}`])];
  }

  async launch() {
    const child = spawn(path.join(build, 'boothhub'), this.argv(), { env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const orphan = () => child.kill('SIGKILL');
    process.once('exit', orphan);
    this.exit = new Promise((resolve) => child.once('exit', (code, signal) => {
      process.removeListener('exit', orphan);
      resolve({ code, signal });
    }));
    let out = '', timer;
    const ready = new Promise((resolve, reject) => {
      child.on('error', reject);
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          out += chunk;
          this.log += chunk;
          const found = /^boothhub: ready on http:\/\/(\S+):(\d+)$/m.exec(out);
          if (found) resolve({ host: found[1], port: Number(found[2]) });
        });
      this.exit.then((end) => reject(new Error(`boothhub ended at start: ${JSON.stringify(end)}\n${out}`)));
      const limit = scaled(this.timeout);
      timer = setTimeout(() => reject(new Error(`boothhub was not ready in ${limit} ms\n${out}`)), limit);
    });
    try {
      this.address = await ready;
    } finally {
      clearTimeout(timer);
    }
    this.port = this.address.port; // kept over restarts
  }
  get pid() {
    return this.child.pid;
  }

  async kill() {
    this.child.kill('SIGKILL');
    return this.exit;
  }
  async halt() {
    this.child.kill('SIGTERM');
    assert.deepEqual(await this.exit, { code: 0, signal: null }, `boothhub did not end well on SIGTERM\n${this.tail()}`);
    assert.doesNotMatch(this.log, SANITIZER);
  }
  async stop() {
    try {
      if (this.child.exitCode === null && this.child.signalCode === null) await this.halt();
    } finally {
      await this.postgres.stop();
    }
  }
  tail(lines = 30) {
    return this.log.split('\n').slice(-lines).join('\n');
  }

  // Runs boothhub admin … and returns its stdout.
  async admin(...args) {
    const child = spawn(path.join(build, 'boothhub'), this.argv('admin', ...args), { env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '', err = '';
    child.stdout.on('data', (c) => { out += c; });
    child.stderr.on('data', (c) => { err += c; });
    const status = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    assert.equal(status, 0, `boothhub admin ${args.join(' ')}: ${err}${out}`);
    return out;
  }

  // Creates a booth: {id, code}.
  async createBooth(name) {
    const code = (await this.admin('create-booth', name)).trim();
    const [{ id }] = await this.rows('SELECT encode(id, \'hex\') AS id FROM booth ORDER BY n DESC LIMIT 1');
    return { id, code };
  }
  // A code for a replacement box.
  async enrolCode(id) {
    return (await this.admin('enrol-code', id)).trim();
  }

  rows(sql) {
    return this.postgres.rows(sql);
  }
  async generation() {
    return (await this.rows('SELECT generation FROM hub'))[0].generation;
  }

  // {epoch id: {seq: text}} of a booth
  async journal(booth) {
    const epochs = await this.rows(`SELECT n, encode(id, 'hex') AS id FROM epoch WHERE booth = (SELECT n FROM booth WHERE id = ${bytes(booth)})`);
    const events = await this.rows(`SELECT epoch, seq, text FROM event WHERE epoch IN (SELECT n FROM epoch WHERE booth = (SELECT n FROM booth WHERE id = ${bytes(booth)}))`);
    const byEpoch = new Map(epochs.map((e) => [e.n, new Map()]));
    for (const { epoch, seq, text: t } of events) byEpoch.get(epoch).set(seq, t);
    return new Map(epochs.map((e) => [e.id, byEpoch.get(e.n)]));
  }
  async has(booth, epoch, seq) {
    return (await this.rows(`SELECT 1 FROM event JOIN epoch ON epoch.n = event.epoch JOIN booth ON booth.n = epoch.booth
      WHERE booth.id = ${bytes(booth)} AND epoch.id = ${bytes(epoch)} AND event.seq = ${seq}`)).length > 0;
  }
  // {ticket id: {ticket, version, name, phone, note}} of the booth's tickets in this epoch
  async people(booth, epoch) {
    const rows = await this.rows(`SELECT p.ticket, p.version, p.name, p.phone, p.note FROM person p JOIN booth b ON b.n = p.booth JOIN epoch e ON e.booth = b.n
      LEFT JOIN carried c ON c.epoch = e.n AND c.id = p.ticket
      WHERE b.id = ${bytes(booth)} AND e.id = ${bytes(epoch)} AND p.origin = coalesce(c.origin, e.n)`);
    return new Map(rows.map((p) => [p.ticket, p]));
  }
  // The hub's copy of a booth's list.
  queue(booth) {
    return this.rows(`SELECT t.number, t.line, t.state, t.party_size, t.calls, t.delivery, t.source FROM ticket t JOIN booth b ON b.n = t.booth AND b.epoch = t.epoch
      WHERE b.id = ${bytes(booth)} AND t.state IN ('waiting', 'called')`);
  }
  quarantine() {
    return this.rows('SELECT why, text FROM quarantine');
  }

  // Puts an item into a booth's inbox, numbered like the hub's own items; returns its id.
  async put(booth, type, body, { id = randomBytes(16).toString('hex'), validUntil = null } = {}) {
    await waitFor(() => this.postgres.psql(`WITH b AS (
        UPDATE booth SET inbox_head = inbox_head + 1, generation = hub.generation FROM hub
          WHERE id = ${bytes(booth)} AND (booth.generation = hub.generation OR inbox_head = 0) RETURNING booth.n, inbox_head, hub.generation),
      i AS (INSERT INTO inbox (booth, id, generation, n, type, body, valid_until, made_at)
        SELECT n, ${bytes(id)}, generation, inbox_head, ${text(type)}, ${text(JSON.stringify(body))}, ${validUntil}, 0 FROM b)
      SELECT n FROM b`), { every: 100, what: 'the booth to know the hub’s generation' });
    return id;
  }
  // A guest joins through the hub; returns the item's id.
  join(booth, body, more) {
    return this.put(booth, 'remote.join', body, more);
  }
}
