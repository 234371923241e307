// Disks for real, no shim: one that is full, a file that may not grow, a folder that cannot be written. Reads go on, commands
// are refused with 503, and when there is room again the booth works on by itself, with nothing lost and nothing twice.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { waitFor } from '../lib/wait.mjs';

const MB = 1 << 20;
const run = (...argv) => spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' });

// A file system of its own, so small that it can be filled; null where nothing may be mounted.
function mount(size) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'boothd-disk-'));
  if (run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir).status === 0) return dir;
  fs.rmdirSync(dir);
  return null;
}
function unmount(dir) {
  run('umount', '-l', dir);
  fs.rmdirSync(dir);
}

const issueUntilRefused = async (client, kept) => {
  for (let i = 0; i < 5000; i++) {
    const key = `fill-${i}`;
    const answer = await client.post('/api/v1/tickets', { party_size: 2, note: 'x'.repeat(300) }, { key });
    if (answer.status !== 201) return { key, answer };
    kept.set(key, answer.json.seq);
    if (i % 3) expect(await client.post('/api/v1/call-next', {}, { key: `call-${i}` }), 200);
  }
  throw new Error('the disk was never full');
};

async function fillsAndEmpties(booth, fill, empty) {
  const client = booth.cli();
  const kept = new Map();
  for (let i = 0; i < 5; i++) await client.issue({ name: `팀 ${i}` });
  fill();
  const { key, answer } = await issueUntilRefused(client, kept);
  assert.ok(expect(answer, 503, 'storage_unavailable').retry_after_s >= 1);
  const during = await client.queue();
  assert.equal(during.storage.ok, false);
  assert.equal(during.tickets.filter((t) => t.name?.startsWith('팀')).length, 5);
  expect(await client.post('/api/v1/call-next', {}), 503, 'storage_unavailable');
  assert.match(expect(await client.get('/api/v1/system'), 200).storage.error, /full|disk I\/O/);

  empty();
  await waitFor(async () => (await client.get('/healthz')).status === 200, { every: 100, what: 'the end of the fault, by itself' });
  expect(await client.post('/api/v1/tickets', { party_size: 2, note: 'x'.repeat(300) }, { key }), 201); // the one that was refused
  for (const [k, seq] of [...kept].slice(-5))
    assert.equal(expect(await client.post('/api/v1/tickets', { party_size: 2, note: 'x'.repeat(300) }, { key: k }), 201).seq, seq);
  const after = await client.queue();
  await booth.restart();
  assert.deepEqual((await client.queue()).tickets.map((t) => [t.id, t.version]), after.tickets.map((t) => [t.id, t.version]));
  assert.equal((await client.queue()).booth.epoch, during.booth.epoch);
  assert.deepEqual(booth.query('PRAGMA integrity_check').map((r) => r.integrity_check), ['ok']);
  const seqs = booth.query('SELECT id & 0xffffffff AS seq FROM event ORDER BY id').map((r) => r.seq);
  assert.deepEqual(seqs, seqs.map((_, i) => i + 1), 'the journal has a gap');
}

describe('no space', () => {
  test('a file that may not grow', async () => {
    const booth = await Booth.start({ wrap: ['bash', '-c', 'trap "" XFSZ; exec "$@"', 'bash'] });
    const limit = (bytes) => assert.equal(run('prlimit', '--pid', String(booth.pid), `--fsize=${bytes}:unlimited`).status, 0);
    try {
      await fillsAndEmpties(booth, () => limit(fs.statSync(path.join(booth.state, 'booth.db-wal')).size + 20000), () => limit('unlimited'));
    } finally {
      await booth.stop();
    }
  });

  test('a full disk', async (t) => {
    const disk = mount(3 * MB);
    if (!disk) return t.skip('nothing may be mounted here');
    const booth = await Booth.start({ set: { state_dir: disk } });
    booth.state = disk;
    const filler = path.join(disk, 'filler');
    const fill = () => {
      const fd = fs.openSync(filler, 'w');
      try {
        for (;;) fs.writeSync(fd, Buffer.alloc(4096)); // a file system's page at a time, to the last
      } catch (error) {
        assert.equal(error.code, 'ENOSPC');
      } finally {
        fs.closeSync(fd);
      }
    };
    try {
      await fillsAndEmpties(booth, fill, () => fs.rmSync(filler));
    } finally {
      await booth.stop();
      unmount(disk);
    }
  });
});

describe('a folder that cannot be written', () => {
  test('boothd logs it and exits; later it starts with everything in it', async (t) => {
    const disk = mount(3 * MB);
    if (!disk) return t.skip('nothing may be mounted here');
    const booth = await Booth.start({ set: { state_dir: disk } });
    booth.state = disk;
    try {
      await booth.cli().issue({ name: '민아' });
      await booth.halt();
      assert.equal(run('mount', '-o', 'remount,ro', disk).status, 0);
      booth.log = '';
      await assert.rejects(booth.launch(), /ended at start/);
      assert.match(booth.log, /start_failed part=\w+ detail=".*[Rr]ead-?only/);
      assert.equal(run('mount', '-o', 'remount,rw', disk).status, 0);
      await booth.launch();
      assert.deepEqual((await booth.cli().queue()).tickets.map((g) => g.name), ['민아']);
      assert.equal((await booth.cli().queue()).storage.ok, true);
    } finally {
      await booth.stop();
      unmount(disk);
    }
  });
});
