// A PostgreSQL for one test: a fresh cluster in a temporary folder, with a unix socket and no port, durable unless `settings`
// change that. It can be killed, started again, and restored from a backup.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { childrenOf, lives } from './proc.mjs';
import { waitFor } from './wait.mjs';

const AS_ROOT = process.getuid() === 0; // PostgreSQL refuses to run as root; its package creates the user
const owner = AS_ROOT ? { uid: Number(execFileSync('id', ['-u', 'postgres'])), gid: Number(execFileSync('id', ['-g', 'postgres'])) } : {};

// The newest in /usr/lib/postgresql, or the folder of pg_config.
const folder = (() => {
  const debian = '/usr/lib/postgresql';
  const versions = fs.existsSync(debian) ? fs.readdirSync(debian).filter((v) => fs.existsSync(path.join(debian, v, 'bin/postgres'))) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest ? path.join(debian, newest, 'bin') : execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
})();
export const program = (name) => path.join(folder, name);

function run(name, args, { input, ...more } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program(name), args, { ...owner, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'], ...more });
    const out = [], err = [];
    child.stdout.on('data', (c) => out.push(c));
    child.stderr.on('data', (c) => err.push(c));
    child.stdin.on('error', () => {}); // it may end before it has read all; its status is checked below
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(Buffer.concat(out).toString());
      else reject(new Error(`${name}: ${Buffer.concat(err)}`));
    });
    child.stdin.end(input);
  });
}

function scratch() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'postgres-'));
  if (AS_ROOT) fs.chownSync(dir, owner.uid, owner.gid);
  return dir;
}

// initdb takes seconds, copying its result does not; the copy is cached.
async function newCluster(dir) {
  const version = execFileSync(program('postgres'), ['--version'], { encoding: 'utf8' }).replace(/[^0-9.]+/g, ' ').trim().split(' ')[0];
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'boothd');
  const template = path.join(cache, `postgres-${version}`);
  const data = path.join(dir, 'data');
  if (!fs.existsSync(template)) {
    await run('initdb', ['--pgdata', data, '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8', '--auth=trust', '--username=postgres']);
    fs.mkdirSync(cache, { recursive: true });
    const half = fs.mkdtempSync(`${template}-`);
    execFileSync('cp', ['-a', `${data}/.`, half]);
    try {
      fs.renameSync(half, template);
    } catch { // another test was quicker
      fs.rmSync(half, { recursive: true, force: true });
    }
  } else {
    execFileSync('cp', ['-a', template, data]);
  }
  return data;
}

export class Postgres {
  // settings: of postgresql.conf, e.g. {fsync: 'off'}
  static async start({ settings = {}, database = 'hub' } = {}) {
    const it = new Postgres();
    Object.assign(it, { dir: scratch(), settings, database, log: '' });
    it.data = await newCluster(it.dir);
    await it.launch();
    await it.psql(`CREATE DATABASE ${database}`, { database: 'postgres' });
    return it;
  }

  async launch() {
    const set = { listen_addresses: '', unix_socket_directories: this.dir, max_connections: 60, ...this.settings };
    const args = ['-D', this.data, ...Object.entries(set).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
    const child = spawn(program('postgres'), args, { ...owner, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    child.stderr.on('data', (c) => { this.log += c; });
    const orphan = () => child.kill('SIGQUIT');
    process.once('exit', orphan);
    this.exit = new Promise((resolve) => child.once('exit', (code, signal) => {
      process.removeListener('exit', orphan);
      resolve({ code, signal });
    }));
    await waitFor(async () => {
      assert.ok(child.exitCode === null && child.signalCode === null, `PostgreSQL ended at start\n${this.log}`);
      return this.psql('SELECT 1', { database: 'postgres' }).catch(() => null);
    }, { timeout: 60000, every: 30, what: 'PostgreSQL' });
  }

  // The connection string for libpq.
  get conninfo() {
    return `host=${this.dir} dbname=${this.database} user=postgres`;
  }

  psql(sql, { database = this.database } = {}) {
    return run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', this.dir, '-U', 'postgres', '-d', database, '-f', '-'], { input: sql });
  }
  // The rows of a query, as objects.
  async rows(sql) {
    return JSON.parse(await this.psql(`SELECT coalesce(json_agg(q), '[]') FROM (${sql}) q`));
  }

  // Kills postmaster and backends at once, as a power cut does.
  async kill() {
    const all = [this.child.pid, ...childrenOf(this.child.pid)];
    for (const pid of all) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
    await this.exit;
    await waitFor(() => !all.some(lives), { what: 'the death of PostgreSQL' });
  }
  async halt() {
    this.child.kill('SIGINT'); // sessions end, nothing is lost
    assert.deepEqual(await this.exit, { code: 0, signal: null }, this.log);
  }
  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGQUIT');
      await this.exit;
    }
    fs.rmSync(this.dir, { recursive: true, force: true });
  }

  // A backup by pg_dump, for restore(). Nobody may be connected during a restore.
  async backup(name = 'backup') {
    const file = path.join(this.dir, name);
    await run('pg_dump', ['-h', this.dir, '-U', 'postgres', '--format=custom', '--file', file, this.database]);
    return file;
  }
  // A copy of its files, for putBack(): like an image of the disk, which the hub cannot detect.
  async image() {
    await this.halt();
    const dir = path.join(this.dir, 'image');
    fs.rmSync(dir, { recursive: true, force: true });
    execFileSync('cp', ['-a', this.data, dir]);
    await this.launch();
    return dir;
  }
  async putBack(dir) {
    await this.halt();
    fs.rmSync(this.data, { recursive: true });
    execFileSync('cp', ['-a', dir, this.data]);
    await this.launch();
  }
  async restore(file) {
    await this.psql(`DROP DATABASE ${this.database}`, { database: 'postgres' });
    await this.psql(`CREATE DATABASE ${this.database}`, { database: 'postgres' });
    await run('pg_restore', ['-h', this.dir, '-U', 'postgres', '--exit-on-error', '--dbname', this.database, file]);
  }
}
