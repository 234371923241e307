// Runs the commands that the documents give to the owner of a box, as a user who may use sudo. The commands are read from
// the documents, which are on this disk.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from '../../lib/test.mjs';
import { toRun } from '../../docs/table.mjs';
import { answers, check, inner, radioUp, run, system, until, within } from './machine.mjs';
import { press } from './panel.mjs';

const { take, allTaken } = toRun('box');
const architecture = (await run('dpkg', ['--print-architecture'])).trim();
const HOME = '/srv/pi';
const home = (name) => `${HOME}/${name}`;

/** Runs a line in a login shell of the user. */
const type = (line, { any = false } = {}) => {
  const [program, args] = within('booth', 'runuser', '--login', 'pi', '--command', line);
  return run(program, args, { any });
};

check('a machine without the package, and a user', 120, async () => {
  await run('dpkg', ['--purge', 'boothd']);
  if ((await run('id', ['pi'], { any: true })).status) await run('useradd', ['--create-home', '--home-dir', HOME, '--shell', '/bin/bash', '--groups', 'gpio', 'pi']);
  fs.writeFileSync('/etc/sudoers.d/pi', 'pi ALL=(ALL) NOPASSWD: ALL\n', { mode: 0o440 });
  for (const name of fs.readdirSync('/guest').filter((n) => n.endsWith('.deb'))) fs.copyFileSync(`/guest/${name}`, home(name));
  await run('modprobe', ['mac80211_hwsim']);
});

check('the package is installed, and setup\'s questions lead to a working access point', 300, async () => {
  await type(take('sudo apt install ./boothd_*_arm64.deb', { arm64: architecture }));
  // name, time zone, interface, country; Enter for the others
  const said = await type(`printf '%s\\n' 'Guide' Asia/Seoul wlan0 KR '' '' '' '' '' '' '' '' | ${take('sudo boothctl setup')}`);
  assert.match(said, /PIN/);
  await answers();
  await radioUp(90);
  assert.equal((await system()).booth.name, 'Guide');
});

check('boothctl is for root and for members of the group', 60, async () => {
  const { status, stderr } = await type('boothctl status', { any: true });
  assert.deepEqual([status, /try it with sudo/.test(stderr)], [3, true], stderr);
  await type(take('sudo usermod --append --groups boothd "$USER"'));
  await type('boothctl status');
});

check('label, backup, doctor', 120, async () => {
  await type(take('sudo boothctl label >label.html'));
  assert.match(fs.readFileSync(home('label.html'), 'utf8'), /^<!doctype html>/i);
  await type(take('sudo boothctl backup FILE', { FILE: 'guide.db' }));
  assert.ok(fs.statSync(home('guide.db')).size > 4096);
  const { status, stdout } = await type(take('sudo boothctl doctor'), { any: true });
  assert.ok(status <= 1 && stdout, 'it prints its findings');
});

check('setup --file changes the name and adds a panel', 120, async () => {
  fs.writeFileSync(home('booth-17.conf'), 'booth_name = Seventeen\npanel = gpio\nbutton_line = booth-panel/button\nled_line = booth-panel/led\nbuzzer_line = booth-panel/buzzer\n');
  await type(`yes | ${take('sudo boothctl setup --file booth-17.conf')}`); // it asks whether to replace the file
  await answers();
  const { booth, panel } = await system();
  assert.deepEqual([booth.name, panel.backend], ['Seventeen', 'gpio']);
  await type(take('gpioinfo'));
  await type(take('sudo boothctl panel'));
  await type(take('sudo boothctl panel test led fast'));
  await type(take('sudo boothctl panel test buzzer call'));
  const watched = type(`timeout --signal=INT 20 ${take('sudo boothctl panel watch')} >watched`, { any: true });
  await until('the press to be shown', 20, async () => {
    await press();
    return /press: short/.test(fs.readFileSync(home('watched'), 'utf8'));
  }, { every: 3000 });
  await watched;
});

check('restart, status, logs, and a Wi-Fi that is taken down', 300, async () => {
  await type(take('sudo systemctl restart boothd.target'));
  await answers();
  await type(take('sudo systemctl restart boothd'));
  await answers();
  const { stdout } = await type(take("systemctl status 'boothd*'"), { any: true }); // the exit status is that of the last unit
  assert.match(stdout, /boothd\.service.*\n[^]*active \(running\)/);
  assert.match(await type(take("sudo journalctl -u 'boothd*'")), /boothd/);
  assert.match(await type(take("sudo journalctl -u 'boothd*' -n 100")), /boothd/);
  await radioUp(90);
  await type(take('sudo ip link set wlan0 down'));
  await until('boothd to see it', 30, async () => (await system()).radio.state !== 'up');
  await radioUp(120);
});

check('the package is removed and purged', 180, async () => {
  await type(`yes | ${take('sudo apt remove boothd')}`);
  assert.deepEqual(['/usr/bin/boothd', '/var/lib/boothd/booth.db'].map((path) => fs.existsSync(path)), [false, true]);
  await assert.rejects(inner.get('/healthz'));
  await type(`yes | ${take('sudo apt purge boothd')}`);
  assert.deepEqual(['/etc/boothd', '/var/lib/boothd'].map((path) => fs.existsSync(path)), [false, false]);
});

test('every command of this file was run', allTaken);
