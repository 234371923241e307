// Settings, PINs, the label.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { PINS, shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';

const booth = await shared(after);
const PATH = '/api/v1/system/settings';
const manager = await booth.signIn('manager');
const get = async () => expect(await manager.get(PATH), 200);

test('the defaults', async () => {
  const { name, ...rest } = await get();
  assert.ok(name.length);
  assert.equal(rest.lines.length, 1);
  assert.deepEqual({ ...rest, lines: [rest.lines[0].prefix], texts: null },
    { lines: [''], no_show_after_s: 0, cutover: '06:00', languages: ['ko', 'en'], texts: null, panel: { double_press: false } });
});

test('what is absent keeps its value; the answer and the stream tell', async () => {
  const before = await get();
  const stream = await manager.stream();
  await stream.snapshot();
  const after = await manager.settings({ name: '떡볶이 부스', no_show_after_s: 300, cutover: '05:30', panel: { double_press: true } });
  assert.deepEqual(after, { ...before, name: '떡볶이 부스', no_show_after_s: 300, cutover: '05:30', panel: { double_press: true } });
  assert.deepEqual(await get(), after);
  const change = await stream.next((e) => e.data.type === 'settings.changed');
  assert.equal(change.data.settings, true);
  stream.close();
  assert.equal((await manager.queue()).booth.name, '떡볶이 부스');
  const texts = await manager.settings({ texts: { welcome: '안녕' } });
  assert.equal((await manager.settings({ texts: { closed: '끝' } })).texts.welcome, texts.texts.welcome);
});

test('they outlive a restart', async () => {
  const before = await get();
  await booth.restart();
  assert.deepEqual(await get(), before);
});

test('each limit', async () => {
  const bad = { name: '', cutover: '24:00', no_show_after_s: 59, languages: ['fr'], texts: { welcome: 'x'.repeat(201) }, panel: { double_press: 1 }, staff_pin: '123', manager_pin: '12ab56', colour: 'red' };
  const before = await get();
  for (const [field, value] of Object.entries(bad)) {
    const problem = expect(await manager.put(PATH, { [field]: value }), 400, 'invalid_field');
    assert.ok(problem.field.includes(field) || Object.keys(value)[0] === problem.field || problem.field.endsWith(Object.keys(value)[0]), `${problem.field} for ${field}`);
  }
  for (const body of [{ languages: [] }, { languages: ['ko', 'ko'] }, { languages: ['ko', 'en', 'ko'] }, { no_show_after_s: 86401 }, { name: 'x'.repeat(61) },
    { name: 'good', cutover: 'bad' }, { staff_pin: '1234567890123' }, { staff_pin: null }])
    assert.equal((await manager.put(PATH, body)).status, 400, JSON.stringify(body));
  assert.deepEqual(await get(), before, 'a refused change changes nothing');
});

test('PINs: never shown, never in the database, effective at once and after a restart', async () => {
  await manager.settings({ staff_pin: '24681357', manager_pin: '864200' });
  assert.ok(!('staff_pin' in (await get())));
  const client = booth.client();
  expect(await client.post('/api/v1/session', { pin: PINS.staff, device: 'x' }), 401, 'wrong_pin');
  assert.equal((await client.signIn('24681357', 'x')).role, 'staff');
  assert.equal((await client.signIn('864200', 'x')).role, 'manager');
  const secrets = path.join(booth.state, 'secrets');
  assert.equal(fs.statSync(secrets).mode & 0o077, 0);
  for (const file of fs.readdirSync(booth.state)) {
    const at = path.join(booth.state, file);
    if (file !== 'secrets' && fs.statSync(at).isFile()) assert.ok(!fs.readFileSync(at).includes('24681357'), `${file} holds a PIN`);
  }
  await booth.restart();
  assert.equal((await client.signIn('24681357', 'x')).role, 'staff');
});

test('the two PINs must differ', async () => {
  expect(await manager.put(PATH, { staff_pin: '555555', manager_pin: '555555' }), 400, 'invalid_field');
});

test('the label has the address and the PIN; the Wi-Fi code is an SVG', async () => {
  const label = await manager.get('/api/v1/system/label');
  assert.equal(label.status, 200);
  assert.match(label.text, /24681357/);
  assert.match(label.headers['cache-control'], /no-store/);
  const code = await manager.get('/api/v1/system/wifi.svg');
  assert.equal(code.status, 200);
  assert.match(code.text, /^(<\?xml[^>]*>\s*)?<svg[^>]*>[\s\S]*<\/svg>\s*$/);
});

test('the same key changes settings once', async () => {
  const put = (key) => manager.put(PATH, { name: '한 번' }, { key });
  expect(await put('settings-1'), 200);
  const { seq } = await manager.queue();
  expect(await put('settings-1'), 200);
  assert.equal((await manager.queue()).seq, seq);
  expect(await manager.put(PATH, { name: '두 번' }, { key: 'settings-1' }), 422, 'key_reused');
});
