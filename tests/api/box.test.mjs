// Health, metrics, system, clock, panel.
import assert from 'node:assert/strict';
import { after, describe, test } from '../lib/test.mjs';
import { Booth, shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { waitFor } from '../lib/wait.mjs';

const booth = await shared(after);
const manager = await booth.signIn('manager');
const cli = booth.cli();

test('healthz is open to all and says that writes reach the disk', async () => {
  assert.deepEqual(expect(await booth.client().get('/healthz'), 200), { status: 'ok' });
});

test('metrics: for the manager and the socket, in Prometheus text, with counts of commands', async () => {
  expect(await booth.client().get('/metrics'), 401, 'not_signed_in');
  const read = async () => {
    const { text } = await cli.get('/metrics');
    for (const line of text.trim().split('\n'))
      assert.match(line, /^(# (HELP|TYPE) boothd_\w+ .+|boothd_\w+(\{(\w+="[^"]*",?)+\})? -?[0-9.e+-]+|boothd_\w+_bucket\{.*le="\+Inf"\} \d+)$/);
    return Object.fromEntries(text.split('\n').filter((l) => l && l[0] !== '#').map((l) => [l.slice(0, l.lastIndexOf(' ')), Number(l.slice(l.lastIndexOf(' ') + 1))]));
  };
  const before = await read();
  for (let i = 0; i < 3; i++) await manager.issue();
  const after = await read();
  const issued = Object.keys(after).find((k) => /commands/.test(k) && /issue/.test(k));
  assert.equal(after[issued], before[issued] + 3);
  assert.ok(Object.keys(after).some((k) => /wal/.test(k)) && Object.keys(after).some((k) => /rss|resident/.test(k)));
});

test('system: version, storage, loop, memory', async () => {
  const system = expect(await manager.get('/api/v1/system'), 200);
  assert.ok(system.storage.ok && system.storage.db_bytes + system.storage.wal_bytes > 0 && system.storage.free_bytes > 0);
  assert.ok(system.memory.rss_bytes > 1 << 20);
  assert.equal(system.clock.trusted, true);
  assert.equal(system.panel.backend, 'sim');
  assert.equal(system.booth.epoch, (await manager.queue()).booth.epoch);
});

describe('the clock', () => {
  test('a trusted clock accepts no other time', async () => {
    expect(await manager.post('/api/v1/system/clock', { now: new Date(Date.now() + 3600e3).toISOString() }), 409, 'wrong_state');
  });

  test('a repeated offer of a time gets the same answer and changes nothing', async () => {
    const own = await Booth.start({ set: { trust_clock: 'no' } });
    try {
      const staff = await own.signIn();
      const offset = async () => expect(await own.cli().get('/api/v1/system'), 200).clock.offset_ms;
      const steps = () => own.query(`SELECT count(*) AS n FROM event WHERE text LIKE '%"type":"clock.stepped"%'`)[0].n;
      const offer = (hours, key, to = staff) => to.post('/api/v1/system/clock', { now: new Date(at + hours * 3600e3).toISOString() }, { key });
      const at = Date.now();
      const first = expect(await offer(2, 'a'), 200);
      const moved = await offset();
      assert.deepEqual(expect(await offer(2, 'a'), 200), first);
      expect(await offer(3, 'a'), 422, 'key_reused');
      expect(await offer(1, 'b'), 409, 'wrong_state');
      expect(await offer(1, 'b'), 409, 'wrong_state'); // a refusal is not kept
      assert.equal(await offset(), moved);
      const other = await own.signIn('staff', 'Mina');
      const twins = await Promise.all([staff, other, staff, other].map((to) => offer(4, 'c', to)));
      assert.deepEqual(new Set(twins.map((t) => `${t.status} ${t.json.seq}`)).size, 1);
      expect(twins[0], 200);
      assert.equal(steps(), 2);
      await own.restart();
      assert.deepEqual(expect(await offer(2, 'a', await own.signIn()), 200), first);
      assert.equal(steps(), 2);
    } finally {
      await own.stop();
    }
  });

  test('an untrusted clock: forward only, at most 12 h in all, journalled, still untrusted', async () => {
    const own = await Booth.start({ set: { trust_clock: 'no' } });
    try {
      const staff = await own.signIn();
      const offer = (ms) => staff.post('/api/v1/system/clock', { now: new Date(Date.now() + ms).toISOString() });
      const offset = async () => expect(await own.cli().get('/api/v1/system'), 200).clock.offset_ms;
      assert.equal((await staff.queue()).clock.trusted, false);
      expect(await offer(-3600e3), 409, 'wrong_state');
      const asked = Date.now();
      expect(await offer(6 * 3600e3), 200);
      const late = 6 * 3600e3 - (await offset()); // as long as the way to the booth
      assert.ok(late >= -1 && late <= Date.now() - asked, `${late} ms`);
      expect(await offer(5 * 3600e3), 409, 'wrong_state');
      expect(await offer(13 * 3600e3), 409, 'wrong_state');
      expect(await offer(11 * 3600e3), 200);
      const system = expect(await own.cli().get('/api/v1/system'), 200);
      assert.deepEqual([system.clock.trusted, system.clock.source], [false, 'phone']);
      const issued = (await staff.issue()).ticket.issued_at;
      const behind = Date.now() + 11 * 3600e3 - Date.parse(issued);
      assert.ok(behind >= -1 && behind <= Date.now() - asked, `${behind} ms`);
      for (const now of ['yesterday', '2026-09-11', '2026-09-11T10:03:07+09:00', 5]) assert.equal((await staff.post('/api/v1/system/clock', { now })).status, 400);
      await own.restart();
      const after = await own.cli().get('/api/v1/system');
      assert.ok(Date.parse(after.json.clock.now) >= Date.parse(issued), 'time does not go back over a restart');
    } finally {
      await own.stop();
    }
  });
});

describe('the panel', () => {
  const press = async (ms) => assert.equal((await cli.post('/api/v1/system/panel/press', { ms })).status, 202);
  const clear = async () => {
    for (const t of (await cli.queue()).tickets) if (['waiting', 'called'].includes(t.state)) await cli.act(t.id, 'cancel');
  };
  const panel = async () => expect(await manager.get('/api/v1/system/panel'), 200);

  test('the LED: off or steady as guests wait; a press with nobody waiting blinks', async () => {
    await clear();
    await waitFor(async () => (await panel()).led_pattern !== 'steady', { what: 'LED not steady' });
    const stream = await manager.stream('/api/v1/system/panel/stream');
    await press(50);
    await stream.next((e) => e.data.led_pattern === 'blink', { what: 'blink' });
    stream.close();
    await manager.issue();
    await waitFor(async () => (await panel()).led_pattern === 'steady', { what: 'LED steady' });
  });

  test('a short press calls the next one, a long press seats the last called; the buzzer sounds', async () => {
    await clear();
    const { ticket } = await manager.issue();
    const stream = await manager.stream('/api/v1/system/panel/stream');
    await stream.next((e) => e.event === 'panel');
    await press(100);
    await stream.next((e) => e.data.gesture === 'short', { what: 'the short press' });
    await stream.next((e) => e.data.buzzer && e.data.buzzer_pattern === 'call', { what: 'the buzzer' });
    const called = await waitFor(async () => { const t = await manager.ticket(ticket.id); return t.state === 'called' && t; }, { what: 'the call' });
    assert.equal(called.actor, 'button');
    await press(900);
    await stream.next((e) => e.data.gesture === 'long', { what: 'the long press' });
    await waitFor(async () => (await manager.ticket(ticket.id)).state === 'seated', { what: 'seated' });
    await stream.next((e) => e.data.buzzer_pattern === 'idle' && !e.data.buzzer, { from: stream.events.length - 1, what: 'silence' });
    stream.close();
  });

  test('a press within 2 s of any call of its line is ignored', async () => {
    const stream = await manager.stream('/api/v1/system/panel/stream');
    let b, called;
    do { // until it is a press within 2 s, whatever holds up this machine
      await clear();
      const { ticket: a } = await manager.issue();
      ({ ticket: b } = await manager.issue());
      const from = stream.events.length;
      called = performance.now();
      await manager.act(a.id, 'call');
      await press(50);
      await stream.next((e) => e.data.gesture === 'short', { from, what: 'the press' });
    } while (performance.now() - called >= 2000);
    await manager.issue();
    assert.equal((await manager.ticket(b.id)).state, 'waiting');
    stream.close();
  });

  test('a test of LED and buzzer; presses are reported on the staff stream meanwhile', async () => {
    const stream = await manager.stream();
    await stream.snapshot();
    const { seq } = await manager.queue();
    const shown = await manager.stream('/api/v1/system/panel/stream'); // it is over soon
    assert.equal((await manager.post('/api/v1/system/panel-test', { buzzer: 'error' })).status, 202);
    await shown.next((e) => e.data.buzzer_pattern === 'error', { what: 'the buzzer' });
    assert.equal((await manager.post('/api/v1/system/panel-test', { led: 'fast' })).status, 202);
    await shown.next((e) => e.data.led_pattern === 'fast', { what: 'the LED' });
    shown.close();
    await press(50);
    await stream.next((e) => e.event === 'panel' && e.data.gesture === 'short', { what: 'the press' });
    assert.equal((await manager.queue()).seq, seq, 'a tested button commands nothing');
    for (const body of [{}, { led: 'red' }, { buzzer: 'song' }, { led: 'fast', buzzer: 'call' }])
      expect(await manager.post('/api/v1/system/panel-test', body), 400, 'invalid_field');
    stream.close();
  });

  test('without a panel everything else works', async () => {
    const own = await Booth.start({ set: { panel: 'none' } });
    try {
      const socket = own.cli();
      expect(await socket.post('/api/v1/system/panel/press', { ms: 50 }), 404, 'not_found');
      assert.equal(expect(await socket.get('/api/v1/system/panel'), 200).backend, 'none');
      await socket.issue();
      await socket.callNext();
    } finally {
      await own.stop();
    }
  });
});
