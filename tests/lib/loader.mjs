// The load generator in C (tests/bench/load.c; make load).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { build, PINS } from './boothd.mjs';

// {rate, p50, p99, max, n}, in microseconds. wrap: a command that runs it.
export function load({ port, cookie }, what, clients, seconds, { from = '127.0.0.1', wrap = [] } = {}) {
  const [program, ...args] = [...wrap, path.join(build, 'load'), ...[what, port, cookie, clients, seconds, from].map(String)];
  const child = spawn(program, args);
  let text = '';
  for (const out of [child.stdout, child.stderr]) out.on('data', (c) => { text += c; });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code ? reject(new Error(text)) : resolve(JSON.parse(text))));
  });
}

// Makes a backlog of at least n pending events at a member whose hub is out of reach. wrap: see above.
export async function makeBacklog(member, n, { wrap } = {}) {
  const phone = member.booth.cli(); // over the unix socket, but with a cookie that the loader may use
  await phone.signIn(PINS.staff, 'pile');
  for (;;) {
    const { pending } = await member.sync();
    if (pending >= n) return pending;
    const { n: done } = await load({ port: member.booth.address.port, cookie: phone.cookie }, 'commands', 64, Math.max(0.3, (n - pending) / 10000), { wrap });
    assert.ok(done > 0);
  }
}
