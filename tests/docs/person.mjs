// A person at a terminal: an unprivileged account with its own home, a shell on a pty, key presses.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build, root } from '../lib/boothd.mjs';
import { waitFor } from '../lib/wait.mjs';

const AS_ROOT = process.getuid() === 0; // the person is the user nobody then, else this user
const account = AS_ROOT ? { uid: Number(execFileSync('id', ['-u', 'nobody'])), gid: Number(execFileSync('id', ['-g', 'nobody'])) } : {};
const own = (...files) => { if (AS_ROOT) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, ...files]); };

const SHELL = "export PS1='\\n[[$?]] ' PS2=; exec bash --norc --noprofile --noediting -i";
const PROMPT = /\n\[\[(\d+)\]\] $/; // after a command, with its exit status

export class Person {
  /** programs: of the build, which are installed for the person; folders: where others are. */
  constructor({ env = {}, programs = [], folders = [] } = {}) {
    this.home = fs.mkdtempSync(path.join(os.tmpdir(), 'person-'));
    const bin = this.file('bin');
    fs.mkdirSync(bin);
    for (const name of programs) fs.copyFileSync(path.join(build, name), path.join(bin, name));
    fs.writeFileSync(path.join(bin, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 }); // root is more than is needed here
    own(this.home);
    this.env = { HOME: this.home, PATH: [bin, ...folders, process.env.PATH].join(':'), TERM: 'xterm', LANG: 'C.UTF-8', SHELL: '/bin/bash', TMPDIR: this.home, ...env };
    this.terminals = [];
    if (AS_ROOT) fs.writeFileSync(path.join(this.home, '.gitconfig'), '[safe]\n\tdirectory = *\n');
  }
  file(...names) {
    return path.join(this.home, ...names);
  }
  /** A file or folder that is there already. */
  give(name, from) {
    fs.cpSync(from, this.file(name), { recursive: true });
    own(this.file(name));
    return this.file(name);
  }
  async terminal(more) {
    const it = new Terminal(this, more);
    this.terminals.push(it);
    await it.prompt(0);
    return it;
  }
  /** Runs a command without a terminal: {status, stdout, stderr}. */
  run(command, { env = {}, cwd = this.home } = {}) {
    const child = spawn('bash', ['-c', command], { ...account, cwd, env: { ...this.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (c) => { said[name] += c; });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, ...said }));
    });
  }
  async leave() {
    for (const terminal of this.terminals) await terminal.close();
    fs.rmSync(this.home, { recursive: true, force: true });
  }
}

class Terminal {
  constructor(person, { cwd = person.home, env = {} } = {}) {
    this.text = '';
    this.child = spawn('script', ['--quiet', '--return', '--flush', '--command', SHELL, '/dev/null'],
      { ...account, cwd, env: { ...person.env, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.setEncoding('utf8').on('data', (c) => { this.text += c.replaceAll('\r', ''); });
    this.exit = new Promise((resolve) => this.child.on('close', resolve));
  }
  /** Waits for what comes after this place in the text. */
  shows(pattern, from) {
    return waitFor(() => pattern.exec(this.text.slice(from)), { timeout: 30_000, every: 10, what: `${pattern} on the screen` })
      .catch((error) => { throw new Error(`${error.message}\n${this.text.slice(from)}`); });
  }
  async prompt(from) {
    const found = await this.shows(PROMPT, from);
    return { status: Number(found[1]), said: this.text.slice(from, from + found.index) };
  }
  /** Types a command and waits until it has ended. */
  async type(line) {
    const from = this.text.length;
    this.child.stdin.write(`${line}\n`);
    await this.shows(/\n/, from);
    return this.prompt(this.text.indexOf('\n', from));
  }
  /** Types a command that keeps running, waits until its output matches, and returns the match. */
  async start(line, pattern) {
    this.begun = this.text.length;
    this.child.stdin.write(`${line}\n`);
    return this.shows(pattern, this.begun);
  }
  /** Presses keys in the running command, and waits for its end. */
  async press(keys) {
    const from = this.text.length;
    this.child.stdin.write(keys);
    return this.prompt(from);
  }
  async ok(line) {
    const { status, said } = await this.type(line);
    assert.equal(status, 0, `${line}\n${said}`);
    return said;
  }
  async close() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.stdin.end('\x03\nexit\n');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await this.exit;
    clearTimeout(late);
  }
}
/** Lets the person open a booth's socket, as root may on a box; returns the environment in which boothctl finds it. */
export function beside(booth) {
  fs.chmodSync(booth.dir, 0o755);
  fs.chmodSync(booth.socketPath, 0o666);
  return { BOOTHD_SOCKET: booth.socketPath };
}

export const CTRL_C = '\x03';

/** Makes a repository of this tree to clone, and then copies this build into the clone, as if it had been built there. */
export function repository(person) {
  const tree = person.file('repository');
  fs.mkdirSync(tree);
  execFileSync('bash', ['-c', 'git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C "$1"', '-', tree], { cwd: root, stdio: ['ignore', 'ignore', 'ignore'] });
  execFileSync('bash', ['-c', 'git init -q && git add -A && git -c user.name=x -c user.email=x@example.org commit -qm tree'], { cwd: tree });
  own(tree);
  return tree;
}
export function built(clone) {
  const to = path.join(clone, 'build');
  fs.mkdirSync(to);
  const libraries = fs.readdirSync(build).filter((name) => name.endsWith('.a'));
  for (const name of ['firmware', 'hub', 'gen', 'web', 'boothd', 'boothctl', 'boothd-root', 'boothhub', ...libraries])
    execFileSync('cp', ['-R', path.join(build, name), to]);
  fs.mkdirSync(path.join(clone, 'web-static/node_modules'));
  fs.writeFileSync(path.join(clone, 'web-static/node_modules/.stamp'), '');
  execFileSync('bash', ['-c', 'now=$(mktemp) && find build web-static/node_modules -exec touch -r "$now" {} + && rm "$now"'], { cwd: clone });
  own(to, path.join(clone, 'web-static/node_modules'));
}
