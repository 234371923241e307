// main.mjs WORD... - runs what tests/run was asked for; --needs prints which packages that takes, nothing lists all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { QUIET_S, groups, suites } from '../../suites.mjs';
import { calibrate } from './calibrate.mjs';
import { run } from './job.mjs';
import { Unknown, needs, plan } from './plan.mjs';
import { Pool } from './pool.mjs';
import { Report } from './report.mjs';

const LOGS = 'build/log';
const TAIL_LINES = 60;

function list() {
  console.log('usage: tests/run [SUITE | SUITE/FILE | GROUP]...\n\nsuites');
  for (const [name, { about, jobs }] of Object.entries(suites)) console.log(`  ${name.padEnd(16)} ${about}${jobs.length > 1 ? ` (${jobs.length} files)` : ''}`);
  console.log('\ngroups');
  for (const [name, rows] of Object.entries(groups)) console.log(`  ${name.padEnd(16)} ${rows.map((row) => [row].flat()[0]).join(' ')}`);
}

/** How slow the machine is, measured at the start and again whenever a limit is near. */
class Pace {
  async measure() {
    const { pace, took } = await calibrate();
    this.pace = Math.max(this.pace ?? 1, pace);
    return took;
  }
}

/** A program beside a suite; resolves to the environment that it gives and a function that ends it. */
async function serve({ argv, variable }, env) {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', 'tests/lib/contain', '--host-network', ...argv], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
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

async function main(words) {
  const planned = plan(words);
  const jobs = Object.values(planned).flatMap((suite) => suite.jobs);
  const last = jobs.filter(({ weight }) => weight === Infinity);
  const queue = [...jobs.filter(({ weight }) => weight !== Infinity), ...last];

  const pace = new Pace();
  const took = await pace.measure();
  const shown = Object.entries(took).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(', ');
  console.log(`this machine: ${os.cpus().length} processors, ${pace.pace.toFixed(1)} times the reference's time (${shown})`);

  const report = new Report(planned, (line) => console.log(line));
  const ticking = setInterval(() => report.tick(), 1000);
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-run-'));
  fs.chmodSync(scratch, 0o755);
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
    let env = { ...suite.env, PACE: pace.pace.toFixed(2), TMPDIR: scratch };
    const log = path.join(LOGS, job.suite, `${job.name || job.suite}.log`);
    let result;
    try {
      if (suite.service) {
        if (!services.has(job.suite)) services.set(job.suite, serve(suite.service, env));
        env = { ...env, ...(await services.get(job.suite)).env };
      }
      result = await run(job, {
        env,
        log,
        limit: async ({ again }) => {
          if (again) await pace.measure();
          return (job.quiet_s ?? QUIET_S) * 1000 * pace.pace;
        },
        started: (end) => {
          if (stopped) end();
          enders.add((job.end = end));
        },
        progress: (results) => report.progress(job, results),
      });
    } catch (error) {
      fs.appendFileSync(log, `${error.stack}\n`);
      result = { status: 1, note: error.message, results: null, seconds: 0 };
    }
    enders.delete(job.end);
    const good = result.status === 0;
    let { passed, failed } = result.results?.count(good) ?? { passed: 0, failed: 1 };
    if (suite.step) [passed, failed] = [0, good ? 0 : 1];
    report.end(job, { passed, failed, note: result.note, tests: suite.step ? [] : (result.results?.tests ?? []), seconds: result.seconds, tail: failed ? tail(log) : '' });
    ended(job, failed > 0);
  };

  await new Pool(Math.ceil(os.cpus().length * 1.5)).drain(queue, {
    work: (job) => (stopped ? Promise.resolve(ended(job, true)) : work(job)),
    left: (suite) => left.get(suite) ?? 0,
    broken: (suite) => broken.has(suite),
    refuse: (job, suite) => {
      report.refuse(job, `${suite} has failed`);
      ended(job, true);
    },
  });
  clearInterval(ticking);
  fs.rmSync(scratch, { recursive: true, force: true });
  const good = report.close();
  return stopped ? 128 + stopped : good ? 0 : 1;
}

const [first, ...more] = process.argv.slice(2);
try {
  if (first === undefined || first === '--list' || first === '--help') list();
  else if (first === '--needs') console.log(needs(plan(more)).join('\n'));
  else process.exitCode = await main([first, ...more]);
} catch (error) {
  if (!(error instanceof Unknown)) throw error;
  console.error(`tests/run: there is no suite, file or group ${error.message}; tests/run lists them`);
  process.exitCode = 2;
}
