// boothd on a machine whose clock is wrong, jumps, or is put right late: no ticket, number or timer suffers, days begin once,
// and what a phone may tell is bounded.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from '../lib/test.mjs';
import { Hardware } from '../lib/hardware.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { pace, scaled } from '../lib/pace.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const HOUR = 3600e3;
const DAY = 24 * HOUR;
const EVENING = Date.parse('2026-09-11T10:00:00Z'); // 19:00 in Seoul

// A booth whose kernel says that it is `wall` now.
class Skewed {
  // rtc: what its battery-backed clock says, which the kernel was set by.
  static async start(wall, { synchronised = false, uptime = 0, rtc } = {}) {
    const s = new Skewed();
    s.synchronised = synchronised;
    s.booth = await Booth.start({
      set: { trust_clock: 'auto', timezone: 'Asia/Seoul' },
      env: (dir) => {
        s.file = path.join(dir, 'fakeclock');
        s.hardware = new Hardware(dir);
        s.say(wall);
        if (rtc) s.hardware.rtc(rtc);
        return s.hardware.env(['fakeclock'], { FAKECLOCK: s.file, FAKECLOCK_UPTIME_MS: uptime });
      },
    });
    s.cli = s.booth.cli();
    return s;
  }
  // From now on it is that time.
  say(wall, { synchronised = this.synchronised, rate = 1 } = {}) {
    this.offset = Math.round(wall - Date.now());
    this.synchronised = synchronised;
    this.write(rate);
  }
  step(ms, more) {
    this.say(Date.now() + this.offset + ms, more);
  }
  write(rate) {
    fs.writeFileSync(`${this.file}.new`, `${this.offset} ${rate} ${Number(this.synchronised)}\n`);
    fs.renameSync(`${this.file}.new`, this.file);
  }
  async clock() {
    return expect(await this.cli.get('/api/v1/system'), 200).clock;
  }
  now() {
    return this.clock().then((c) => Date.parse(c.now));
  }
  near(wall) { // a few seconds of the test's own are not counted
    return waitFor(async () => Math.abs((await this.now()) - wall) < scaled(20000), { what: `the time ${new Date(wall).toISOString()}` });
  }
  events(type) {
    return this.booth.query(`SELECT text FROM event WHERE text LIKE '%"type":"${type}"%' ORDER BY id`).map((r) => JSON.parse(r.text));
  }
  offer(client, wall) {
    return client.post('/api/v1/system/clock', { now: new Date(wall).toISOString() });
  }
  async list() {
    return (await this.cli.queue()).tickets.map((t) => [t.id, t.number, t.state]);
  }
  async restart(wall) {
    await this.booth.halt();
    this.say(wall);
    await this.booth.launch();
  }
}

async function skewed(t, wall, options) {
  const s = await Skewed.start(wall, options);
  t.after(() => s.booth.stop());
  return s;
}

test('it boots in 1970, works, and gets the time from the network in the middle of the evening', async (t) => {
  const s = await skewed(t, 5000);
  assert.equal((await s.cli.queue()).clock.trusted, false);
  const first = await s.cli.issue({ name: '민아' });
  await s.cli.issue({ name: 'Kim' });
  expect(await s.cli.post('/api/v1/call-next', {}), 200);
  const before = await s.list();
  s.say(EVENING, { synchronised: true });
  await waitFor(async () => (await s.cli.queue()).clock.trusted, { what: 'trust' });
  await waitFor(() => s.events('day.started').at(-1).day.date === '2026-09-11', { what: 'the day to be dated' });
  assert.deepEqual(await s.list(), before);
  assert.deepEqual(s.events('day.started').map((e) => [e.day.id, e.day.date, e.day.trusted]), [[1, '1970-01-01', false], [1, '2026-09-11', true]]);
  assert.equal((await s.cli.issue({})).ticket.number, '3');
  assert.ok(s.events('clock.stepped').length >= 1);
  assert.ok(Date.parse(first.ticket.issued_at) < DAY); // what is written stays as it was
});

test('a start a year back continues from the saved time, a clock ten years ahead is not trusted', async (t) => {
  const s = await skewed(t, EVENING, { synchronised: true });
  await s.cli.issue({});
  await s.booth.halt();
  s.say(EVENING - 365 * DAY, { synchronised: false });
  await s.booth.launch();
  await s.near(EVENING);
  assert.deepEqual([(await s.clock()).trusted, (await s.clock()).source], [false, 'saved']);
  await s.booth.halt();
  s.say(EVENING + 3650 * DAY);
  await s.booth.launch();
  await s.cli.issue({});
  assert.deepEqual((await s.cli.queue()).tickets.map((g) => g.number), ['1', '2']);
  assert.equal(s.events('day.started').length, 1);
  s.say(EVENING + HOUR, { synchronised: true });
  await waitFor(async () => (await s.clock()).trusted, { what: 'trust' });
  await s.near(EVENING + HOUR);
  assert.deepEqual((await s.cli.queue()).tickets.map((g) => g.number), ['1', '2']);
  assert.equal((await s.cli.issue({})).ticket.number, '3');
});

for (const hours of [12, -12])
  test(`a step of ${hours} hours in the middle of the evening`, async (t) => {
    const s = await skewed(t, EVENING, { synchronised: true });
    for (let i = 0; i < 3; i++) await s.cli.issue({});
    expect(await s.cli.post('/api/v1/call-next', {}), 200);
    expect(await s.cli.put('/api/v1/intake', { state: 'paused', resume_after_s: 600 }), 200);
    const before = await s.list();
    s.step(hours * HOUR);
    await s.near(EVENING + hours * HOUR);
    await waitFor(() => s.events('clock.stepped').length === 1, { what: 'the step in the journal' });
    await pause(1200);
    assert.deepEqual(await s.list(), before);
    assert.equal((await s.cli.queue()).intake.state, 'paused');
    s.step(-hours * HOUR);
    await waitFor(() => s.events('clock.stepped').length === 2, { what: 'the way back in the journal' });
    assert.deepEqual(await s.list(), before);
    const days = s.events('day.started').map((e) => [e.day.id, e.day.date]);
    // over the cut-over and back: it is one evening, whatever its date is said to be, and the numbers go on
    assert.deepEqual(days, hours > 0 ? [[1, '2026-09-11'], [1, '2026-09-12'], [1, '2026-09-11']] : [[1, '2026-09-11']]);
    expect(await s.cli.put('/api/v1/intake', { state: 'open' }), 200);
    assert.equal((await s.cli.issue({})).ticket.number, '4');
  });

test('phones may move an untrusted clock forward by half a day in all, and a trusted one not at all', async (t) => {
  const s = await skewed(t, EVENING);
  const staff = await s.booth.signIn();
  expect(await s.offer(staff, EVENING - HOUR), 409, 'wrong_state');
  expect(await s.offer(staff, EVENING + 13 * HOUR), 409, 'wrong_state');
  expect(await s.offer(staff, EVENING + 7 * HOUR), 200);
  expect(await s.offer(staff, EVENING + 14 * HOUR), 409, 'wrong_state');
  expect(await s.offer(staff, EVENING + 11 * HOUR), 200);
  expect(await s.offer(staff, EVENING + 13 * HOUR), 409, 'wrong_state');
  await s.near(EVENING + 11 * HOUR);
  assert.equal((await s.clock()).source, 'phone');
  assert.equal(s.events('clock.stepped').length, 2);
  s.say(EVENING + HOUR, { synchronised: true });
  await waitFor(async () => (await s.clock()).trusted, { what: 'trust' });
  await s.near(EVENING + HOUR); // the network is right, not the phone
  assert.equal((await s.clock()).offset_ms, 0);
  expect(await s.offer(staff, EVENING + 2 * HOUR), 409, 'wrong_state');
});

test('a battery-backed clock is trusted until its battery is empty', async (t) => {
  const s = await skewed(t, EVENING, { rtc: EVENING });
  assert.deepEqual([(await s.clock()).trusted, (await s.clock()).source], [true, 'rtc']);
  await s.cli.issue({});
  expect(await s.offer(await s.booth.signIn(), EVENING + HOUR), 409, 'wrong_state');
  s.hardware.rtc(EVENING + 2 * DAY); // off for two days
  await s.restart(EVENING + 2 * DAY);
  await s.near(EVENING + 2 * DAY);
  assert.deepEqual([(await s.clock()).trusted, (await s.clock()).source], [true, 'rtc']);
  assert.equal((await s.cli.issue({})).ticket.day, '2026-09-13'); // a day begins by it
  s.hardware.rtc(5000); // the battery is empty
  const known = await s.now();
  await s.restart(5000);
  await s.near(known);
  assert.deepEqual([(await s.clock()).trusted, (await s.clock()).source], [false, 'saved']);
  s.hardware.rtc(EVENING); // and the next time the power came back for a while
  await s.restart(EVENING);
  assert.deepEqual([(await s.clock()).trusted, (await s.clock()).source], [false, 'saved']);
});

test('a clock set by hand while untrusted replaces the earlier offset', async (t) => {
  const s = await skewed(t, EVENING);
  await s.restart(EVENING - DAY); // goes on from the saved time
  assert.equal((await s.clock()).source, 'saved');
  s.say(EVENING + 3 * HOUR);
  await s.near(EVENING + 3 * HOUR);
  assert.deepEqual([(await s.clock()).trusted, (await s.clock()).offset_ms], [false, 0]);
});

test('a clock that runs a hundred times too fast makes no timer shorter', async (t) => {
  const s = await skewed(t, EVENING, { synchronised: true });
  expect(await s.cli.put('/api/v1/intake', { state: 'paused', resume_after_s: 30 * Math.ceil(pace) }), 200);
  s.step(0, { rate: 100 * Math.ceil(pace) });
  const began = await s.now();
  await pause(2000);
  assert.ok((await s.now()) - began > 100e3 * Math.ceil(pace));
  assert.equal((await s.cli.queue()).intake.state, 'paused');
});

test('up for 40 days: timers come on time, durations are right', async (t) => {
  const s = await skewed(t, EVENING, { synchronised: true, uptime: 40 * DAY });
  assert.ok((await s.clock()).mono_ms > 40 * DAY);
  await s.cli.issue({});
  expect(await s.cli.put('/api/v1/intake', { state: 'paused', resume_after_s: 1 }), 200);
  const began = performance.now();
  await waitFor(async () => (await s.cli.queue()).intake.state === 'open', { what: 'the end of the pause' });
  assert.ok(performance.now() - began > 700);
  expect(await s.cli.get('/healthz'), 200);
  const { ticket } = expect(await s.cli.post('/api/v1/call-next', {}), 200);
  assert.equal(ticket.state, 'called');
  expect(await s.cli.post('/api/v1/undo', {}), 200);
  assert.ok(s.events('ticket.called')[0].mono_ms > 40 * DAY);
});
