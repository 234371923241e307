// The log's format and what a cut leaves, by logs made by hand.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from '../lib/test.mjs';
import { Random } from '../lib/random.mjs';
import { Disk, fates, flushed, SURVIVALS, TORN } from './cut.mjs';
import { DISCARD, FLUSH, FUA, MAGIC, MARK, VERSION, WriteLog } from './log.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'power-'));
after(() => fs.rmSync(dir, { recursive: true }));
const file = (name) => path.join(dir, name);

const words = (...numbers) => Buffer.concat(numbers.map((n) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return b; }));
const padded = (bytes, sector) => Buffer.concat([bytes, Buffer.alloc(sector - bytes.length)]);
const put = (sector, letter, sectors = 1, flags = 0) => ({ sector, sectors, flags, data: letter });
const flush = { sector: 0, sectors: 0, flags: FLUSH };

// A log with these entries, as blklogwrites would write it.
function logOf(entries, { sector = 512, magic = MAGIC, version = VERSION, count = entries.length } = {}) {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(sector);
  const parts = [padded(Buffer.concat([words(magic, version, count), size]), sector)];
  for (const { sector: at, sectors, flags, data = '', mark = '' } of entries) {
    parts.push(padded(Buffer.concat([words(at, sectors, flags, mark.length), Buffer.from(mark)]), sector));
    if (!(flags & (DISCARD | MARK))) parts.push(Buffer.alloc(sectors * sector, data || 0));
  }
  fs.writeFileSync(file('log'), Buffer.concat(parts));
  return new WriteLog(file('log'));
}

// The disk's sectors of 512 bytes after a cut, a letter each ('.' = as before, '-' = zeros, '?' = mixed).
function diskAfter(entries, cut, survival, { seed = 1, sectors = 16, ...more } = {}) {
  const log = logOf(entries, more);
  fs.writeFileSync(file('disk'), Buffer.alloc(sectors * 512, '.'));
  const disk = new Disk(log, file('disk'));
  disk.cut(cut, file('cut'), survival, new Random(seed));
  disk.close();
  log.close();
  const bytes = fs.readFileSync(file('cut'));
  assert.equal(bytes.length, sectors * 512);
  return Array.from({ length: sectors }, (_, i) => {
    const letters = new Set(bytes.subarray(i * 512, (i + 1) * 512).toString('latin1'));
    return letters.size > 1 ? '?' : [...letters][0].replace('\0', '-');
  }).join('');
}

describe('the log', () => {
  test('a file that is no log, has another version or is truncated is refused', () => {
    assert.throws(() => logOf([], { magic: 1n }), /not a log/);
    assert.throws(() => logOf([], { version: 2n }), /version/);
    assert.throws(() => logOf([put(1, 'a')], { count: 3 }), /ends before/);
  });
  test('entries: writes, flushes, discards without data, marks within their sector; sectors of any size', () => {
    for (const sector of [512, 4096]) {
      const log = logOf([put(1, 'a', 2), { sector: 3, sectors: 4, flags: DISCARD }, { sector: 0, sectors: 0, flags: MARK, mark: 'here' }, flush, put(2, 'b', 1, FUA)], { sector });
      assert.deepEqual(log.entries.map((e) => [e.at / sector, e.length / sector, e.flags, e.mark]),
        [[1, 2, 0, null], [3, 4, DISCARD, null], [0, 0, MARK, 'here'], [0, 0, FLUSH, null], [2, 1, FUA, null]]);
      assert.equal([...log.pieces(log.entries[4])][0].bytes.toString(), 'b'.repeat(sector));
      log.close();
    }
  });
  test('a large write comes in pieces', () => {
    const log = logOf([put(0, 'x', 5000)]);
    const pieces = [...log.pieces(log.entries[0])];
    assert.ok(pieces.length > 1 && pieces.every((p) => p.bytes.length <= 1 << 20));
    assert.deepEqual(pieces.map((p) => p.at), pieces.map((_, i) => i << 20));
    assert.equal(pieces.reduce((n, p) => n + p.bytes.length, 0), 5000 * 512);
    log.close();
  });
});

describe('a cut', () => {
  const entries = [put(0, 'a', 2), put(4, 'b'), flush, put(0, 'c'), put(8, 'd', 8)];

  test('flushed writes are there, whatever happens to the rest', () => {
    for (const survival of SURVIVALS)
      for (let seed = 0; seed < 20; seed++) assert.match(diskAfter(entries, 5, survival, { seed }), /^[ac]a\.\.b\.\.\.[.d]{8}$/);
    assert.equal(diskAfter(entries, 5, 'nothing'), 'aa..b...........');
    assert.equal(diskAfter(entries, 5, 'everything'), 'ca..b...dddddddd');
  });
  test('writes after the cut are not, and an unfinished flush made nothing durable', () => {
    assert.equal(diskAfter(entries, 2, 'nothing'), '................');
    assert.equal(diskAfter(entries, 2, 'everything'), 'aa..b...........');
    assert.equal(diskAfter(entries, 3, 'nothing'), 'aa..b...........');
    assert.equal(diskAfter(entries, 4, 'everything'), 'ca..b...........');
    assert.equal(diskAfter(entries, 0, 'everything'), '................');
  });
  test('torn: by sectors, in any combination; whole writes: all or none', () => {
    const seen = { sectors: new Set(), writes: new Set() };
    for (const survival of ['sectors', 'writes'])
      for (let seed = 0; seed < 100; seed++) seen[survival].add(diskAfter(entries, 5, survival, { seed }).slice(8));
    assert.deepEqual([...seen.writes].sort(), ['........', 'dddddddd']);
    assert.ok(seen.sectors.size > 60, `${seen.sectors.size} ways to tear`);
  });
  test('sectors of 4096 bytes are torn at 512', () => {
    const torn = diskAfter([put(1, 'a')], 1, 'sectors', { sector: 4096, seed: 3 });
    assert.match(torn.slice(8), /^[.a]{8}$/);
    assert.ok(torn.includes('a') && torn.slice(8).includes('.'));
    assert.equal(TORN, 512);
  });
  test('a later write to the same sector replaces an earlier one, and may be lost alone', () => {
    const twice = [put(0, 'a'), flush, put(0, 'b'), put(0, 'c')];
    const seen = new Set(Array.from({ length: 50 }, (_, seed) => diskAfter(twice, 4, 'writes', { seed })[0]));
    assert.deepEqual([...seen].sort(), ['a', 'b', 'c']);
  });
  test('forced writes are durable at once, but flush no others', () => {
    assert.equal(diskAfter([put(0, 'a'), put(1, 'b', 1, FUA)], 2, 'nothing').slice(0, 2), '.b');
  });
  test('a flush with data covers earlier writes, but not its data, unless forced', () => {
    const carrying = (flags) => diskAfter([put(0, 'a'), put(1, 'b', 1, flags)], 2, 'nothing').slice(0, 2);
    assert.equal(carrying(FLUSH), 'a.');
    assert.equal(carrying(FLUSH | FUA), 'ab');
  });
  test('a discard that was kept leaves zeros', () => {
    const discarded = [put(0, 'a', 4), flush, { sector: 1, sectors: 2, flags: DISCARD }];
    assert.equal(diskAfter(discarded, 3, 'everything').slice(0, 4), 'a--a');
    assert.equal(diskAfter(discarded, 3, 'nothing').slice(0, 4), 'aaaa');
  });
  test('cuts in rising order on one disk equal single cuts; the same seed gives the same cut', () => {
    const log = logOf(entries);
    fs.writeFileSync(file('disk'), Buffer.alloc(16 * 512, '.'));
    const disk = new Disk(log, file('disk'));
    const seen = [];
    for (let cut = 0; cut <= 5; cut++) {
      disk.cut(cut, file('cut'), 'everything', new Random(cut));
      seen.push(fs.readFileSync(file('cut')));
    }
    disk.close();
    log.close();
    seen.forEach((bytes, cut) => { diskAfter(entries, cut, 'everything'); assert.deepEqual(bytes, fs.readFileSync(file('cut'))); });
    assert.equal(diskAfter(entries, 5, 'sectors', { seed: 7 }), diskAfter(entries, 5, 'sectors', { seed: 7 }));
  });
  test('the last flush before a cut', () => {
    const es = [0, FLUSH, 0, FLUSH, 0].map((flags) => ({ flags }));
    assert.deepEqual([0, 1, 2, 3, 4, 5].map((cut) => flushed(es, cut)), [0, 0, 1, 1, 3, 3]);
    assert.deepEqual(fates([{ flags: 0 }, { flags: FUA }], 0, 2, 'nothing', new Random(1)), [null, 'whole']);
  });
});
