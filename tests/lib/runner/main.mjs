// A run: the requested suites of a table, job after job, and the report.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { calibrate } from './calibrate.mjs';
import { contained, run } from './job.mjs';
import { Unknown, needs, plan } from './plan.mjs';
import { Pool } from './pool.mjs';
import { Report } from './report.mjs';

const LOGS = 'build/log';
/** A folder on disk for large files; TMPDIR may be in memory. */
const LARGE = '/var/tmp';
const TAIL_LINES = 60;
/** Seconds of the reference machine that a job may be without progress, unless its row has quiet_s. */
const QUIET_S = 180;

function list({ suites, groups }) {
  console.log('usage: tests/run [SUITE | SUITE/FILE | GROUP]...\n\nsuites');
  for (const [name, { about, jobs }] of Object.entries(suites)) console.log(`  ${name.padEnd(16)} ${about}${jobs.length > 1 ? ` (${jobs.length} files)` : ''}`);
  console.log('\ngroups');
  for (const [name, rows] of Object.entries(groups)) console.log(`  ${name.padEnd(16)} ${rows.map((row) => [row].flat()[0]).join(' ')}`);
}

/** How slow the machine is, measured at the start and again when a limit is near; a nested run inherits it. */
class Pace {
  constructor() {
    this.pace = Number(process.env.PACE) || undefined;
  }
  /** Concurrent callers share one measurement. */
  measure() {
    this.measuring ??= calibrate()
      .then(({ pace, took }) => {
        this.pace = Math.max(this.pace ?? 1, pace);
        return took;
      })
      .finally(() => (this.measuring = null));
    return this.measuring;
  }
}

/** Starts a suite's service; resolves to its environment and a function that ends it. */
async function serve({ argv, variable }, env) {
  const child = spawn(...contained(argv, { hostNetwork: true }), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(readline.createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${argv.join(' ')} ended: ${code}`))),
  ]);
  return { env: { [variable]: line }, stop: () => child.kill('SIGTERM') };
}

const tail = (log) => {
  const lines = fs.readFileSync(log, 'utf8').trimEnd().split('\n');
  return lines.slice(-TAIL_LINES).map((line) => `      | ${line.slice(0, 300)}`).join('\n');
};

async function runAll(planned) {
  const jobs = Object.values(planned).flatMap((suite) => suite.jobs);

  const pace = new Pace();
  const took = pace.pace ? {} : await pace.measure();
  const shown = Object.entries(took).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(', ') || 'as it was told';
  console.log(`this machine: ${os.cpus().length} processors, ${pace.pace.toFixed(1)} times the reference's time (${shown})`);

  const report = new Report(planned, (line) => console.log(line));
  const ticking = setInterval(() => report.tick(), 1000);
  const left = new Map(Object.entries(planned).map(([name, { jobs: all }]) => [name, all.length]));
  const broken = new Set();
  const enders = new Set();
  const services = new Map();
  let stopped = 0;
  const stop = (signal) => {
    stopped = signal;
    for (const end of enders) end();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(os.constants.signals[signal]));

  const ended = (job, failed) => {
    left.set(job.suite, left.get(job.suite) - 1);
    if (failed) broken.add(job.suite);
    if (left.get(job.suite) === 0) services.get(job.suite)?.then(({ stop: end }) => end(), () => {});
  };
  const work = async (job) => {
    const suite = planned[job.suite];
    report.start(job);
    const log = path.resolve(LOGS, job.suite, `${job.name || job.suite}.log`);
    let env = { ...suite.env, ...(job.disk ? { TMPDIR: LARGE } : {}), PACE: pace.pace.toFixed(2), KEEP: log.replace(/log$/, 'kept') };
    let result;
    try {
      if (suite.service) {
        if (!services.has(job.suite)) services.set(job.suite, serve(suite.service, env));
        env = { ...env, ...(await services.get(job.suite)).env };
      }
      result = await run(job, {
        env,
        log,
        limit: {
          now: () => (job.quiet_s ?? QUIET_S) * 1000 * pace.pace,
          async measured() {
            await pace.measure();
            return this.now();
          },
        },
        started: (end) => {
          if (stopped) end();
          enders.add((job.end = end));
        },
        progress: (results, line) => report.progress(job, results, line),
      });
    } catch (error) {
      fs.appendFileSync(log, `${error.stack}\n`);
      result = { status: 1, note: error.message, results: null, seconds: 0 };
    }
    enders.delete(job.end);
    const good = result.status === 0;
    const { passed, failed, note } = suite.step || !result.results ? { passed: 0, failed: good ? 0 : 1 } : result.results.count(good);
    report.end(job, {
      passed,
      failed,
      note: result.note || note,
      tests: suite.step ? [] : (result.results?.tests ?? []),
      timed: !result.results?.closing,
      seconds: result.seconds,
      tail: failed ? tail(log) : '',
    });
    ended(job, failed > 0);
  };

  await new Pool(2 * os.cpus().length).drain(jobs, {
    work: (job) => (stopped ? Promise.resolve(ended(job, true)) : work(job)),
    left: (suite) => left.get(suite) ?? 0,
    broken: (suite) => broken.has(suite),
    refuse: (job, suite) => {
      report.refuse(job, `${suite} has failed`);
      ended(job, true);
    },
  });
  clearInterval(ticking);
  const good = report.close();
  return stopped ? 128 + stopped : good ? 0 : 1;
}

/** Runs with the arguments of tests/run; resolves to the exit status. */
export async function main(table, [first, ...more]) {
  try {
    if (first === undefined || first === '--help') return list(table) ?? 0;
    if (first === '--needs') return console.log(needs(plan(table, more)).join('\n')) ?? 0;
    return await runAll(plan(table, [first, ...more]));
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
    console.error(`tests/run: there is no suite, file or group ${error.message}; tests/run lists them`);
    return 2;
  }
}
