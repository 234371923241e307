// bench.mjs - boothd beside bare_group (tests/bench/bare_group.c), turn by turn, on two disks.
//
// F is this machine's disk; S is the same with 5 ms more for each sync, as an SD card has. Times of one machine say
// little; a ratio is the median of the ratios of turns that followed each other, and holds elsewhere. Counted figures
// (syncs and bytes of a command) come from turns of their own.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { Booth, build, root } from '../lib/boothd.mjs';
import { preload } from '../lib/preload.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const TURN = Number(process.env.TURN ?? 1.5);
const bench = path.join(root, 'build/bench');
const scratch = fs.mkdtempSync(path.join(bench, 'state-')); // on the disk of the tree: /tmp may be memory
const disks = { F: {}, S: preload(['slowsync'], { SLOWSYNC_MS: 5 }) };

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
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
  const child = spawn(path.join(bench, 'bare_group'), [path.join(dir, 'x.db'), path.join(root, 'firmware/data/migrations/001.sql')],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  return { port: String(port).trim(), cookie: '-', pid: child.pid, stop: () => child.kill() };
}

// One turn of the loader: {rate, p50, p99, max, n}
function load(server, what, clients, turn = TURN) {
  const done = spawnSync(path.join(bench, 'load'), [what, server.port, server.cookie, clients, turn].map(String), { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`load ${what}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}
const middle = (turns) => Object.fromEntries(['rate', 'p50', 'p99'].map((key) => [key, median(turns.map((t) => t[key]))]));

// --- what is measured

async function commands(disk) {
  const servers = { boothd: await startBoothd(disks[disk]), bare: await startBare(disks[disk]) };
  const rows = [];
  for (const clients of [1, 8, 64, 200]) {
    const turns = await times(ROUNDS, () => ({ boothd: load(servers.boothd, 'commands', clients), bare: load(servers.bare, 'commands', clients) }));
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
async function costs() {
  const rows = [];
  for (const clients of [1, 8, 64]) {
    const plain = await startBoothd({});
    const before = written(plain.pid);
    const turn = load(plain, 'commands', clients);
    const bytes = (written(plain.pid) - before) / (turn.n / 0.8);
    await plain.stop();

    const log = path.join(scratch, `strace-${clients}`);
    const traced = await startBoothd({}, { wrap: ['strace', '-f', '--seccomp-bpf', '-qq', '-e', 'trace=fsync,fdatasync', '-o', log], timeout: 60000 });
    const head = async () => (await traced.phone.queue()).seq;
    const syncs = () => fs.readFileSync(log, 'utf8').split('\n').filter((line) => /sync\(/.test(line)).length;
    const from = [await head(), syncs()];
    load(traced, 'commands', clients);
    rows.push({ clients, bytes, syncs: (syncs() - from[1]) / (await head() - from[0]) });
    process.kill(Number(execFileSync('pgrep', ['-P', String(traced.pid)], { encoding: 'utf8' })), 'SIGTERM'); // strace lets no signal through
    await traced.booth.exit;
    await traced.booth.stop();
  }
  return rows;
}

async function reading() {
  const server = await startBoothd({});
  const cli = server.booth.cli({ connections: 16 });
  await Promise.all(Array.from({ length: 100 }, () => cli.issue({ name: '민아' })));
  const rows = [];
  for (const clients of [1, 64])
    rows.push({ clients, ...middle(await times(ROUNDS, () => load(server, '/api/v1/queue', clients))) });
  const fan = [];
  for (const subscribers of [1, 200]) fan.push({ subscribers, ...load(server, 'streams', subscribers, 200) });
  await server.stop();
  return { list: rows, fan };
}

async function footprint() {
  const server = await startBoothd({});
  const status = () => Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);
  const rss_kb = status();
  const start_ms = median(await times(11, async () => {
    await server.booth.halt();
    const begun = performance.now();
    await server.booth.launch();
    return performance.now() - begun;
  }));
  await server.stop();
  const stripped = path.join(bench, 'boothd.stripped');
  execFileSync('strip', ['-o', stripped, path.join(build, 'boothd')]);
  return { rss_kb, start_ms, stripped_bytes: fs.statSync(stripped).size };
}

// --- the table

const fixed = (n, digits = 0) => n.toFixed(digits);
function table(title, head, rows) {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  console.log(`\n${title}`);
  for (const row of all) console.log('  ' + row.map((cell, i) => cell.padStart(widths[i])).join('  '));
}

try {
  const result = { rounds: ROUNDS, turn_s: TURN, commands: [...await commands('F'), ...await commands('S')], costs: await costs(), ...await reading(), footprint: await footprint() };
  fs.writeFileSync(path.join(root, 'build/bench.json'), JSON.stringify(result, null, 2) + '\n');
  table('durable commands (create, cancel); µs; bare = bare_group', ['disk', 'clients', 'per s', 'p50', 'p99', 'bare per s', 'bare p99', 'ratio', 'p99 ratio'],
    result.commands.map((r) => [r.disk, r.clients, fixed(r.rate), r.p50, r.p99, fixed(r.bare.rate), r.bare.p99, fixed(r.ratio, 2), fixed(r.p99_ratio, 2)]));
  table('of one command, on F', ['clients', 'syncs', 'bytes written'], result.costs.map((r) => [r.clients, fixed(r.syncs, 3), fixed(r.bytes)]));
  table('the list of 100, from cached bytes; µs', ['clients', 'per s', 'p50', 'p99'], result.list.map((r) => [r.clients, fixed(r.rate), r.p50, r.p99]));
  table('a command, until its last subscriber has the event; µs', ['subscribers', 'p50', 'p99', 'max'], result.fan.map((r) => [r.subscribers, r.p50, r.p99, r.max]));
  const f = result.footprint;
  console.log(`\nstart to ready ${fixed(f.start_ms, 1)} ms, idle ${fixed(f.rss_kb / 1024, 1)} MB, stripped ${fixed(f.stripped_bytes / 1024)} KB`);
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}
