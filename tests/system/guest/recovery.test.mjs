// The parts of the Wi-Fi fail in every way that can be simulated, and recover by themselves: a station that had joined
// reaches the booth again.
import assert from 'node:assert/strict';
import { Station, label, moveRadios, phone } from './air.mjs';
import { box, check, inner, note, pidOf, radioUp, run, system, unit, until } from './machine.mjs';

const station = new Station('sta');
/** Reaches the booth by its name, like a phone. A station that found a half-started access point waits 10 s and more. */
const reached = (seconds) => until('the station to reach the booth', seconds, async () => (await station.status()).wpa_state === 'COMPLETED' &&
  (await station.resolver.resolve4('booth')).length === 1 && (await phone().get('/healthz', { timeout: 3000 })).status === 200, { every: 250 });
const tries = async () => (await system()).radio.recovery.tries;

let address;

check('a station has joined', 60, async () => {
  address = (await station.online(await label())).ip;
});

for (const [name, service] of [['hostapd', 'boothd-ap.service'], ['dnsmasq', 'boothd-lan.service']])
  check(`${name} is killed`, 120, async () => {
    const pid = await pidOf(service);
    process.kill(pid, 'SIGKILL');
    const back = await until(`another ${name}`, 15, async () => ![0, pid].includes(await pidOf(service)));
    const joined = await reached(40);
    note(`another ${name} after ${back.toFixed(1)} s, the station reached the booth after ${(back + joined).toFixed(1)} s`);
    assert.equal((await station.lease()).ip, address);
  });

check('the interface is taken down: noticed although hostapd still runs', 120, async () => {
  const pid = await pidOf('boothd-ap.service'), before = await tries();
  await box('ip', 'link', 'set', 'wlan0', 'down');
  const seen = await until('the loss to be seen', 30, async () => (await system()).radio.state === 'down');
  const { seq } = (await inner.issue({ party_size: 2 })); // the queue works on
  assert.ok(seq > 0);
  const up = await radioUp(90);
  note(`seen after ${seen.toFixed(1)} s, on the air again ${up.toFixed(1)} s later, reached ${(await reached(60)).toFixed(1)} s after that`);
  assert.notEqual(await pidOf('boothd-ap.service'), pid);
  assert.ok((await tries()) > before);
  assert.equal((await system()).radio.recovery.step, 'ap-restart');
});

check('the driver is unloaded, and loaded again', 150, async () => {
  await station.leave(); // its radio has the same driver here
  await run('modprobe', ['-r', 'mac80211_hwsim']);
  await until('the loss to be seen', 30, async () => (await system()).radio.state === 'absent');
  await inner.issue({ party_size: 3 });
  await run('modprobe', ['mac80211_hwsim']);
  const up = await radioUp(60);
  await moveRadios();
  await station.join(await label());
  await station.lease();
  note(`on the air ${up.toFixed(1)} s after its driver; a new station reached it ${(await reached(30)).toFixed(1)} s after it had joined`);
  for (const name of ['boothd-ap.service', 'boothd-lan.service']) assert.equal((await unit(name, 'ActiveState')).ActiveState, 'active');
});
