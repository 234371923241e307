// One job: a contained command, whose output reports its tests, and which is ended when it makes no progress.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/** The end of a test, as tests/lib/reporter.mjs, cmocka (TAP) and the scripts of tests/ print it. */
const ENDED = /^(ok|FAIL|not ok|skip)\b *(?:(\d+(?:\.\d+)?) s {2})?(?:\d+ - )?(.*)$/;
/** The number of tests that a cmocka binary announces. */
const PLAN = /^1\.\.(\d+)$/;
/** The last line of a tests/run inside a job, whose counts are added. */
const CLOSING = /^(\d+) passed, (\d+) failed/;

/** Milliseconds that a job may take to end after SIGTERM. */
const GRACE_MS = 10_000;

/** Program and arguments that run argv in tests/lib/contain; it ends with this process. */
export const contained = (argv, { hostNetwork }) => ['setpriv', ['--pdeathsig', 'TERM', 'tests/lib/contain', ...(hostNetwork ? ['--host-network'] : []), ...argv]];

/** The results of a job, from its lines. */
export class Results {
  constructor() {
    this.tests = []; // {name, ok, seconds}
    this.planned = 0;
    this.skipped = 0;
    this.closing = null;
  }

  /** True if the line was the end of a test. now: milliseconds since the job began. */
  line(text, now) {
    this.planned += Number(PLAN.exec(text)?.[1] ?? 0);
    const closing = CLOSING.exec(text);
    if (closing) this.closing = { passed: Number(closing[1]), failed: Number(closing[2]) };
    const [, how, seconds, name] = ENDED.exec(text) ?? [];
    if (how === 'skip') this.skipped++;
    if (!how || how === 'skip') return Boolean(how);
    const since = (now - (this.last ?? 0)) / 1000;
    this.last = now;
    this.tests.push({ name, ok: how === 'ok', seconds: Number(seconds ?? since) });
    return true;
  }

  /** {passed, failed, note}: a bad exit counts as a failure, and so does an announced test without a result. */
  count(endedWell) {
    const passed = this.closing?.passed ?? this.tests.filter(({ ok }) => ok).length;
    const told = this.closing?.failed ?? this.tests.length - passed;
    const missing = Math.max(0, this.planned - passed - told);
    if (missing) return { passed, failed: told + missing, note: `${missing} never told their end` };
    if (passed + told === 0) return this.skipped && endedWell ? { passed: 0, failed: 0, note: 'all skipped' } : { passed, failed: 1, note: 'no test ran' };
    return { passed, failed: told || (endedWell ? 0 : 1), note: '' };
  }
}

/**
 * Runs a job of the table in suites.mjs and resolves to {status, note, results, seconds}; note says why it was ended.
 * limit: milliseconds without progress before it is ended: now() is the present value, measured() measures again first.
 * started: is called with a function that ends the job at once.
 */
export async function run(job, { env, log, limit, started, progress }) {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const file = fs.createWriteStream(log);
  const child = spawn(...contained(job.argv, job), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const began = performance.now();
  const results = new Results();
  let last = began;
  let note = '';
  let over = false;
  let cutting;
  const cut = (why) => {
    if (over || note) return;
    note = why;
    child.kill('SIGTERM');
    cutting = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), GRACE_MS);
  };
  started(() => cut('it was stopped'));

  for (const stream of [child.stdout, child.stderr]) {
    readline.createInterface({ input: stream }).on('line', (text) => {
      const now = performance.now();
      file.write(`${text}\n`);
      if (results.line(text, now - began) || job.anyLine) last = now;
      progress(results, text);
    });
  }
  const watch = async () => {
    if (performance.now() - last < limit.now()) return;
    const ms = await limit.measured(); // the machine may have become slower
    if (performance.now() - last < ms) return;
    const before = results.tests.at(-1)?.name;
    cut(`no progress for ${Math.round(ms / 1000)} s${before ? ` after "${before}"` : ''}`);
  };
  (async () => {
    while (!over && !note) {
      await watch();
      await pause(Math.min(1000, limit.now()), { ref: false });
    }
  })().catch((error) => cut(String(error)));
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      note = String(error);
      resolve(127);
    });
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  over = true;
  clearTimeout(cutting);
  await new Promise((resolve) => file.end(resolve));
  if (!note && status !== 0) note = `exit status ${status}`;
  return { status, note, results, seconds: (performance.now() - began) / 1000 };
}
