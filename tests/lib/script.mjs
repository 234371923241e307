// Runs one of our scripts as a person does: in its own process group, to which Ctrl-C is sent.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './boothd.mjs';
import { waitFor } from './wait.mjs';

const AS_ROOT = process.getuid() === 0;
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/** A folder that every user may enter. */
export function folder(name) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  fs.chmodSync(dir, 0o755);
  return dir;
}

/** The users that run scripts here: this one and, if that is root, one without rights; each with its own home. */
export function people(dir) {
  return [{ name: AS_ROOT ? 'root' : 'a user' }, ...(AS_ROOT ? [{ name: 'a user', uid: 65534 }] : [])].map((person, i) => {
    const home = path.join(dir, `home-${i}`);
    fs.mkdirSync(home);
    if (person.uid) fs.chownSync(home, person.uid, person.uid);
    return { ...person, home };
  });
}

/** Runs a command in a mount namespace; mounts: {mount point: folder}. */
export function mounted(mounts, argv) {
  const binds = Object.entries(mounts).flat();
  const script = 'for ((n = $1, i = 0; i < n; i++)); do mount --bind "$3" "$2" && shift 2 || exit; done; shift; exec "$@"';
  return ['unshare', '--mount', ...(AS_ROOT ? [] : ['--map-root-user']), 'bash', '-c', script, 'mounted', String(binds.length / 2), ...binds, ...argv];
}

/** The reason to skip tests that need mounts (as in a chroot), or false. */
export const noMounts = spawnSync(...(([program, ...args]) => [program, args])(mounted({}, ['true']))).status !== 0 && 'no mount namespaces here';

export class Script {
  // person: of people(); terminal: true for a pseudo-terminal; env: more environment
  constructor(argv, { person, terminal = false, env = {} } = {}) {
    this.output = '';
    const home = person ? { HOME: person.home } : {};
    let [program, ...args] = argv;
    let cwd = root;
    if (person?.uid) { // other users may not be able to enter the tree's folder
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

  /** Waits until its output matches, and returns the match. */
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

/** Puts programs {name: text} first in PATH. */
export function programs(dir, texts) {
  const bin = path.join(dir, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  for (const [name, text] of Object.entries(texts)) fs.writeFileSync(path.join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  return { PATH: `${bin}:${process.env.PATH}` };
}
