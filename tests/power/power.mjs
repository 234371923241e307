#!/usr/bin/env node
// power.mjs - the power goes, again and again, at chosen moments of an evening whose every write was logged, and each
// time a booth is started on what is left.
//
//   power.mjs disk FOLDER      makes in there what an evening needs: disk, the file system on it as base, and room for log
//   power.mjs cuts FOLDER      CUTS (24) of them, spread over what went on that evening
//   power.mjs control FOLDER   of an evening whose program never waited for its disk: a cut must lose
//
// SEED (random; printed): with the same evening the same cuts. ONLY=N repeats the N-th of them, STRATUM=NAME takes all
// from there. What failed is kept.
import { spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Random, seedOfRun } from '../lib/random.mjs';
import { Disk, SURVIVALS } from './cut.mjs';
import { DATA_MB, DISK_MB, records, strata } from './evening.mjs';
import { examine } from './examine.mjs';
import { WriteLog } from './log.mjs';

const { STRATUM, ONLY, CUTS = 24 } = process.env;
const LOG_MB = 512; // at most; it is sparse

function run(program, ...args) {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.error) throw done.error;
  return done;
}

function makeDisk(folder) {
  const [disk, base, log] = ['disk', 'base', 'log'].map((name) => path.join(folder, name));
  fs.writeFileSync(base, '');
  fs.truncateSync(base, DATA_MB << 20);
  const made = run('mke2fs', '-q', '-F', '-t', 'ext4', '-b', '4096', '-E', 'lazy_itable_init=0,lazy_journal_init=0,nodiscard', base);
  assert.equal(made.status, 0, made.stderr);
  fs.copyFileSync(base, disk);
  fs.truncateSync(disk, DISK_MB << 20);
  fs.writeFileSync(log, '');
  fs.truncateSync(log, LOG_MB << 20);
}

// The files of a file system that was not unmounted, as a mount would show them: its journal is replayed first. Needs
// neither a loop device nor a mount.
function takeOut(image, to) {
  const repair = run('e2fsck', '-fy', image);
  assert.ok(repair.status < 4, `the file system is broken: ${repair.stdout}${repair.stderr}`);
  fs.mkdirSync(to, { recursive: true });
  run('debugfs', '-R', `rdump /state ${to}`, image);
  fs.mkdirSync(path.join(to, 'state'), { recursive: true });
}

class Evening {
  constructor(folder) {
    this.folder = folder;
    this.log = new WriteLog(path.join(folder, 'log'));
    const disk = path.join(folder, 'durable');
    fs.copyFileSync(path.join(folder, 'base'), disk);
    this.disk = new Disk(this.log, disk);
    this.records = records(this.log);
    assert.ok(this.records.acks.length > 0, 'nothing was acknowledged');
    const last = path.join(folder, 'last');
    fs.copyFileSync(path.join(folder, 'disk'), last);
    fs.truncateSync(last, DATA_MB << 20);
    assert.ok(run('e2fsck', '-fy', last).status < 4);
    this.strata = strata(this.log, this.records, last);
    fs.rmSync(last);
  }

  // In rising order, each stratum in its turn.
  choose(n, random) {
    const names = [...this.strata.keys()].filter((name) => !STRATUM || name === STRATUM);
    const cuts = Array.from({ length: n }, (_, i) => ({ stratum: names[i % names.length], cut: random.pick(this.strata.get(names[i % names.length])), survival: random.pick(SURVIVALS), seed: random.below(2 ** 31) }));
    return cuts.sort((a, b) => a.cut - b.cut);
  }

  // Resolves to what the booth had; rejects if anything was lost, and keeps what it was started on.
  async try({ cut, survival, seed }) {
    const dir = path.join(this.folder, `cut-${cut}-${seed}`);
    const image = path.join(this.folder, 'image');
    const left = this.disk.cut(cut, image, survival, new Random(seed));
    takeOut(image, dir);
    const acks = this.records.acks.filter((a) => a.entry < cut);
    const found = await examine(dir, acks, { exchanging: this.strata.get('restore')?.includes(cut) });
    fs.rmSync(dir, { recursive: true });
    return { ...left, ...found, acks: acks.length };
  }

  close() {
    this.disk.close();
    this.log.close();
    for (const name of ['durable', 'image']) fs.rmSync(path.join(this.folder, name), { force: true });
  }
}

function describe(evening) {
  const { log, records: { acks }, strata: all } = evening;
  console.log(`${log.entries.length} entries, ${log.entries.filter((e) => e.flags & 1).length} flushes, ${acks.length} acknowledged; cuts to choose from: ${[...all].map(([name, cuts]) => `${name} ${cuts.length}`).join(', ')}`);
}

async function cuts(folder) {
  const evening = new Evening(folder);
  const seed = seedOfRun();
  let failed = 0;
  console.log(`seed ${seed}`);
  describe(evening);
  for (const [i, chosen] of evening.choose(Number(CUTS), new Random(seed)).entries()) {
    if (ONLY && i + 1 !== Number(ONLY)) continue;
    const what = `${i + 1}: ${chosen.stratum}, entry ${chosen.cut}, ${chosen.survival}`;
    try {
      const { unsure, acks, events, tickets, snapshots } = await evening.try(chosen);
      console.log(`ok ${what} of ${unsure} survive: ${acks} acknowledged, ${events} events in its epoch, ${tickets} tickets, ${snapshots} snapshots`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${what}, seed ${chosen.seed}: ${error.stack}`);
    }
  }
  evening.close();
  return failed ? 1 : 0;
}

// Fails unless a cut right after an answer lost what had been answered.
async function control(folder) {
  const evening = new Evening(folder);
  const random = new Random(seedOfRun());
  describe(evening);
  let lost = 0;
  for (const cut of [1, 2, 3].map(() => random.pick(evening.strata.get('acknowledged'))).sort((a, b) => a - b)) {
    const end = await evening.try({ cut, survival: random.pick(SURVIVALS), seed: random.below(2 ** 31) }).then(() => 'nothing was lost', (error) => error.message);
    lost += /is lost/.test(end);
    console.log(`entry ${cut}: ${end.split('\n')[0]}`);
  }
  evening.close();
  console.log(lost ? 'ok a program that never waits for its disk loses' : 'FAIL a program that never waits for its disk has lost nothing, so this suite shows nothing');
  return lost ? 0 : 1;
}

const [verb, ...args] = process.argv.slice(2);
const verbs = { disk: makeDisk, cuts, control };
process.exitCode = await verbs[verb](...args);
