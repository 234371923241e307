// How fast this machine is just now: a second of the kinds of work that tests are made of, beside whatever else runs here.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What an idle machine of the reference kind, 2 slow cores, takes for a piece of each, in milliseconds. */
const REFERENCE = { compute: 500, process: 4, disk: 8 };
const SHARE_MS = 250;

/** Each processor works on its own for a while; the slowest of them counts. */
async function compute() {
  const work = 'let sum = 0; for (let i = 0; i < 4e7; i++) sum = (sum * 31 + (i ^ sum)) | 0; process.exitCode = sum === 1';
  const began = performance.now();
  const children = Array.from({ length: os.cpus().length }, () => spawn(process.execPath, ['-e', work], { stdio: 'ignore' }));
  await Promise.all(children.map((child) => once(child, 'exit')));
  return performance.now() - began;
}

/** Milliseconds of one of as many as fit into a share of the time. */
function average(piece) {
  const began = performance.now();
  let n = 0;
  do {
    piece();
    n++;
  } while (performance.now() - began < SHARE_MS);
  return (performance.now() - began) / n;
}

function disk() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'calibrate-'));
  const file = fs.openSync(path.join(folder, 'block'), 'w');
  const block = Buffer.alloc(1 << 16, 'boothd');
  const ms = average(() => {
    fs.writeSync(file, block, 0, block.length, 0);
    fs.fsyncSync(file);
  });
  fs.closeSync(file);
  fs.rmSync(folder, { recursive: true });
  return ms;
}

/** {pace, took}: how many times longer than on the reference machine, at least 1; and the milliseconds of a piece of each. */
export async function calibrate() {
  const took = { compute: await compute(), process: average(() => spawnSync('/bin/true')), disk: disk() };
  return { pace: Math.max(1, ...Object.entries(took).map(([name, ms]) => ms / REFERENCE[name])), took };
}
