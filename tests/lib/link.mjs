// A cable between this machine and a network namespace for a booth, so that the booth's kernel reports an unplugged
// cable. link.wrap is the command that runs a program at its far end.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { waitFor } from './wait.mjs';

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** The reason to skip tests that need a link, or false. */
export const noLink =
  spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far']).status !== 0 &&
  'needs root, and a kernel with veth';

export class Link {
  static async start() {
    const it = new Link();
    // This process only keeps the network namespace alive.
    it.holder = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
    const orphan = () => it.holder.kill('SIGKILL');
    process.once('exit', orphan);
    it.holder.once('exit', () => process.removeListener('exit', orphan));
    const { pid } = it.holder;
    it.wrap = ['nsenter', '--net', `--target=${pid}`];
    const network = (of) => fs.readlinkSync(`/proc/${of}/ns/net`);
    await waitFor(() => network(pid) !== network('self'), { what: 'a network namespace' });
    const net = `10.${200 + (pid >> 14) % 50}.${(pid >> 6) & 255}`, last = (pid & 63) * 4; // a /30 unique to this process
    it.near = `${net}.${last + 1}`;
    it.far = `${net}.${last + 2}`;
    it.name = `link${pid}`;
    ip('link', 'add', it.name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
    ip('addr', 'add', `${it.near}/30`, 'dev', it.name);
    ip('link', 'set', it.name, 'up');
    it.inside('ip', 'link', 'set', 'lo', 'up');
    it.inside('ip', 'addr', 'add', `${it.far}/30`, 'dev', 'eth0');
    it.plug();
    return it;
  }

  inside(...command) {
    return execFileSync(this.wrap[0], [...this.wrap.slice(1), ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
  // Routes come and go with the link, as a network manager does it.
  plug() {
    this.inside('ip', 'link', 'set', 'eth0', 'up');
    this.inside('ip', 'route', 'add', 'default', 'via', this.near);
  }
  unplug() {
    this.inside('ip', 'link', 'set', 'eth0', 'down');
  }
  async stop() {
    this.holder.kill('SIGKILL'); // both ends disappear with the namespace
    await once(this.holder, 'exit');
  }
}
