// An evening: a phone joins with the label, staff sign in, issue and call, and the phone stays.
import assert from 'node:assert/strict';
import http from 'node:http';
import { connect } from '../../lib/raw.mjs';
import { Station, label, phone } from './air.mjs';
import { check, note, system, until, uptime } from './machine.mjs';
import { pace } from '../../lib/pace.mjs';

const station = new Station('sta');
let printed, lease;

check('a station joins by the name and the passphrase on the label', 60, async () => {
  printed = await label();
  const begun = uptime();
  lease = await station.online(printed);
  note(`${printed.ssid} joined, with an address, in ${(uptime() - begun).toFixed(1)} s`);
});

check('the lease lasts an hour or more, and the booth sees the station and its signal', 60, async () => {
  assert.match(lease.ip, /^10\.83\.6[4-7]\.\d+$/);
  assert.deepEqual([lease.mask, lease.router, lease.dns], [22, '10.83.64.1', '10.83.64.1']);
  assert.ok(lease.lease >= 3600);
  await until('the booth to see it', 30, async () => (await system()).radio.stations.length === 1);
  const [{ signal_dbm }] = (await system()).radio.stations;
  assert.ok(signal_dbm < 0 && signal_dbm > -100, `${signal_dbm} dBm`);
});

check('both names of the booth resolve, and no other', 30, async () => {
  assert.deepEqual(await station.resolver.resolve4('booth.internal'), ['10.83.64.1']);
  assert.deepEqual(await station.resolver.resolve4('booth'), ['10.83.64.1']);
  await assert.rejects(station.resolver.resolve4('www.example.org'), { code: 'ENOTFOUND' });
});

check('staff sign in with the PIN on the label, issue and call; the stream has it', 60, async () => {
  const staff = phone();
  await staff.signIn(printed.staff, '민아');
  const stream = await staff.stream('/api/v1/stream', { headers: { Host: 'booth.internal' } });
  await stream.snapshot({ timeout: 20000 });
  if (!(await staff.queue()).tickets.some((t) => t.state === 'waiting')) await staff.issue(); // if this file runs alone
  const { ticket } = await staff.issue({ party_size: 4, name: '하늘' });
  const before = (await staff.queue()).tickets.find((t) => t.state === 'waiting');
  const { seq } = await staff.callNext({ expect: before.id });
  const event = await stream.change(seq, { timeout: 10000 });
  assert.deepEqual([event.data.type, event.data.ticket.id], ['ticket.called', before.id]);
  await staff.act(before.id, 'seat');
  await staff.act(ticket.id, 'call');
  await staff.act(ticket.id, 'seat');
  stream.close();
  const page = await staff.get('/', { contract: false });
  assert.equal(page.status, 200);
  assert.match(page.text, /<!doctype html>/i);
  staff.close();
});

check('phones\' probes get their makers\' answers, at a public address', 60, async () => {
  const get = async (host, path) => {
    const [address] = await station.resolver.resolve4(host);
    assert.equal(address, '192.0.2.80', host);
    return new Promise((resolve, reject) => {
      http.get({ host: address, path, headers: { Host: host } }, (response) => {
        let text = '';
        response.on('data', (part) => { text += part; }).on('end', () => resolve({ status: response.statusCode, text }));
      }).on('error', reject);
    });
  };
  assert.deepEqual(await get('connectivitycheck.gstatic.com', '/generate_204'), { status: 204, text: '' });
  const apple = await get('captive.apple.com', '/hotspot-detect.html');
  assert.equal(apple.status, 200);
  assert.match(apple.text, /<TITLE>Success<\/TITLE>.*<BODY>Success<\/BODY>/i);
  assert.deepEqual(await get('www.msftconnecttest.com', '/connecttest.txt'), { status: 200, text: 'Microsoft Connect Test' });
  assert.deepEqual(await station.resolver.resolve4('dns.msftncsi.com'), ['131.107.255.255']);
});

check('a probe by https is refused at once', 30, async () => {
  const begun = performance.now();
  const socket = connect({ host: '192.0.2.80', port: 443 });
  const error = await new Promise((resolve) => { socket.on('error', resolve).on('connect', () => resolve(null)); });
  assert.equal(error?.code, 'ECONNREFUSED');
  const took = performance.now() - begun;
  note(`refused after ${took.toFixed(0)} ms`);
  assert.ok(took < 1000 * pace);
});
