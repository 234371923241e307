// booth.mjs - boothd beside bare_group (tests/bench/bare_group.c), turn by turn, on two disks.
//
// F is this machine's disk; S is the same with 5 ms more for each sync, as an SD card has. Times of one machine say
// little; a ratio is the median of the ratios of turns that followed each other, and holds elsewhere. Counted figures
// (syncs and bytes of a command) come from turns of their own.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { Booth, build, root } from '../lib/boothd.mjs';
import { load } from '../lib/loader.mjs';
import { preload } from '../lib/preload.mjs';
import { fixed, median, table } from './figures.mjs';

export const size = { rounds: 5, turn: 1.5, clients: [1, 8, 64, 200], subscribers: [1, 200], changes: 200, starts: 11 };
export const small = { rounds: 1, turn: 0.2, clients: [1, 64], subscribers: [1, 20], changes: 20, starts: 3 };

const scratch = fs.mkdtempSync(path.join(build, 'bench-')); // on the disk of the tree: /tmp may be memory
process.once('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
const disks = { F: {}, S: preload(['slowsync'], { SLOWSYNC_MS: 5 }) };

const times = async (n, f) => {
  const all = [];
  for (let i = 0; i < n; i++) all.push(await f(i));
  return all;
};

// --- the two that are measured: {port, cookie, pid, stop}

async function startBoothd(env, more = {}) {
  const booth = await Booth.start({ dir: fs.mkdtempSync(path.join(scratch, 'boothd-')), set: { panel: 'none' }, env, ...more });
  await booth.cli().intake('open');
  const phone = await booth.signIn('manager', 'bench');
  return { booth, phone, port: booth.address.port, cookie: phone.cookie, pid: booth.pid, stop: () => booth.stop({ within: 20000 }) };
}

async function startBare(env) {
  const dir = fs.mkdtempSync(path.join(scratch, 'bare-'));
  const child = spawn(path.join(build, 'bare_group'), [path.join(dir, 'x.db'), path.join(root, 'firmware/store/migrations/001.sql')],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  return { port: String(port).trim(), cookie: '-', pid: child.pid, stop: () => child.kill() };
}

const middle = (turns) => Object.fromEntries(['rate', 'p50', 'p99'].map((key) => [key, median(turns.map((t) => t[key]))]));

// --- what is measured

async function commands(disk, { rounds, turn, clients: counts }) {
  const servers = { boothd: await startBoothd(disks[disk]), bare: await startBare(disks[disk]) };
  const rows = [];
  for (const clients of counts) {
    const turns = await times(rounds, async () => ({ boothd: await load(servers.boothd, 'commands', clients, turn), bare: await load(servers.bare, 'commands', clients, turn) }));
    rows.push({
      disk, clients, ...middle(turns.map((t) => t.boothd)), bare: middle(turns.map((t) => t.bare)),
      ratio: median(turns.map((t) => t.boothd.rate / t.bare.rate)), p99_ratio: median(turns.map((t) => t.boothd.p99 / t.bare.p99)),
    });
  }
  for (const server of Object.values(servers)) await server.stop();
  return rows;
}

const written = (pid) => Number(/^write_bytes: (\d+)/m.exec(fs.readFileSync(`/proc/${pid}/io`, 'utf8'))[1]);

// Syncs by strace, bytes by the kernel's account of the process; each in a turn of its own, start and stop left out.
async function costs({ turn: seconds, clients: counts }) {
  const rows = [];
  for (const clients of counts.filter((n) => n <= 64)) {
    const plain = await startBoothd({});
    const before = written(plain.pid);
    const turn = await load(plain, 'commands', clients, seconds);
    const bytes = (written(plain.pid) - before) / (turn.n / 0.8);
    await plain.stop();

    const log = path.join(scratch, `strace-${clients}`);
    const traced = await startBoothd({}, { wrap: ['strace', '-f', '--seccomp-bpf', '-qq', '-e', 'trace=fsync,fdatasync', '-o', log], timeout: 60000 });
    const head = async () => (await traced.phone.queue()).seq;
    const syncs = () => fs.readFileSync(log, 'utf8').split('\n').filter((line) => /sync\(/.test(line)).length;
    const from = [await head(), syncs()];
    await load(traced, 'commands', clients, seconds);
    rows.push({ clients, bytes, syncs: (syncs() - from[1]) / (await head() - from[0]) });
    process.kill(Number(execFileSync('pgrep', ['-P', String(traced.pid)], { encoding: 'utf8' })), 'SIGTERM'); // strace lets no signal through
    await traced.booth.exit;
    await traced.booth.stop();
  }
  return rows;
}

async function list({ rounds, turn }) {
  const server = await startBoothd({});
  const cli = server.booth.cli({ connections: 16 });
  await Promise.all(Array.from({ length: 100 }, () => cli.issue({ name: '민아' })));
  const rows = [];
  for (const clients of [1, 64])
    rows.push({ clients, ...middle(await times(rounds, () => load(server, '/api/v1/queue', clients, turn))) });
  await server.stop();
  return rows;
}

async function fan({ subscribers: counts, changes }) {
  const server = await startBoothd({});
  const rows = [];
  for (const subscribers of counts) rows.push({ subscribers, ...await load(server, 'streams', subscribers, changes) });
  await server.stop();
  return rows;
}

async function footprint({ starts }) {
  const server = await startBoothd({});
  const status = () => Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);
  const rss_kb = status();
  const start_ms = median(await times(starts, async () => {
    await server.booth.halt();
    const begun = performance.now();
    await server.booth.launch();
    return performance.now() - begun;
  }));
  await server.stop();
  const stripped = path.join(scratch, 'boothd.stripped');
  execFileSync('strip', ['-o', stripped, path.join(build, 'boothd')]);
  return { rss_kb, start_ms, stripped_bytes: fs.statSync(stripped).size };
}

// --- the table

const commandLines = (rows) =>
  table(['disk', 'clients', 'per s', 'p50', 'p99', 'bare per s', 'bare p99', 'ratio', 'p99 ratio'],
    rows.map((r) => [r.disk, r.clients, fixed(r.rate), r.p50, r.p99, fixed(r.bare.rate), r.bare.p99, fixed(r.ratio, 2), fixed(r.p99_ratio, 2)]));

export const parts = [
  {
    name: 'commands',
    measure: (s) => commands('F', s),
    lines: (rows) => ['', 'durable commands (create, cancel); µs; bare = bare_group', ...commandLines(rows)],
  },
  { name: 'commands_slow', measure: (s) => commands('S', s), lines: commandLines },
  {
    name: 'costs',
    measure: costs,
    none: ['bytes'], // where the disk is memory
    lines: (rows) => ['', 'of one command, on F', ...table(['clients', 'syncs', 'bytes written'], rows.map((r) => [r.clients, fixed(r.syncs, 3), fixed(r.bytes)]))],
  },
  {
    name: 'list',
    measure: list,
    lines: (rows) => ['', 'the list of 100, from cached bytes; µs', ...table(['clients', 'per s', 'p50', 'p99'], rows.map((r) => [r.clients, fixed(r.rate), r.p50, r.p99]))],
  },
  {
    name: 'fan',
    measure: fan,
    lines: (rows) => ['', 'a command, until its last subscriber has the event; µs', ...table(['subscribers', 'p50', 'p99', 'max'], rows.map((r) => [r.subscribers, r.p50, r.p99, r.max]))],
  },
  {
    name: 'footprint',
    measure: footprint,
    lines: (f) => ['', `start to ready ${fixed(f.start_ms, 1)} ms, idle ${fixed(f.rss_kb / 1024, 1)} MB, stripped ${fixed(f.stripped_bytes / 1024)} KB`],
  },
];
