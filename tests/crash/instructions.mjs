#!/usr/bin/env node
// instructions.mjs - a command costs the same with 10 and with 2,000 active tickets: counted in instructions by callgrind.
//
// The queue is filled at full speed, boothd started again under callgrind with counting off; then counting is on for
// some rounds of issue, call-next, seat, re-queue, edit, undo, cancel that leave the queue as long as it was. Counted is
// what the program itself executes, the kernel is not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Booth } from '../lib/boothd.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 60);
const TOLERANCE = 0.1;

const control = (...args) => {
  const done = spawnSync('callgrind_control', args, { encoding: 'utf8' });
  assert.equal(done.status, 0, `callgrind_control ${args.join(' ')}: ${done.stdout}${done.stderr}`);
};

// Seven commands that leave as many active tickets as they found.
async function round(cli) {
  const { ticket } = await cli.issue({ name: '민아' });
  const called = await cli.callNext();
  await cli.act(called.ticket.id, 'requeue', { after: 5 });
  await cli.edit(called.ticket.id, { note: 'x' });
  const { seq } = await cli.act(ticket.id, 'seat');
  await cli.undo(seq);
  await cli.act(ticket.id, 'cancel');
}

async function count(active) {
  const booth = await Booth.start({ set: { panel: 'none' } });
  try {
    const cli = booth.cli({ connections: 16 });
    await Promise.all(Array.from({ length: active }, () => cli.issue({ name: '민아' })));
    for (let i = 0; i < 60; i++) await round(cli); // the closed ones that are kept are as many, too
    await booth.halt();
    const out = path.join(booth.dir, 'callgrind.out');
    Object.assign(booth.options, { wrap: ['valgrind', '--tool=callgrind', '--instr-atstart=no', `--callgrind-out-file=${out}`], timeout: 60000 });
    await booth.launch();
    const screens = await Promise.all([cli.stream(), cli.stream('/api/v1/board/stream')]); // what they are sent counts too
    await Promise.all(screens.map((s) => s.snapshot({ timeout: 30000 })));
    for (let i = 0; i < 5; i++) await round(cli); // warm
    control('-i', 'on', String(booth.pid));
    for (let i = 0; i < ROUNDS; i++) await round(cli);
    control('-i', 'off', String(booth.pid));
    screens.forEach((s) => s.close());
    await booth.halt({ within: 60000 });
    const files = fs.readdirSync(booth.dir).filter((f) => f.startsWith('callgrind.out'));
    const total = files.map((f) => Number(/^totals: (\d+)/m.exec(fs.readFileSync(path.join(booth.dir, f), 'utf8'))?.[1] ?? 0)).reduce((a, b) => a + b, 0);
    return total / (ROUNDS * 7);
  } finally {
    await booth.stop({ within: 60000 });
  }
}

const few = await count(10);
const many = await count(2000);
const ratio = many / few;
const good = Math.abs(ratio - 1) <= TOLERANCE;
console.log(`instructions per command: ${Math.round(few)} with 10 active tickets, ${Math.round(many)} with 2,000: ${ratio.toFixed(3)}`);
console.log(good ? 'ok the cost does not grow' : 'FAIL the cost grows');
process.exit(good ? 0 : 1);
