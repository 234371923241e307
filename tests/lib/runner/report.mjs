// The output of a run: each file as it ends, the running jobs, and tables at the end.
const SLOWEST = 20;
const SILENCE_MS = 10_000;
/** Faster tests are not listed among the slowest. */
const SLOW_S = 1;
const seconds = (s) => `${s.toFixed(1)} s`;

const slowest = (tests) => tests.filter((test) => test.seconds >= SLOW_S).sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);

export class Report {
  /** suites: {name: {jobs, step}} in the order of their first job; print(line). */
  constructor(suites, print, now = () => performance.now()) {
    Object.assign(this, { suites, print, now, began: now(), lines: now(), running: new Map() });
    this.tests = [];
    this.failures = [];
    this.sums = new Map();
    for (const [name, { jobs, step }] of Object.entries(suites))
      this.sums.set(name, { step, of: jobs.length, done: 0, passed: 0, failed: 0, from: null, to: null, note: '' });
  }

  say(line) {
    this.lines = this.now();
    this.print(line);
  }

  start(job) {
    this.running.set(job, { from: this.now(), doing: '' });
    const sum = this.sums.get(job.suite);
    sum.from ??= this.now();
  }

  /** Updates a job's progress: the number of ended tests, or its last line. */
  progress(job, results, line) {
    const n = results.tests.length;
    this.running.get(job).doing = n ? `${n} tests` : job.anyLine ? line.trim().slice(0, 60) : '';
  }

  /** Called periodically: prints the running jobs after a while without output. */
  tick() {
    if (this.now() - this.lines < SILENCE_MS) return;
    const all = [...this.running].map(([job, { from, doing }]) => `${job.id} ${Math.round((this.now() - from) / 1000)} s${doing ? ` (${doing})` : ''}`);
    this.say(`      ... ${this.elapsed()} s: ${all.join(', ')}`);
  }

  elapsed() {
    return Math.round((this.now() - this.began) / 1000);
  }

  end(job, { passed, failed, note, tests, seconds: took, timed = true, tail }) {
    this.running.delete(job);
    const sum = this.sums.get(job.suite);
    Object.assign(sum, { done: sum.done + 1, to: this.now() });
    sum.passed += passed;
    sum.failed += failed;
    if (note) sum.note ||= `${job.name ? `${job.name}: ` : ''}${note}`;
    if (timed) for (const test of tests) this.tests.push({ ...test, name: `${job.id}: ${test.name}` });
    const wrong = tests.filter(({ ok }) => !ok).map(({ name }) => `${job.id}: ${name}`);
    if (failed && wrong.length === 0) wrong.push(`${job.id}: ${note}`);
    this.failures.push(...wrong);
    const count = sum.step ? '' : failed ? `${passed} passed, ${failed} failed` : `${passed} ${passed === 1 ? 'test' : 'tests'}`;
    const of = sum.of > 1 ? `${sum.done} of ${sum.of} in ${Math.round((this.now() - sum.from) / 1000)} s` : '';
    this.say(`${failed ? 'FAIL' : 'ok  '}  ${job.id.padEnd(30)} ${count.padEnd(22)} ${seconds(took).padStart(8)}   ${note || of}`.trimEnd());
    if (failed && tail) this.say(tail);
  }

  /** A job that was not run: the first of a suite is reported and counts as failed. */
  refuse(job, why) {
    const sum = this.sums.get(job.suite);
    if (sum.refused) return;
    sum.refused = true;
    this.start(job);
    this.end(job, { passed: 0, failed: 1, note: why, tests: [], seconds: 0 });
  }

  /** Prints the tables; true if everything passed. */
  close() {
    const sums = [...this.sums.entries()];
    this.say('');
    for (const [name, { step, passed, failed, from, to, note }] of sums) {
      const count = step ? (failed ? 'failed' : 'done') : `${passed} passed, ${failed} failed`;
      this.say(`${failed ? 'FAIL' : 'ok  '}  ${name.padEnd(16)} ${count.padEnd(24)} ${String(Math.round(((to ?? 0) - (from ?? 0)) / 1000)).padStart(5)} s  ${note}`.trimEnd());
    }
    const slow = slowest(this.tests).map(({ name, seconds: s }) => `  ${seconds(s).padStart(8)}  ${name}`);
    if (slow.length) this.say(['', 'the slowest tests', ...slow].join('\n'));
    if (this.failures.length) this.say(['', 'what failed', ...this.failures.map((name) => `  ${name}`)].join('\n'));
    const passed = sums.reduce((n, [, sum]) => n + sum.passed, 0);
    const failed = sums.reduce((n, [, sum]) => n + sum.failed, 0);
    this.say(`\n${this.elapsed()} s in all\n\n${passed} passed, ${failed} failed`);
    return failed === 0;
  }
}
