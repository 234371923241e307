// boothctl setup makes a booth of an installed package.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { answers, box, check, note, radioUp, run, system, systemctl, unit } from './machine.mjs';

check('an installed package starts nothing before setup', 30, async () => {
  for (const name of ['boothd.service', 'boothd.socket', 'boothd-ap.service', 'boothd-lan.service', 'boothd-firewall.service']) {
    const { LoadState, ActiveState, Result } = await unit(name, 'LoadState', 'ActiveState', 'Result');
    assert.deepEqual([LoadState, ActiveState, Result], ['loaded', 'inactive', 'success'], name);
  }
  assert.ok(!(await box('nft', 'list', 'tables')).includes('boothd'));
  assert.ok(!fs.existsSync('/var/lib/boothd/booth.db'));
});

check('boothctl setup --file starts the booth, its access point and panel', 120, async () => {
  await run('modprobe', ['mac80211_hwsim']);
  fs.writeFileSync('/run/booth.conf', `booth_name = 민아네 부스
timezone = Asia/Seoul
wifi_interface = wlan0
country = KR
panel = gpio
button_line = booth-panel/button
led_line = booth-panel/led
buzzer_line = booth-panel/buzzer
`);
  note((await run('boothctl', ['setup', '--file', '/run/booth.conf'], { env: { LANG: 'C' } })).trim().replaceAll('\n', '\n    '));
  await answers();
  note(`on the air ${(await radioUp(90)).toFixed(1)} s later`);
  const { panel, booth } = await system();
  assert.deepEqual([panel.backend, panel.fault, booth.name], ['gpio', null, '민아네 부스']);
  const { mode, uid } = fs.statSync('/etc/boothd/boothd.conf');
  assert.deepEqual([mode & 0o777, uid], [0o640, 0]);
  assert.equal((await systemctl('is-enabled', 'boothd.target')).trim(), 'enabled');
});
