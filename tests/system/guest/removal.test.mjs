// Removal and purge of the package.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { before } from '../../lib/test.mjs';
import { Station, label } from './air.mjs';
import { box, check, run, unit, until } from './machine.mjs';
import { scaled } from '../../lib/pace.mjs';

before(async () => { await new Station('sta').online(await label()); }, { timeout: scaled(120000) }); // a phone is on its Wi-Fi

const remains = (...paths) => paths.filter((path) => fs.existsSync(path));

check('removal leaves no firewall, address, unit or process', 120, async () => {
  await run('dpkg', ['-r', 'boothd']);
  assert.ok(!(await box('nft', 'list', 'tables')).includes('boothd'));
  assert.doesNotMatch(await box('ip', 'address'), /10\.83\.64\.1|192\.0\.2\.80/);
  for (const name of ['boothd.target', 'boothd.service', 'boothd.socket', 'boothd-ap.service', 'boothd-lan.service', 'boothd-privop.path'])
    assert.deepEqual(Object.values(await unit(name, 'LoadState', 'ActiveState')), ['not-found', 'inactive'], name);
  await until('its programs to end', 10, async () => (await run('pgrep', ['-x', 'boothd|hostapd|dnsmasq'], { any: true })).status === 1);
  assert.deepEqual(remains('/usr/bin/boothd', '/usr/bin/boothctl', '/usr/lib/boothd', '/usr/share/boothd'), []);
  assert.deepEqual(remains('/etc/boothd/boothd.conf', '/var/lib/boothd/booth.db').length, 2); // kept for a later installation
});

check('purge leaves no file', 60, async () => {
  await run('dpkg', ['--purge', 'boothd']);
  assert.deepEqual(remains('/etc/boothd', '/var/lib/boothd', '/run/boothd', '/run/boothd-root', '/etc/systemd/system/multi-user.target.wants/boothd.target'), []);
  const left = await run('find', ['/etc', '/usr', '/var', '-xdev', '-iname', '*boothd*', '-not', '-path', '/var/lib/dpkg/*', '-not', '-path', '/var/log/*']);
  assert.equal(left, '');
});
