// What a person sees of a run: each file as it ends, what is under way, and at the end tables.
const SLOWEST = 20;
const SILENCE_MS = 20_000;
const seconds = (s) => `${s.toFixed(1)} s`;

/** Of a list of tests: the slowest, the ones with these names first in line. */
const slowest = (tests) => [...tests].sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);

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
    this.running.set(job, { from: this.now(), n: 0 });
    const sum = this.sums.get(job.suite);
    sum.from ??= this.now();
  }

  progress(job, results) {
    this.running.get(job).n = results.tests.length;
  }

  /** Called now and then: says what is under way when nothing has been said for a while. */
  tick() {
    if (this.now() - this.lines < SILENCE_MS) return;
    const all = [...this.running].map(([job, { from, n }]) => `${job.id} ${n ? `${n} tests, ` : ''}${Math.round((this.now() - from) / 1000)} s`);
    this.say(`      ... ${this.elapsed()} s: ${all.join('; ')}`);
  }

  elapsed() {
    return Math.round((this.now() - this.began) / 1000);
  }

  end(job, { passed, failed, note, tests, seconds: took, tail }) {
    this.running.delete(job);
    const sum = this.sums.get(job.suite);
    Object.assign(sum, { done: sum.done + 1, to: this.now() });
    sum.passed += passed;
    sum.failed += failed;
    if (note) sum.note ||= `${job.name ? `${job.name}: ` : ''}${note}`;
    for (const test of tests) this.tests.push({ ...test, name: `${job.id}: ${test.name}` });
    const wrong = tests.filter(({ ok }) => !ok).map(({ name }) => `${job.id}: ${name}`);
    if (failed && wrong.length === 0) wrong.push(`${job.id}: ${note || 'no test ran'}`);
    this.failures.push(...wrong);
    const count = sum.step ? '' : failed ? `${passed} passed, ${failed} failed` : `${passed} ${passed === 1 ? 'test' : 'tests'}`;
    const of = sum.of > 1 ? `${sum.done} of ${sum.of} since ${Math.round((this.now() - sum.from) / 1000)} s` : '';
    this.say(`${failed ? 'FAIL' : 'ok  '}  ${job.id.padEnd(30)} ${count.padEnd(22)} ${seconds(took).padStart(8)}   ${note || of}`.trimEnd());
    if (failed && tail) this.say(tail);
  }

  /** A job that was never begun. */
  refuse(job, why) {
    this.start(job);
    this.end(job, { passed: 0, failed: 1, note: why, tests: [], seconds: 0 });
  }

  /** The tables; true if all is well. */
  close() {
    const sums = [...this.sums.entries()];
    this.say('');
    for (const [name, { step, passed, failed, from, to, note }] of sums) {
      const count = step ? (failed ? 'failed' : 'done') : `${passed} passed, ${failed} failed`;
      this.say(`${failed ? 'FAIL' : 'ok  '}  ${name.padEnd(16)} ${count.padEnd(24)} ${String(Math.round(((to ?? 0) - (from ?? 0)) / 1000)).padStart(5)} s  ${note}`.trimEnd());
    }
    if (this.tests.length > SLOWEST) {
      this.say('\nthe slowest tests');
      for (const { name, seconds: s } of slowest(this.tests)) this.say(`  ${seconds(s).padStart(8)}  ${name}`);
    }
    if (this.failures.length) this.say(['', 'what failed', ...this.failures.map((name) => `  ${name}`)].join('\n'));
    const passed = sums.reduce((n, [, sum]) => n + sum.passed, 0);
    const failed = sums.reduce((n, [, sum]) => n + sum.failed, 0);
    this.say(`\n${this.elapsed()} s in all\n\n${passed} passed, ${failed} failed`);
    return failed === 0;
  }
}
