// What the tests do to the machine that they run on, from its own side of the network.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { test } from '../../lib/test.mjs';
import { Client } from '../../lib/http.mjs';
import { waitFor } from '../../lib/wait.mjs';

/** A check, with the seconds it may take on the reference machine; when it fails, what the booth's units and the stations said. */
export const check = (name, seconds, work) => test(name, { timeout: seconds * 1000 }, async (t) => {
  const begun = new Date(Date.now() - 1000).toISOString().slice(0, 19).replace('T', ' ');
  try {
    await work(t);
  } catch (error) {
    const said = await run('journalctl', ['--utc', '-o', 'short-monotonic', '--no-pager', '-n', '60', '-u', 'boothd*', '--since', `${begun} UTC`], { any: true });
    console.log(said.stdout + said.stderr);
    console.log((await run('tail', ['-n', '40', ...Object.keys(nets).map((net) => `/run/${net}.log`)], { any: true })).stdout);
    throw error;
  }
});
export const note = (text) => console.log(`  - ${text}`);
export const uptime = () => Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0]);

/** What a program says; an end that is not good is an error, unless any status will do. */
export function run(program, args = [], { any = false, env } = {}) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1 << 24, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      if (any) resolve({ status: error ? error.code : 0, stdout, stderr });
      else if (error) reject(new Error(`${program} ${args.join(' ')}: ${stderr || stdout || error.message}`));
      else resolve(stdout);
    });
  });
}
const nets = { booth: '/proc/1/ns/net', sta: '/run/netns/sta', bad: '/run/netns/bad', late: '/run/netns/late', out: '/run/netns/out' };
/** Argv of a command in one of the networks. */
export const within = (net, ...argv) => ['nsenter', [`--net=${nets[net]}`, ...argv]];
export const inside = (net, ...argv) => run(...within(net, ...argv));
export const box = (...argv) => inside('booth', ...argv);
export const systemctl = (...args) => run('systemctl', args);

/** Properties of a unit; times are in seconds since the machine's start. */
export async function unit(name, ...properties) {
  const text = await systemctl('show', name, ...properties.flatMap((p) => ['-p', p]));
  return Object.fromEntries(text.trim().split('\n').map((line) => {
    const [key, ...value] = line.split('=');
    return [key, key.endsWith('Monotonic') ? Number(value) / 1e6 : value.join('=')];
  }));
}
export const pidOf = async (name) => Number((await unit(name, 'MainPID')).MainPID);

/** boothd over its unix socket, as boothctl reaches it: as the manager, and whether there is a radio or not. */
export const inner = new Client({ socketPath: '/run/boothd/boothd.sock' });
export async function system() {
  return (await inner.get('/api/v1/system')).json;
}

/** Seconds until the condition holds; an error in it means not yet. */
export async function until(what, seconds, condition, { every = 50 } = {}) {
  const begun = uptime();
  await waitFor(() => Promise.resolve().then(condition).catch(() => false), { timeout: seconds * 1000, every, what });
  return uptime() - begun;
}
export const answers = () => until('boothd to answer', 60, async () => (await inner.get('/api/v1/queue')).status === 200);
export const radioUp = (seconds) => until('the access point to be up, by the kernel\'s word', seconds, async () => (await system()).radio.state === 'up');

/** All that the queue is, to be compared with what it is later. */
export async function queue() {
  const { seq, tickets } = (await inner.get('/api/v1/queue')).json;
  return { seq, tickets: tickets.map(({ estimate, ...rest }) => rest) };
}

/** Nobody waits any more. */
export async function clear() {
  for (const { id, state } of (await inner.get('/api/v1/queue')).json.tickets)
    if (state === 'waiting' || state === 'called') await inner.act(id, 'cancel');
}
