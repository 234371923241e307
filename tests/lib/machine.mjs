// boothd-root in a folder with a configuration, boothd's state, and the rendered files.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from './boothd.mjs';
import { scaled } from './pace.mjs';

export const BOOTH = '5eed0000000000000000000000000001';

export class Machine {
  constructor(set = {}, { passphrase = 'correct horse 1', secrets = true } = {}) {
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-root-'));
    this.privops = path.join(this.dir, 'privops');
    for (const name of ['state', 'run', 'privops']) fs.mkdirSync(path.join(this.dir, name), { mode: 0o700 });
    const keys = { timezone: 'Asia/Seoul', country: 'KR', wifi_interface: 'wlan0', state_dir: path.join(this.dir, 'state'),
      socket: path.join(this.dir, 'boothd.sock'), ...set };
    fs.writeFileSync(path.join(this.dir, 'boothd.conf'), Object.entries(keys).map(([k, v]) => `${k} = ${v}\n`).join(''));
    if (secrets) {
      fs.writeFileSync(path.join(this.dir, 'state/secrets'), `staff_pin = 1234\nmanager_pin = 987654\nwifi_passphrase = ${passphrase}\n`);
      fs.writeFileSync(path.join(this.dir, 'state/identity'), `${BOOTH} ${'ab'.repeat(32)}\n`);
    }
  }

  // A dry run, which does not touch this machine: {status, stdout, stderr}.
  root(command) {
    const argv = ['--config', path.join(this.dir, 'boothd.conf'), '--run', path.join(this.dir, 'run'), '--dry-run', command];
    return spawnSync(path.join(build, 'boothd-root'), argv, { encoding: 'utf8', timeout: scaled(30000) });
  }

  // Runs lines of sh in a new network namespace, where `root COMMAND` runs boothd-root without --dry-run.
  script(lines) {
    return spawnSync('unshare', ['-n', 'sh', '-ec', `root() { ${this.command} "$@"; }\n${lines}`], { encoding: 'utf8', timeout: scaled(60000) });
  }

  get command() {
    return `"${path.join(build, 'boothd-root')}" --config "${this.dir}/boothd.conf" --run "${this.dir}/run"`;
  }

  file(name) {
    return path.join(this.dir, 'run', name);
  }
  read(name) {
    return fs.readFileSync(this.file(name), 'utf8');
  }
  remove() {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

export const namespaces = spawnSync('unshare', ['-n', 'nft', 'list', 'tables']).status === 0;
export const installed = (program) => spawnSync('sh', ['-c', `PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v ${program}`]).status === 0;
