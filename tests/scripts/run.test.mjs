// scripts/run as a newcomer runs it: what it prints, that Ctrl-C ends it, that the next one goes on. And scripts/hub where
// it is the same.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { root } from '../lib/boothd.mjs';
import { Client } from '../lib/http.mjs';
import { folder, noMounts, people, programs, Script, script } from '../lib/script.mjs';
import { after, test } from '../lib/test.mjs';
import { waitFor } from '../lib/wait.mjs';

const dir = folder('run');
after(() => fs.rmSync(dir, { recursive: true, force: true }));

// What a person can read: no priorities of the journal, and no news that only a journal wants.
const plain = (output) => assert.doesNotMatch(output, /<\d>|: info: |[\r\x1b]/);
const ctl = (line) => JSON.parse(execFileSync('sh', ['-c', line.replace('boothctl ', 'boothctl --json ')], { cwd: root, encoding: 'utf8' }));
const takes = async (host, port) => {
  const server = net.createServer().listen(port, host);
  await once(server, 'listening');
  return server;
};
const refuses = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('connect', () => { socket.destroy(); resolve(false); });
  socket.on('error', () => resolve(true));
});

async function started(argv, options) {
  const it = new Script(argv, options);
  await it.said(/Ctrl-C stops it; nothing is lost\.\n/);
  it.port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(it.output)[1]);
  return it;
}

for (const person of people(dir))
  test(`${person.name} starts it, ends it with Ctrl-C, continues, and begins with an empty queue`, { skip: person.uid && noMounts }, async () => {
    const argv = ['./scripts/run', '--listen', '127.0.0.1:0'];
    const state = path.join(person.home, '.local/state/boothd');
    let it = await started(argv, { person });
    plain(it.output);
    assert.ok(it.output.includes(`The queue is kept in ${state}\n`), it.output);
    const pin = /staff .* PIN (\d+)/.exec(it.output)[1];
    await new Client({ host: '127.0.0.1', port: it.port }).signIn(pin, 'a phone');
    for (const page of ['/', '/board']) assert.equal((await fetch(`http://127.0.0.1:${it.port}${page}`)).status, 200);
    const [, issue] = /^ {4}(build\/boothctl .* issue 4)$/m.exec(it.output);
    const [, status] = /^ {4}(build\/boothctl .* status)$/m.exec(it.output);
    ctl(issue.replace('issue 4', 'intake open'));
    ctl(issue);
    assert.ok(ctl(status));
    assert.equal(await it.ctrlC(), 0, it.output);
    plain(it.output);
    assert.ok(await refuses(it.port));

    const queue = () => ctl(issue.replace('issue 4', 'queue')).tickets.length;
    it = await started(argv, { person });
    assert.equal(/staff .* PIN (\d+)/.exec(it.output)[1], pin);
    assert.equal(queue(), 1);
    assert.equal(await it.ctrlC(), 0);

    it = await started([...argv, '--fresh'], { person });
    assert.equal(queue(), 0);
    assert.equal(await it.ctrlC(), 0);
    assert.equal(fs.readdirSync(path.dirname(state)).filter((name) => /^boothd\.\d{8}-\d{6}$/.test(name)).length, 1);
  });

test('boothd ends with the script, however that ends', async () => {
  const it = await started(['./scripts/run', '--state', path.join(dir, 'killed'), '--listen', '127.0.0.1:0']);
  it.signal('SIGKILL', { all: false });
  await it.exit;
  await waitFor(() => refuses(it.port), { what: 'the end of boothd' });
});

test('a fault is explained, with the exit status of boothd', async () => {
  const { status, output } = await script(['./scripts/run', '--state', path.join(dir, 'fault'), '--listen', '127.0.0.1:0', '--timezone', 'Nowhere/At-All']);
  assert.equal(status, 78, output);
  assert.match(output, /^boothd: error: .*timezone/m);
  plain(output);
});

// No program of the build may have run: a make that is ours would tell.
const MAKE = { make: 'trap "exit 2" INT TERM HUP; touch "$at/built"; while [[ -e $at/wait ]]; do touch "$at/waits"; sleep 0.05; done; exit "${MAKE_STATUS:-0}"' };
function watched(name) {
  const at = path.join(dir, name);
  fs.mkdirSync(at);
  return { at, env: { at, ...programs(at, MAKE) }, has: (file) => fs.existsSync(path.join(at, file)) };
}

for (const name of ['run', 'hub'])
  test(`${name}: a port in use is reported before the build, with the program that uses it and a free port`, async () => {
    const at = watched(`taken-${name}`);
    for (const [theirs, ours] of [['127.0.0.1', '127.0.0.1'], ['0.0.0.0', '127.0.0.1'], ['127.0.0.1', '0.0.0.0']]) {
      const server = await takes(theirs, 0);
      const { port } = server.address();
      const { status, output } = await script([`./scripts/${name}`, '--state', path.join(at.at, 'state'), '--listen', `127.0.0.1:0,${ours}:${port}`], { env: at.env });
      server.close();
      assert.equal(status, 1, output);
      const found = /^(\w+): port (\d+) of (\S+) is taken by node \(process (\d+)\): end that, or choose another, as in (\S+) --listen (\S+):(\d+)\n$/.exec(output);
      assert.deepEqual(found?.slice(1, 7), [name, String(port), ours, String(process.pid), `./scripts/${name}`, ours], output);
      assert.notEqual(Number(found[7]), port);
      (await takes(ours, Number(found[7]))).close();
    }
    assert.ok(!at.has('built') && !at.has('state'));
  });

test('a port in use by another user’s program is reported without its name', { skip: noMounts }, async () => {
  const at = watched('stranger');
  const user = people(at.at).at(-1);
  if (!user.uid) return; // all that this user can start are his own
  const server = await takes('127.0.0.1', 0);
  const { output } = await script(['./scripts/run', '--listen', `127.0.0.1:${server.address().port}`], { person: user, env: at.env });
  server.close();
  assert.match(output, /^run: port \d+ of 127\.0\.0\.1 is taken by another program: end that, or /);
});

test('a port that is taken during the build is reported, too', async () => {
  const at = watched('race');
  fs.writeFileSync(path.join(at.at, 'wait'), '');
  const probe = await takes('127.0.0.1', 0);
  const { port } = probe.address();
  probe.close();
  const it = new Script(['./scripts/run', '--state', path.join(at.at, 'state'), '--listen', `127.0.0.1:${port}`], { env: at.env });
  await waitFor(() => at.has('waits'), { what: 'the build' });
  const server = await takes('127.0.0.1', port);
  fs.rmSync(path.join(at.at, 'wait'));
  assert.equal(await it.exit, 1, it.output);
  server.close();
  assert.match(it.output, new RegExp(`^boothd: error: start_failed .*127\\.0\\.0\\.1:${port}.*\nrun: port ${port} of 127\\.0\\.0\\.1 is taken by node `));
});

test('an unusable address is reported, and a port that only root may use', { skip: noMounts }, async () => {
  const at = watched('address');
  const { status, output } = await script(['./scripts/run', '--listen', '192.0.2.1:8080'], { env: at.env });
  assert.equal(status, 1);
  assert.match(output, /^run: cannot listen on 192\.0\.2\.1:8080: /);
  const user = people(at.at).at(-1);
  if (fs.readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').trim() !== '0') {
    const { output: denied } = await script(['./scripts/run', '--listen', '127.0.0.1:80'], { person: user, env: { at: at.at } });
    assert.match(denied, /^run: port 80 of 127\.0\.0\.1 is for root alone: choose another, as in \.\/scripts\/run --listen 127\.0\.0\.1:\d+\n$/);
  }
  assert.ok(!at.has('built'));
});

test('a build shows its progress, and its errors', async () => {
  const at = path.join(dir, 'build');
  fs.mkdirSync(at);
  const make = { make: 'for n in $(seq 300); do echo "  CC    firmware/$n.o"; done; echo "firmware/1.c:2: error: no such thing" >&2; echo "make: *** [firmware/1.o] Error 1" >&2; exit 2' };
  const begun = performance.now();
  const { status, output } = await script(['./scripts/run', '--listen', '127.0.0.1:0'], { env: programs(at, make) });
  assert.equal(status, 1);
  const lines = output.split('\n');
  assert.ok(lines.length <= 6 + (performance.now() - begun) / 5000, output);
  assert.equal(lines[0], '  building  CC    firmware/1.o');
  assert.deepEqual(lines.slice(-4), ['firmware/1.c:2: error: no such thing', 'make: *** [firmware/1.o] Error 1', 'run: the build failed', '']);
});
