// A script of ours as a person runs it: in a process group of its own, which Ctrl-C reaches whole.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './boothd.mjs';
import { waitFor } from './wait.mjs';

const AS_ROOT = process.getuid() === 0;
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/** A folder that each user may go through. */
export function folder(name) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  fs.chmodSync(dir, 0o755);
  return dir;
}

/** Who may run a script here: oneself, and for root somebody without any rights. Each with a home of his own. */
export function people(dir) {
  return [{ name: AS_ROOT ? 'root' : 'a user' }, ...(AS_ROOT ? [{ name: 'a user', uid: 65534 }] : [])].map((person, i) => {
    const home = path.join(dir, `home-${i}`);
    fs.mkdirSync(home);
    if (person.uid) fs.chownSync(home, person.uid, person.uid);
    return { ...person, home };
  });
}

/** A command in mounts of its own: mounts is {where: folder that is seen there}. */
export function mounted(mounts, argv) {
  const binds = Object.entries(mounts).flat();
  const script = 'for ((n = $1, i = 0; i < n; i++)); do mount --bind "$3" "$2" && shift 2 || exit; done; shift; exec "$@"';
  return ['unshare', '--mount', ...(AS_ROOT ? [] : ['--map-root-user']), 'bash', '-c', script, 'mounted', String(binds.length / 2), ...binds, ...argv];
}

/** Why there can be none here, as in a chroot without a mount under it, or false. */
export const noMounts = spawnSync(...(([program, ...args]) => [program, args])(mounted({}, ['true']))).status !== 0 && 'no mounts of its own for a process here';

export class Script {
  // person: of people(); terminal: it gets one; env: more environment
  constructor(argv, { person, terminal = false, env = {} } = {}) {
    this.output = '';
    const home = person ? { HOME: person.home } : {};
    let [program, ...args] = argv;
    let cwd = root;
    if (person?.uid) { // the tree may lie where others have no way to
      const tree = path.join(person.home, 'tree');
      fs.mkdirSync(tree, { recursive: true });
      [program, ...args] = mounted({ [tree]: root }, ['env', '-C', tree, 'setpriv', ...NOBODY, ...argv]);
    }
    if (terminal) [program, ...args] = ['script', '--quiet', '--return', '--command', [program, ...args].map((word) => `'${word}'`).join(' '), '/dev/null'];
    const { XDG_STATE_HOME: _, ...environment } = process.env;
    this.child = spawn(program, args, { cwd, env: { ...environment, ...home, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (chunk) => { this.output += chunk; });
    const orphan = () => this.signal('SIGKILL');
    process.once('exit', orphan);
    this.exit = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (status, signal) => {
        process.removeListener('exit', orphan);
        this.status = status ?? signal;
        resolve(this.status);
      });
    });
  }

  /** What is printed, as soon as it is: the match. */
  said(pattern) {
    return waitFor(() => {
      const found = pattern.exec(this.output);
      if (!found && this.status !== undefined) throw new Error(`it ended (${this.status}) before it said ${pattern}`);
      return found;
    }, { timeout: 60000, what: String(pattern) }).catch((error) => {
      throw new Error(`${error.message}\n${this.output}`);
    });
  }

  signal(name, { all = true } = {}) {
    try {
      process.kill(all ? -this.child.pid : this.child.pid, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
  ctrlC() {
    this.signal('SIGINT');
    return this.exit;
  }
}

/** Runs it to its end: {status, output}. */
export async function script(argv, options) {
  const it = new Script(argv, options);
  await it.exit;
  return it;
}

/** A folder that comes first in PATH: {name: text of a program}. */
export function programs(dir, texts) {
  const bin = path.join(dir, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  for (const [name, text] of Object.entries(texts)) fs.writeFileSync(path.join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  return { PATH: `${bin}:${process.env.PATH}` };
}
