// Signing in and out, roles, revoking, guessing.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { Booth, PINS, shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { waitFor } from '../lib/wait.mjs';

const booth = await shared(after);
const SESSION = '/api/v1/session';

test('a PIN signs a device in, by role; the cookie cannot be read by scripts or sent across sites', async () => {
  for (const role of ['staff', 'manager']) {
    const client = booth.client();
    const answer = await client.post(SESSION, { pin: PINS[role], device: 'Mina' });
    assert.deepEqual(expect(answer, 200), { role, device: 'Mina' });
    const cookie = answer.headers['set-cookie'][0];
    assert.match(cookie, /^boothd=[^;]{20,};/);
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Strict/);
    assert.deepEqual(expect(await client.get(SESSION), 200), { role, device: 'Mina' });
  }
});

test('without a session, with a made-up one, and after signing out', async () => {
  const stranger = booth.client();
  expect(await stranger.get(SESSION), 401, 'not_signed_in');
  expect(await stranger.get('/api/v1/queue'), 401, 'not_signed_in');
  expect(await stranger.post('/api/v1/tickets', { party_size: 2 }), 401, 'not_signed_in');
  expect(await stranger.get('/api/v1/system'), 401, 'not_signed_in');
  stranger.cookie = 'boothd=' + 'A'.repeat(43);
  expect(await stranger.get('/api/v1/queue'), 401, 'not_signed_in');

  const staff = await booth.signIn();
  const before = staff.cookie;
  assert.equal((await staff.delete(SESSION)).status, 204);
  staff.cookie = before;
  expect(await staff.get('/api/v1/queue'), 401, 'not_signed_in');
});

test('staff may use the queue, only a manager the box; the unix socket is a manager', async () => {
  const staff = await booth.signIn();
  for (const path of ['/api/v1/system', '/api/v1/system/settings', '/api/v1/system/devices', '/api/v1/system/backup',
    '/api/v1/system/label', '/api/v1/days', '/metrics'])
    expect(await staff.get(path), 403, 'forbidden');
  expect(await staff.put('/api/v1/system/settings', { name: 'x' }), 403, 'forbidden');
  expect(await staff.post('/api/v1/days'), 403, 'forbidden');
  const manager = await booth.signIn('manager');
  assert.equal((await manager.get('/api/v1/system')).status, 200);
  await manager.queue();
  assert.deepEqual(expect(await booth.cli().get(SESSION), 200), { role: 'manager', device: 'boothctl' });
  expect(await manager.post('/api/v1/system/panel/press', { ms: 100 }), 404, 'not_found');
});

test('invalid sign-in bodies', async () => {
  const client = booth.client();
  for (const [body, field] of [[{}, 'pin'], [{ pin: 1234, device: 'x' }, 'pin'], [{ pin: '1234', device: '' }, 'device'],
    [{ pin: '1234', device: 'x'.repeat(41) }, 'device'], [{ pin: '1234', device: 'x', role: 'manager' }, 'role']])
    assert.equal(expect(await client.post(SESSION, body), 400, 'invalid_field').field, field);
  await client.signIn(PINS.staff, '민아'.repeat(20));
});

test('revoking a device ends its streams and its session, and nobody else’s', async () => {
  const manager = await booth.signIn('manager', 'boss');
  const lost = await booth.signIn('staff', 'lost phone');
  const kept = await booth.signIn('staff', 'kept phone');
  const streams = await Promise.all([lost.stream(), kept.stream()]);
  await Promise.all(streams.map((s) => s.snapshot()));
  const devices = expect(await manager.get('/api/v1/system/devices'), 200).devices;
  const device = devices.find((d) => d.name === 'lost phone');
  assert.equal(device.role, 'staff');
  assert.equal(device.streams, 1);
  assert.equal((await manager.delete(`/api/v1/system/devices/${device.id}`)).status, 204);
  await waitFor(() => streams[0].ended, { what: 'the end of the revoked stream' });
  expect(await lost.get('/api/v1/queue'), 401, 'not_signed_in');
  await kept.queue();
  assert.equal(streams[1].ended, false);
  streams.forEach((s) => s.close());
  expect(await manager.delete(`/api/v1/system/devices/${device.id}`), 404, 'not_found');
});

test('signing out ends the device’s streams', async () => {
  const staff = await booth.signIn();
  const stream = await staff.stream();
  await stream.snapshot();
  await staff.delete(SESSION);
  await waitFor(() => stream.ended, { what: 'the end of the stream' });
});

test('sessions outlive a restart', async () => {
  const staff = await booth.signIn('staff', 'evening phone');
  await booth.restart();
  assert.deepEqual(expect(await staff.get(SESSION), 200), { role: 'staff', device: 'evening phone' });
});

test('a sixty-fifth device signs out the one unseen for longest', async () => {
  const own = await Booth.start();
  try {
    const first = await own.signIn('staff', 'first');
    const second = await own.signIn('staff', 'second');
    for (let i = 3; i <= 64; i++) await own.signIn('staff', `phone ${i}`);
    await first.queue();
    await own.signIn('staff', 'one more');
    const names = expect(await own.cli().get('/api/v1/system/devices'), 200).devices.map((d) => d.name);
    assert.equal(names.length, 64);
    assert.ok(names.includes('one more'));
    assert.ok(!(names.includes('first') && names.includes('second')));
    assert.equal([await first.get(SESSION), await second.get(SESSION)].filter((a) => a.status === 401).length, 1);
  } finally {
    await own.stop();
  }
});

test('guessing is slowed down; signed-in phones, the button and the socket go on', async () => {
  const own = await Booth.start();
  try {
    const staff = await own.signIn();
    const guesser = own.client();
    const answers = [];
    for (let i = 0; i < 14; i++) answers.push(await guesser.post(SESSION, { pin: String(100000 + i), device: 'x' }));
    for (const a of answers) assert.ok([401, 429].includes(a.status), a.text);
    assert.equal(answers[0].json.code, 'wrong_pin');
    const last = answers.at(-1);
    expect(last, 429, 'rate_limited');
    assert.ok(last.json.retry_after_s >= 1);
    assert.equal(Number(last.headers['retry-after']), last.json.retry_after_s);
    assert.ok(answers.filter((a) => a.status === 401).length <= 10, 'at most ten guesses are looked at');
    expect(await guesser.post(SESSION, { pin: PINS.staff, device: 'x' }), 429, 'rate_limited');
    await staff.issue();
    await staff.callNext();
    await own.cli().queue();
  } finally {
    await own.stop();
  }
});
