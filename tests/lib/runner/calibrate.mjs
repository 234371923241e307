// Measures how fast this machine is now, by a second of work like that of the tests, beside other load.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Milliseconds that an idle reference machine (2 slow cores) needs for a unit of each kind of work. */
const REFERENCE = { compute: 500, process: 4, disk: 8 };
const SHARE_MS = 250;

/** Each processor works by itself; the slowest counts. */
async function compute() {
  const work = 'let sum = 0; for (let i = 0; i < 4e7; i++) sum = (sum * 31 + (i ^ sum)) | 0; process.exitCode = sum === 1';
  const began = performance.now();
  const children = Array.from({ length: os.cpus().length }, () => spawn(process.execPath, ['-e', work], { stdio: 'ignore' }));
  await Promise.all(children.map((child) => once(child, 'exit')));
  return performance.now() - began;
}

/** Milliseconds of a unit, averaged over as many as fit into a share of the time. */
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

/** {pace, took}: the factor to the reference machine, at least 1, and the milliseconds of a unit of each kind. */
export async function calibrate() {
  const took = { compute: await compute(), process: average(() => spawnSync('/bin/true')), disk: disk() };
  return { pace: Math.max(1, ...Object.entries(took).map(([name, ms]) => ms / REFERENCE[name])), took };
}
