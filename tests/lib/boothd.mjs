// Starts the real boothd on a fresh state directory, sends it requests, stops it and checks its exit.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './http.mjs';
import { scaled } from './pace.mjs';
import { noonZone } from './zone.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const build = path.resolve(root, process.env.BOOTHD_BUILD ?? 'build');
export const PINS = { staff: '1234', manager: '987654' };
const SANITIZER = /AddressSanitizer|ThreadSanitizer|LeakSanitizer|runtime error:/;

export class Booth {
  // set: start-up keys (undefined: omitted); env: more environment, or a function of the booth's directory that returns it;
  // wrap: a command that runs boothd, e.g. ['valgrind', …]
  static async start({ set = {}, env = {}, wrap = [], timeout } = {}) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-'));
    const booth = new Booth(dir, { set, env: typeof env === 'function' ? env(dir) : env, wrap, timeout });
    await booth.launch();
    return booth;
  }

  constructor(dir, options) {
    this.dir = dir;
    this.state = path.join(dir, 'state');
    this.web = path.join(dir, 'web'); // no build of the web app is needed
    this.socketPath = path.join(dir, 'boothd.sock');
    this.options = options;
    this.clients = new Set();
    this.log = '';
  }

  // The command line of boothd.
  argv(more = {}) {
    const set = { state_dir: this.state, listen: '127.0.0.1:0', socket: this.socketPath, web_dir: this.web,
      timezone: noonZone, staff_pin: PINS.staff, manager_pin: PINS.manager, panel: 'sim', trust_clock: 'yes', ...this.options.set, ...more };
    const sets = Object.entries(set).filter(([, v]) => v !== undefined).flatMap(([k, v]) => ['--set', `${k}=${v}`]);
    return [...this.options.wrap, path.join(build, 'boothd'), ...(this.options.file ? ['--config', this.options.file] : []), ...sets];
  }

  async launch() {
    fs.mkdirSync(this.state, { recursive: true });
    fs.mkdirSync(this.web, { recursive: true });
    for (const page of ['index.html', 'board.html']) fs.writeFileSync(path.join(this.web, page), '<!doctype html>');
    const [program, ...args] = this.argv();
    const child = spawn(program, args, { env: { ...process.env, ...this.options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const orphan = () => child.kill('SIGKILL');
    process.once('exit', orphan);
    child.once('exit', () => process.removeListener('exit', orphan));
    this.exit = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
    let out = '';
    const ready = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.stdout.on('data', (chunk) => {
        out += chunk;
        this.log += chunk;
        const found = /^boothd: ready on http:\/\/(\S+):(\d+)$/m.exec(out);
        if (found) resolve({ host: found[1], port: Number(found[2]) });
      });
      child.stderr.on('data', (chunk) => { this.log += chunk; });
      this.exit.then((end) => reject(new Error(`boothd ended at start: ${JSON.stringify(end)}\n${this.log}`)));
    });
    let timer;
    const late = new Promise((_, reject) => {
      const limit = scaled(this.options.timeout ?? 20000);
      timer = setTimeout(() => reject(new Error(`boothd was not ready in ${limit} ms\n${this.log}`)), limit);
    });
    try {
      this.address = await Promise.race([ready, late]);
    } finally {
      clearTimeout(timer);
    }
    for (const client of this.clients) client.to = client.to.socketPath ? client.to : this.address;
  }

  client(options) {
    return this.keep(new Client(this.address, options));
  }
  // A client over the unix socket: role manager, no cookie.
  cli(options) {
    return this.keep(new Client({ socketPath: this.socketPath }, options));
  }
  keep(client) {
    this.clients.add(client);
    return client;
  }
  async signIn(role = 'staff', device = role, options) {
    const client = this.client(options);
    await client.signIn(PINS[role], device);
    return client;
  }

  // Runs boothctl: {status, stdout, stderr}.
  async ctl(...args) {
    const child = spawn(path.join(build, 'boothctl'), ['--socket', this.socketPath, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (c) => { text[name] += c; });
    const status = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { status, ...text };
  }
  async ctlOk(...args) {
    const done = await this.ctl(...args);
    assert.equal(done.status, 0, `boothctl ${args.join(' ')}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  }
  async ctlJson(...args) {
    return JSON.parse(await this.ctlOk('--json', ...args));
  }

  get pid() {
    return this.child.pid;
  }
  closeConnections() {
    for (const client of this.clients) client.close();
  }

  async kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    const end = await this.exit;
    this.closeConnections();
    return end;
  }

  // SIGTERM: it must exit with 0 within 5 s of the reference machine (longer only under a tool that slows everything).
  async halt({ within = 5000 } = {}) {
    const begun = performance.now();
    this.child.kill('SIGTERM');
    this.child.kill('SIGCONT'); // a process that a test has stopped must receive SIGTERM
    const limit = scaled(within);
    const giveUp = setTimeout(() => this.child.kill('SIGABRT'), 3 * limit);
    const end = await this.exit;
    clearTimeout(giveUp);
    const took = performance.now() - begun;
    this.closeConnections();
    assert.deepEqual(end, { code: 0, signal: null }, `boothd did not end well on SIGTERM\n${this.tail()}`);
    assert.ok(took < limit, `boothd took ${Math.round(took)} ms to end`);
    assert.doesNotMatch(this.log, SANITIZER);
  }
  async restart() {
    await this.halt();
    await this.launch();
  }
  // The end of a test: a daemon that still runs must exit well, and the directory is removed.
  async stop(more) {
    try {
      if (this.child.exitCode === null && this.child.signalCode === null) await this.halt(more);
    } finally {
      fs.rmSync(this.dir, { recursive: true, force: true });
    }
  }
  tail(lines = 30) {
    return this.log.split('\n').slice(-lines).join('\n');
  }

  // Rows of a query on a copy of the database (with its WAL), as objects.
  query(sql, { file = 'booth.db' } = {}) {
    const copy = fs.mkdtempSync(path.join(this.dir, 'copy-'));
    try {
      for (const name of fs.readdirSync(this.state))
        if (name.startsWith(file)) fs.copyFileSync(path.join(this.state, name), path.join(copy, name));
      const done = spawnSync('sqlite3', ['-json', path.join(copy, file), sql], { encoding: 'utf8', maxBuffer: 1 << 28 });
      assert.equal(done.status, 0, done.stderr);
      return done.stdout.trim() ? JSON.parse(done.stdout) : [];
    } finally {
      fs.rmSync(copy, { recursive: true, force: true });
    }
  }
}

// A snapshot without estimates, which are learnt again after a start.
export function withoutEstimates({ seq, estimate, ...snapshot }) {
  const without = ({ estimate: _, gap_s, last_wait_s, ...rest }) => rest;
  return { ...snapshot, lines: snapshot.lines.map(without), ...(snapshot.tickets ? { tickets: snapshot.tickets.map(without) } : {}) };
}

// One booth for all tests of a file.
export async function shared(after, options) {
  const booth = await Booth.start(options);
  after(() => booth.stop());
  return booth;
}
