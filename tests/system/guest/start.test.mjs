// The second boot, as on every evening: no radio yet, a clock that is hours slow, and no network.
import assert from 'node:assert/strict';
import { moveRadios } from './air.mjs';
import { answers, box, check, inner, note, radioUp, run, system, systemctl, unit, until } from './machine.mjs';

const units = ['boothd.service', 'boothd-ap.service', 'boothd-lan.service', 'boothd-firewall.service'];

check('boothd is ready without a radio, and accepts commands', 60, async () => {
  await answers();
  const { ActiveState, ActiveEnterTimestampMonotonic } = await unit('boothd.service', 'ActiveState', 'ActiveEnterTimestampMonotonic');
  assert.equal(ActiveState, 'active');
  note(`ready ${ActiveEnterTimestampMonotonic.toFixed(1)} s after the kernel`);
  assert.ok(!(await box('ip', '-br', 'link')).includes('wlan0'));
  assert.equal((await inner.issue({ party_size: 2 })).ticket.state, 'waiting');
});

check('a radio that appears late is used', 90, async () => {
  await run('modprobe', ['mac80211_hwsim']);
  note(`on the air ${(await radioUp(60)).toFixed(1)} s after its driver`);
  await moveRadios();
  for (const name of units) assert.equal((await unit(name, 'ActiveState')).ActiveState, 'active', name);
  assert.ok([1, 6, 11].includes((await system()).radio.channel));
});

check('the start of boothd waits for no network, clock, entropy or radio', 90, async () => {
  const chain = () => run('systemd-analyze', ['critical-chain', 'boothd.service', '--no-pager']);
  await until('the machine to have started', 60, chain, { every: 250 });
  console.log(await chain());
  console.log((await run('systemd-analyze', ['blame', '--no-pager'])).split('\n').slice(0, 15).join('\n'));
  const before = await systemctl('list-dependencies', '--after', '--plain', '--no-pager', 'boothd.service');
  assert.match(before, /boothd\.socket/); // the list is not empty
  assert.doesNotMatch(before, /network-online|wait-online|time-s|wait-sync|boothd-(ap|lan)|hostapd|rfkill|\.device/);
  const socket = await systemctl('list-dependencies', '--after', '--plain', '--no-pager', 'boothd.socket');
  assert.doesNotMatch(socket, /network-online|wait-online|time-s|wait-sync|boothd-(ap|lan)/);
});

check('the exposure of boothd is 1.5 or less', 60, async () => {
  const said = await run('systemd-analyze', ['security', '--no-pager', 'boothd.service']);
  const [, score] = /Overall exposure level for boothd\.service: ([\d.]+)/.exec(said);
  note(`systemd-analyze security boothd.service: ${score}`);
  assert.ok(Number(score) <= 1.5, said);
});
