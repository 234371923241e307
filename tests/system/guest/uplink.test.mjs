// A phone's time, and uplinks.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { spawn } from 'node:child_process';
import { before } from '../../lib/test.mjs';
import { Station, label, phone } from './air.mjs';
import { box, check, inside, note, radioUp, run, system, systemctl, until, within } from './machine.mjs';
import { pace, scaled } from '../../lib/pace.mjs';

const OUT = '198.51.100.1';
const station = new Station('sta');

before(async () => { await station.online(await label()); }, { timeout: scaled(120000) });

check('a phone sets a clock that is hours slow, and it stays untrusted', 30, async () => {
  const staff = phone();
  await staff.signIn((await label()).staff, 'phone');
  const slow = (await system()).clock;
  assert.equal(slow.trusted, false);
  const right = new Date(Date.parse(slow.now) + 3 * 3600 * 1000);
  assert.equal((await staff.post('/api/v1/system/clock', { now: right.toISOString() })).status, 200);
  const { clock } = await system();
  note(`${slow.now} (${slow.source}) became ${clock.now} (${clock.source})`);
  assert.ok(Math.abs(Date.parse(clock.now) - right) < 30000);
  assert.deepEqual([clock.trusted, clock.source], [false, 'phone']);
  const { ticket } = await staff.issue({ party_size: 1 });
  assert.ok(Math.abs(Date.parse(ticket.issued_at) - right) < 30000);
  const far = await staff.post('/api/v1/system/clock', { now: new Date(+right + 24 * 3600 * 1000).toISOString() });
  assert.notEqual(far.status, 200);
  await staff.act(ticket.id, 'cancel');
  staff.close();
});

check('a new or lost uplink is noticed within a second', 30, async () => {
  assert.equal((await system()).uplink.online, false);
  await box('ip', 'netns', 'add', 'out');
  await box('ip', 'link', 'add', 'uplink0', 'type', 'veth', 'peer', 'name', 'far', 'netns', 'out');
  await inside('out', 'ip', 'address', 'add', `${OUT}/24`, 'dev', 'far');
  await inside('out', 'ip', 'link', 'set', 'far', 'up');
  await box('ip', 'address', 'add', '198.51.100.2/24', 'dev', 'uplink0');
  await box('ip', 'link', 'set', 'uplink0', 'up');
  for (let i = 0; i < 3; i++) {
    await box('ip', 'route', 'add', 'default', 'via', OUT);
    const came = await until('the uplink to be noticed', 10, async () => (await system()).uplink.online, { every: 10 });
    assert.equal((await system()).uplink.interface, 'uplink0');
    if (i < 2) await box('ip', 'route', 'del', 'default');
    const went = i < 2 && await until('its end to be noticed', 10, async () => !(await system()).uplink.online, { every: 10 });
    note(`came ${came.toFixed(2)} s${went === false ? '' : `, went ${went.toFixed(2)} s`}`);
    assert.ok(came < pace && went < pace);
  }
});

check('phones cannot use the uplink unless share_uplink is set', 90, async () => {
  const [program, args] = within('out', 'busybox', 'httpd', '-f', '-p', `${OUT}:80`, '-h', '/usr/share/common-licenses');
  const server = spawn(program, args, { stdio: 'ignore' });
  const reach = async (seconds) => run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-m', String(seconds), `http://${OUT}/GPL-3`], { any: true });
  try {
    await until('the server outside', 10, async () => (await box('curl', '-s', '-m', '2', `http://${OUT}/GPL-3`)).includes('GNU'));
    const begun = performance.now();
    const shut = await reach(10);
    note(`from the Wi-Fi: curl ${shut.status} after ${(performance.now() - begun).toFixed(0)} ms`);
    assert.equal(shut.status, 7); // refused, not timed out
    assert.equal((await run('busybox', ['ping', '-c', '2', '-W', '2', OUT], { any: true })).status, 1);

    const file = '/etc/boothd/boothd.conf', text = fs.readFileSync(file, 'utf8');
    const set = async (to) => {
      fs.writeFileSync(file, to);
      await systemctl('restart', 'boothd-firewall.service');
      await until('the Wi-Fi again', 60, async () => (await station.status()).wpa_state === 'COMPLETED', { every: 250 });
    };
    await set(`${text}\nshare_uplink = yes\n`);
    await until('phones to reach the uplink', 30, async () => (await reach(3)).stdout === '200', { every: 250 });
    await set(text);
    await until('phones to be refused', 30, async () => (await reach(3)).status === 7, { every: 250 });
  } finally {
    server.kill();
    await box('ip', 'link', 'del', 'uplink0');
  }
});

check('the doctor finds no fault, and names a real one', 60, async () => {
  const well = await run(...within('booth', 'env', 'LANG=C', 'boothctl', 'doctor'), { any: true });
  console.log(well.stdout + well.stderr);
  assert.equal(well.status, 0, well.stdout);
  await run('systemctl', ['mask', '--runtime', '--now', 'boothd-ap.service']);
  try {
    const ill = await run(...within('booth', 'env', 'LANG=C', 'boothctl', 'doctor'), { any: true });
    assert.notEqual(ill.status, 0);
    assert.match(ill.stdout, /boothd-ap/);
  } finally {
    await run('systemctl', ['unmask', '--runtime', 'boothd-ap.service']);
    await run('systemctl', ['start', 'boothd-ap.service', 'boothd-lan.service']);
  }
  await radioUp(60);
});
