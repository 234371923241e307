// Backup and restore.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { Booth, PINS, shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';

const booth = await shared(after);
const MEDIA = 'application/vnd.sqlite3';
const manager = await booth.signIn('manager');
const backup = async (from) => {
  const answer = await from.get('/api/v1/system/backup');
  assert.equal(answer.status, 200);
  return answer.bytes;
};
const restore = (to, bytes, { headers = {}, ...more } = {}) =>
  to.raw('POST', '/api/v1/system/restore', { headers: { 'Content-Type': MEDIA, ...headers }, body: bytes, ...more });
const sqlite = (bytes, sql) => {
  const file = path.join(booth.dir, 'look.db');
  fs.writeFileSync(file, bytes);
  return spawnSync('sqlite3', [file, sql], { encoding: 'utf8' }).stdout.trim();
};
const bare = (snapshot) => snapshot.tickets.map(({ id, number, state, version, name, position, line }) => ({ id, number, state, version, name, position, line }));

test('a backup is a whole database without PINs', async () => {
  for (let i = 0; i < 20; i++) await manager.issue({ name: `팀 ${i}` });
  const bytes = await backup(manager);
  assert.equal(sqlite(bytes, 'PRAGMA integrity_check'), 'ok');
  assert.ok(!bytes.includes(PINS.manager));
  assert.deepEqual(fs.readdirSync(booth.state).filter((f) => /backup|tmp/.test(f)), [], 'nothing is left lying about');
});

test('restored: the old list, a new epoch, a banner, new snapshots on streams and boards, the replaced file kept', async () => {
  const then = await manager.queue();
  const bytes = await backup(manager);
  const later = await manager.issue({ name: 'later' });
  const stream = await manager.stream();
  const board = await booth.client().stream('/api/v1/board/stream');
  await Promise.all([stream.snapshot(), board.snapshot()]);
  expect(await restore(manager, bytes), 200);
  const now = await manager.queue();
  const { epoch } = now.booth;
  assert.notEqual(epoch, then.booth.epoch);
  assert.equal(now.booth.id, then.booth.id);
  assert.deepEqual(bare(now), bare(then));
  assert.equal(now.banner.code, 'restored');
  assert.ok(then.tickets.some((t) => t.undo_seq) && now.tickets.every((t) => t.undo_seq === null), 'a seq of another epoch');
  await Promise.all([stream, board].map((s) => s.next((e) => e.event === 'snapshot' && e.data.booth.epoch === epoch, { what: 'the new history' })));
  stream.close();
  board.close();
  const next = await manager.issue();
  assert.ok(next.ticket.id > later.ticket.id, 'ids that may have been given are not given again');
  assert.ok(Number(next.ticket.number) > Number(later.ticket.number), 'neither are numbers');
  expect(await manager.post('/api/v1/tickets', { party_size: 2 }, { epoch: then.booth.epoch }), 409, 'other_booth');
  assert.ok(fs.readdirSync(booth.state).some((f) => /replaced/.test(f)));
  await booth.restart();
  assert.equal((await manager.queue()).booth.epoch, epoch);
});

test('an invalid backup is refused and changes nothing', async () => {
  const good = await backup(manager);
  const before = await manager.queue();
  const damaged = Buffer.from(good);
  damaged.fill(0xa5, 4096, 4096 + 3000);
  const newer = Buffer.from(good);
  newer.writeUInt32BE(9999, 60); // user_version
  const other = Buffer.from(good);
  other.fill(0, 0, 16);
  for (const bytes of [Buffer.from('not a database'), Buffer.alloc(0), good.subarray(0, good.length >> 1), damaged, newer, other]) {
    const answer = await restore(manager, bytes);
    assert.equal(answer.status, 400, answer.text);
  }
  expect(await restore(manager, good, { headers: { 'Content-Type': 'application/json' } }), 415, 'unsupported_media_type');
  const now = await manager.queue();
  assert.deepEqual([now.booth.epoch, now.seq], [before.booth.epoch, before.seq]);
});

test('staff may not', async () => {
  const staff = await booth.signIn();
  const bytes = await backup(manager);
  expect(await restore(staff, bytes), 403, 'forbidden');
});

test('to another box: the evening continues there', async () => {
  const bytes = await backup(manager);
  const own = await Booth.start();
  try {
    expect(await restore(own.cli(), bytes), 200);
    assert.deepEqual(bare(await own.cli().queue()), bare(await manager.queue()));
    await own.cli().callNext();
  } finally {
    await own.stop();
  }
});

test('a damaged database at start: the newest good snapshot, a new epoch, a banner', async () => {
  const own = await Booth.start();
  try {
    const cli = own.cli();
    for (let i = 0; i < 10; i++) await cli.issue({ name: `팀 ${i}` });
    const then = await cli.queue();
    const copy = await backup(cli);
    await own.halt();
    fs.mkdirSync(path.join(own.state, 'snapshots'), { recursive: true });
    fs.writeFileSync(path.join(own.state, 'snapshots', 'booth-20260911T100000Z.db'), copy);
    const file = path.join(own.state, 'booth.db');
    const bytes = fs.readFileSync(file);
    bytes.fill(0x5a, 1024, Math.min(bytes.length, 20 * 1024));
    fs.writeFileSync(file, bytes);
    await own.launch();
    const now = await cli.queue();
    assert.notEqual(now.booth.epoch, then.booth.epoch);
    assert.equal(now.banner.code, 'restored');
    assert.deepEqual(bare(now), bare(then));
  } finally {
    await own.stop();
  }
});
