// Button, LED and buzzer on a simulated chip, timed by the kernel's trace.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { pause } from '../../lib/wait.mjs';
import { answers, check, clear, inner, note, pidOf, queue, system, systemctl, unit, until } from './machine.mjs';
import { device, edges, hold, level, plug, press, release, silence, trace, traced } from './panel.mjs';
import { pace } from '../../lib/pace.mjs';

const GUARD_MS = 2000; // a press within this time after a call is ignored
const DEBOUNCE_MS = 10;
const CALL = [120, 100, 120, 100, 120]; // on, off, on...
const panel = async () => (await system()).panel;
const stateOf = async (id) => (await inner.ticket(id)).state;
let called = 0;

/** Issues the only waiting ticket. */
async function oneGuest() {
  await clear();
  return (await inner.issue({ party_size: 2 })).ticket.id;
}
/** Asserts the same tickets as before, and no fewer events. */
function assertKept(now, before) {
  assert.deepEqual(now.tickets, before.tickets);
  assert.ok(now.seq >= before.seq, `${now.seq} events of ${before.seq}`);
}
async function afterGuard() {
  await pause(Math.max(0, called + GUARD_MS + 200 - performance.now()));
}
const commits = async () => {
  const text = (await inner.get('/metrics')).text;
  const value = (name) => Number(new RegExp(`^boothd_commit_seconds_${name} (.*)$`, 'm').exec(text)[1]);
  return { ms: value('sum') * 1000, n: value('count') };
};

check('a press calls the next guest, and the buzzer follows its pattern', 90, async () => {
  const rest = [], parts = CALL.map(() => []);
  for (let i = 0; i < 5; i++) {
    const id = await oneGuest();
    await afterGuard();
    trace();
    const before = await commits();
    await press();
    await until('the guest to be called', 20, async () => (await stateOf(id)) === 'called', { every: 20 });
    called = performance.now();
    await until('the whole pattern', 10, async () => edges('buzzer').length > CALL.length); // a stalled machine also delays the pattern
    await silence();
    const after = await commits(), all = traced();
    const buzz = edges('buzzer'), released = all.filter((e) => e.line === 'button' && e.at < buzz[0].at).at(-1).at;
    assert.equal(buzz.length, 6, JSON.stringify(buzz));
    for (const n of CALL.keys()) parts[n].push(buzz[n + 1].at - buzz[n].at);
    const commit = (after.ms - before.ms) / (after.n - before.n), took = buzz[0].at - released;
    rest.push(took - DEBOUNCE_MS - commit);
    note(`release to buzzer ${took.toFixed(1)} ms = debounce ${DEBOUNCE_MS} + commit ${commit.toFixed(1)} + ${rest.at(-1).toFixed(1)}`);
    await inner.act(id, 'seat');
  }
  // A booth may take 2 ms. A request without a commit shows how much slower this machine is.
  const requests = [];
  for (let i = 0; i < 20; i++) {
    const begun = performance.now();
    await inner.get('/healthz');
    requests.push(performance.now() - begun);
  }
  const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
  const request = median(requests);
  for (const [n, want] of CALL.entries())
    assert.ok(Math.abs(median(parts[n]) - want) < 60, `part ${n} of the pattern took ${parts[n].map((ms) => ms.toFixed(1)).join(', ')} ms, not ${want}`);
  note(`beyond debounce and commit ${median(rest).toFixed(1)} ms; a request takes ${request.toFixed(1)} ms here`);
  assert.ok(median(rest) < Math.max(10 * pace, 3 * request));
});

check('a long press seats the guest who was called last', 30, async () => {
  const id = await oneGuest();
  await inner.callNext({});
  called = performance.now();
  assert.equal(await stateOf(id), 'called');
  hold();
  await until('the guest to be seated', 10, async () => (await stateOf(id)) === 'seated'); // still held
  release();
});

check('a button that chatters, or is pressed while nobody waits, calls nobody', 30, async () => {
  await clear();
  await afterGuard();
  const { seq } = await queue();
  for (let i = 0; i < 20; i++) {
    hold();
    release();
  }
  await press();
  await until('the press to be noticed', 10, async () => (await panel()).led_pattern === 'blink', { every: 20 });
  assert.equal((await queue()).seq, seq);
});

check('an unplugged chip is reported, and used again when it is back', 60, async () => {
  plug(false);
  note(`reported after ${(await until('the fault to be reported', 30, async () => (await panel()).fault !== null)).toFixed(1)} s: ${(await panel()).fault}`);
  const id = await oneGuest();
  await inner.callNext({}); // the queue goes on
  assert.equal(await stateOf(id), 'called');
  await inner.act(id, 'seat');
  plug(true);
  note(`used again after ${(await until('the fault to be gone', 60, async () => (await panel()).fault === null)).toFixed(1)} s`);
  const next = await oneGuest();
  called = performance.now();
  await afterGuard();
  await press();
  await until('the button to call', 10, async () => (await stateOf(next)) === 'called');
  called = performance.now();
  await silence();
  await inner.act(next, 'seat');
});

check('a line that is busy at the start is the only one that fails, until it is free', 90, async () => {
  await systemctl('stop', 'boothd.service');
  const thief = spawn('gpioset', ['-c', device(), 'buzzer=0'], { stdio: 'ignore' });
  await until('the line to be busy', 10, () => fs.readFileSync('/sys/kernel/debug/gpio', 'utf8').includes('gpioset'));
  await systemctl('start', 'boothd.service');
  await answers();
  const { fault } = await panel();
  note(fault);
  assert.match(fault, /buzzer/);
  const id = await oneGuest();
  await afterGuard();
  await press();
  await until('the button to call', 10, async () => (await stateOf(id)) === 'called');
  called = performance.now();
  thief.kill();
  note(`used ${(await until('the buzzer to be used', 60, async () => (await panel()).fault === null)).toFixed(1)} s after it was free`);
  await inner.act(id, 'seat');
});

check('boothd killed while the buzzer sounds: silent within 2 s, restarted, the queue unchanged', 90, async () => {
  const id = await oneGuest();
  await inner.issue({ party_size: 5 });
  trace();
  await inner.act(id, 'call');
  const sounds = await until('the buzzer to sound', 10, () => level('buzzer') === 1, { every: 2 });
  const before = await queue(), pid = await pidOf('boothd.service');
  const killed = performance.now();
  process.kill(pid, 'SIGKILL');
  await until('the buzzer to be silent', 10, () => level('buzzer') === 0, { every: 2 });
  const silent = performance.now() - killed;
  note(`silent ${silent.toFixed(0)} ms after SIGKILL (it sounded after ${sounds.toFixed(2)} s)`);
  assert.ok(silent < 2000);
  note(`answers again after ${(await answers()).toFixed(1)} s`);
  assert.notEqual(await pidOf('boothd.service'), pid);
  assertKept(await queue(), before);
  assert.equal(edges('buzzer').at(-1).value, 0);
  await inner.act(id, 'seat');
});

check('boothd stopped: the watchdog restarts it, the queue unchanged', 120, async () => {
  const before = await queue(), pid = await pidOf('boothd.service');
  process.kill(pid, 'SIGSTOP');
  const took = await until('another process', 60, async () => ![0, pid].includes(await pidOf('boothd.service')), { every: 250 });
  note(`another process after ${took.toFixed(0)} s; answers ${(await answers()).toFixed(1)} s later`);
  assertKept(await queue(), before);
  const { NRestarts } = await unit('boothd.service', 'NRestarts');
  assert.ok(Number(NRestarts) >= 1);
});
