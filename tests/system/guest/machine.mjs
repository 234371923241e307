// Helpers that act on the machine itself, outside the network of the stations.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { test } from '../../lib/test.mjs';
import { Client } from '../../lib/http.mjs';
import { waitFor } from '../../lib/wait.mjs';

/** A test with its limit in seconds of the reference machine; if it fails, prints the logs of the booth's units and the stations. */
export const check = (name, seconds, work) => test(name, { timeout: seconds * 1000 }, async (t) => {
  const begun = new Date(Date.now() - 1000).toISOString().slice(0, 19).replace('T', ' ');
  try {
    await work(t);
  } catch (error) {
    const logs = await run('journalctl', ['--utc', '-o', 'short-monotonic', '--no-pager', '-n', '60', '-u', 'boothd*', '--since', `${begun} UTC`], { any: true });
    console.log(logs.stdout + logs.stderr);
    console.log((await run('tail', ['-n', '40', ...Object.keys(nets).map((net) => `/run/${net}.log`)], { any: true })).stdout);
    throw error;
  }
});
export const note = (text) => console.log(`  - ${text}`);
export const uptime = () => Number(fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0]);

/** Runs a program and returns its stdout, or throws; any: returns {status, stdout, stderr} with every status. */
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
/** Program and arguments that run a command in one of the networks. */
export const within = (net, ...argv) => ['nsenter', [`--net=${nets[net]}`, ...argv]];
export const inside = (net, ...argv) => run(...within(net, ...argv));
export const box = (...argv) => inside('booth', ...argv);
export const systemctl = (...args) => run('systemctl', args);

/** Properties of a unit; times in seconds since boot. */
export async function unit(name, ...properties) {
  const text = await systemctl('show', name, ...properties.flatMap((p) => ['-p', p]));
  return Object.fromEntries(text.trim().split('\n').map((line) => {
    const [key, ...value] = line.split('=');
    return [key, key.endsWith('Monotonic') ? Number(value) / 1e6 : value.join('=')];
  }));
}
export const pidOf = async (name) => Number((await unit(name, 'MainPID')).MainPID);

/** A client over boothd's unix socket, as boothctl: a manager, and independent of the radio. */
export const inner = new Client({ socketPath: '/run/boothd/boothd.sock' });
export async function system() {
  return (await inner.get('/api/v1/system')).json;
}

/** Waits until the condition holds, and returns the seconds; an error in it counts as false. */
export async function until(what, seconds, condition, { every = 50 } = {}) {
  const begun = uptime();
  await waitFor(() => Promise.resolve().then(condition).catch(() => false), { timeout: seconds * 1000, every, what });
  return uptime() - begun;
}
export const answers = () => until('boothd to answer', 60, async () => (await inner.get('/api/v1/queue')).status === 200);
export const radioUp = (seconds) => until('the kernel to report the access point up', seconds, async () => (await system()).radio.state === 'up');

/** The state of the queue, for later comparison. */
export async function queue() {
  const { seq, tickets } = (await inner.get('/api/v1/queue')).json;
  return { seq, tickets: tickets.map(({ estimate, ...rest }) => rest) };
}

/** Cancels all active tickets. */
export async function clear() {
  for (const { id, state } of (await inner.get('/api/v1/queue')).json.tickets)
    if (state === 'waiting' || state === 'called') await inner.act(id, 'cancel');
}
