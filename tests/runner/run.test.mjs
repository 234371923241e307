// The runner itself: what it counts, what it ends, and that nothing of what it ended is left.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from '../lib/test.mjs';
import { root } from '../lib/boothd.mjs';
import { calibrate } from '../lib/runner/calibrate.mjs';
import { waitFor } from '../lib/wait.mjs';

/** A run of its own: what it prints, the processes that came of it, the folder in which it and they work. */
class Run {
  constructor(argv, more = {}) {
    this.mark = `RUN_MARK=${randomUUID()}`;
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'runner-'));
    fs.chmodSync(this.dir, 0o755);
    const [name, value] = this.mark.split('=');
    const env = { ...process.env, TMPDIR: this.dir, [name]: value, ...more };
    this.out = '';
    this.child = spawn(argv[0], argv.slice(1), { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (chunk) => (this.out += chunk));
    this.ended = once(this.child, 'close').then(([code, signal]) => code ?? signal);
  }

  /** The processes that it has made, by what they had in their environment. */
  processes() {
    return fs.readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && fs.readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.mark);
      } catch {
        return false; // it has gone, or is somebody else's
      }
    });
  }
  runs(program) {
    return this.processes().some((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith(program);
      } catch {
        return false;
      }
    });
  }
  async leavesNothing() {
    await waitFor(() => this.processes().length === 0 && fs.readdirSync(this.dir).length === 0, { what: 'all of it to be gone' }).catch((error) => {
      const commands = this.processes().map((pid) => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      throw new Error(`${error.message}: ${commands.join('\n')}\n${fs.readdirSync(this.dir)}\n${this.out}`);
    });
    fs.rmdirSync(this.dir);
  }
}
// What the machine is like has been measured; where it has not, a run does that first.
process.env.PACE ??= '1';
const run = (...words) => new Run([process.execPath, 'tests/runner/table.mjs', ...words]);
const all = async (...words) => {
  const it = run(...words);
  const status = await it.ended;
  await it.leavesNothing();
  return { status, out: it.out };
};

describe('the counting of tests', { concurrency: 2 }, () => {
  test('tests that reported their end; the last line is their sum', async () => {
    const { status, out } = await all('good');
    assert.equal(status, 0);
    assert.match(out, /\n2 passed, 0 failed\n$/);
    assert.match(out, /^this machine: \d+ processors, \d+\.\d times the reference's time \(as it was told\)$/m);
  });

  test('how fast the machine is, measured in about a second', async () => {
    const { pace, took } = await calibrate();
    assert.ok(pace >= 1 && Object.values(took).every((ms) => ms > 0), JSON.stringify({ pace, took }));
  });

  test('a failed test, a test without an end, a bad exit, no output', async () => {
    const { status, out } = await all('bad');
    assert.equal(status, 1);
    assert.match(out, /\n3 passed, 5 failed\n$/);
    for (const [name, sum] of [['fails', '1 passed, 1 failed'], ['ends-early', '1 passed, 2 failed'], ['ends-badly', '1 passed, 1 failed'], ['silent', '0 passed, 1 failed']])
      assert.match(out, new RegExp(`^FAIL  bad/${name} +${sum} `, 'm'));
    assert.match(out, /^ {6}\| {6}why$/m, 'why is shown');
    assert.match(out, /^what failed\n(  .*\n)* {2}bad\/fails: b$/m);
  });

  test('a skipped test does not count, and a group runs its suites', async () => {
    const { status, out } = await all('all');
    assert.deepEqual([status, /\n3 passed, 0 failed\n$/.test(out)], [0, true], out);
  });

  test('if its build fails, a suite fails without being run', async () => {
    const { status, out } = await all('built', 'good');
    assert.equal(status, 1);
    assert.match(out, /^FAIL  built\/one .* build has failed$/m);
    assert.match(out, /\n2 passed, 2 failed\n$/);
  });

  test('a single file of a suite; an unknown name is reported', async () => {
    assert.match((await all('bad/silent')).out, /\n0 passed, 1 failed\n$/);
    for (const word of ['bad/none', 'none', 'none/none']) {
      const { status, out } = await all(word);
      assert.equal(status, 2);
      assert.equal(out, `tests/run: there is no suite, file or group ${word}; tests/run lists them\n`);
    }
  });

  test('a suite’s service passes a variable, and ends with the suite', async () => {
    const { status, out } = await all('served');
    assert.deepEqual([status, /\n1 passed, 0 failed\n$/.test(out)], [0, true], out);
  });
});

// Where there are none, tests/lib/contain ends what it can.
const namespaces = ['unshare', ...(process.getuid() ? ['--user', '--map-current-user'] : []), '--pid', '--net', '--mount-proc', '--fork', 'true'];
const skip = spawnSync(namespaces[0], namespaces.slice(1)).status !== 0 && 'no namespaces here';

describe('ending a suite ends all of its processes', { concurrency: 2 }, () => {
  test('no progress: passed tests count, and the rest of the run goes on', { skip }, async () => {
    const { status, out } = await all('stuck', 'good');
    assert.equal(status, 1);
    assert.match(out, /^FAIL  stuck\/hangs +1 passed, 1 failed .* no progress for \d+ s after "a"$/m);
    assert.match(out, /\n3 passed, 1 failed\n$/);
  });

  test('a line counts as progress for jobs with anyLine', async () => {
    assert.match((await all('chatty')).out, /\n1 passed, 0 failed\n$/);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'])
    test(`${signal} to the run`, { skip }, async () => {
      const it = run('stuck', 'good');
      await waitFor(() => it.runs('sleep'), { what: 'the suite' });
      it.child.kill(signal);
      const status = await it.ended;
      assert.equal(status, signal === 'SIGKILL' ? signal : 128 + os.constants.signals[signal], it.out);
      await it.leavesNothing();
    });

  test('without namespaces it ends at least the process group, and removes the folder', async () => {
    const bin = fs.mkdtempSync(path.join(os.tmpdir(), 'bin-'));
    fs.writeFileSync(path.join(bin, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const it = new Run(['tests/lib/contain', 'bash', '-c', 'touch "$TMPDIR/file"; sleep 1000 & sleep 1000'], { PATH: `${bin}:${process.env.PATH}` });
    await waitFor(() => it.runs('sleep'), { what: 'the command' });
    it.child.kill('SIGTERM');
    assert.equal(await it.ended, 143);
    await it.leavesNothing();
    fs.rmSync(bin, { recursive: true });
  });

  for (const [word, program] of [['hub/guests', 'postgres'], ['browser/live', 'chromium'], ['systemd/lan', 'dnsmasq']])
    for (const signal of ['SIGTERM', 'SIGKILL'])
      test(`${signal} to a real run: ${word} with its ${program}`, { skip: skip || (program === 'dnsmasq' && process.getuid() !== 0 && 'needs root') }, async () => {
        const it = new Run(['tests/run', word]);
        await waitFor(() => it.runs(program) || it.child.exitCode !== null, { timeout: 120_000, what: program });
        assert.equal(it.child.exitCode, null, it.out);
        it.child.kill(signal);
        await it.ended;
        await it.leavesNothing();
      });
});
