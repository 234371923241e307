// Nothing leaves before its commit: a shim in boothd's process writes down every sync of the disk and every byte to a
// socket, with times; an answer, a stream event or the buzzer's news that speaks of an event must come after the sync
// that made the event durable. And one sync is one batch.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { preload } from '../lib/preload.mjs';

const log = [];
// Where the log is now: what follows belongs to the next step.
const mark = () => fs.readFileSync(path.join(booth.dir, 'sync.log'), 'utf8').length;

const booth = await Booth.start({ env: (dir) => preload(['synclog', 'slowsync'], { SLOWSYNC_MS: 4, SYNCLOG: path.join(dir, 'sync.log') }) });
after(() => booth.stop());
const staff = await booth.signIn('staff', 'phone', { connections: 32 });
const streams = [await staff.stream(), await staff.stream('/api/v1/board/stream'), await booth.cli().stream('/api/v1/system/panel/stream')];
const from = mark();
for (let i = 0; i < 15; i++) {
  await staff.issue({ name: `손님 ${i}` });
  if (i % 3) await staff.callNext();
  if (i % 5 === 0) await booth.cli().post('/api/v1/system/panel/press', { ms: 20 });
}
// What else runs on a machine keeps clients from coming together: the wave that shared most shows what can be shared.
const waves = [];
for (let i = 0; i < 4; i++) {
  const begun = mark();
  await Promise.all(Array.from({ length: 32 }, async () => { for (let i = 0; i < 12; i++) await staff.issue(); }));
  waves.push({ from: begun, to: mark() });
}
const { to } = waves.at(-1);
const { seq } = await staff.queue();
await streams[0].next((e) => e.data.seq >= seq, { what: 'the last change' });
streams.forEach((s) => s.close());
const marks = { from, to, seq, call: streams[0].of('change').find((e) => e.data.type === 'ticket.called').data.seq };
let at = 0;
for (const line of fs.readFileSync(path.join(booth.dir, 'sync.log'), 'utf8').split('\n')) {
  const [what, ...rest] = line.split(' ');
  if (what) log.push({ what, rest, at });
  at += line.length + 1;
}

const isWal = (file) => file.endsWith('-wal');
const syncs = () => log.filter((l) => l.what === 'sync').map(({ rest: [begun, ended, file], at }) => ({ begun: BigInt(begun), ended: BigInt(ended), file, at }));

// seq → the moment from which it is durable: the end of the first sync of the WAL begun after its first writing.
function durable() {
  const written = new Map();
  for (const { what, rest: [time, seq, file] } of log) if (what === 'page' && isWal(file) && !written.has(Number(seq))) written.set(Number(seq), BigInt(time));
  const wal = syncs().filter((s) => isWal(s.file));
  return new Map([...written].map(([seq, time]) => [seq, wal.find((s) => s.begun >= time)?.ended]));
}

describe('the log of syncs and sends', () => {
  test('the shim sees that every event was written to the WAL, synced, and sent', () => {
    const at = durable();
    for (let seq = 1; seq <= marks.seq; seq++) assert.ok(at.get(seq), `event ${seq} was never made durable`);
    const spoken = new Set(log.filter((l) => l.what === 'send').map((l) => Number(l.rest[1])));
    assert.ok(spoken.size > marks.seq * 0.8, `${spoken.size} of ${marks.seq} events were seen leaving`);
  });

  test('no answer and no stream event is sent before its commit', () => {
    const at = durable();
    const early = log.filter((l) => l.what === 'send' && Number(l.rest[1]) > 0 && !(at.get(Number(l.rest[1])) <= BigInt(l.rest[0])));
    assert.deepEqual(early, []);
  });

  test('the buzzer sounds for a call only after the call’s commit', () => {
    const buzzes = log.filter((l) => l.what === 'buzz');
    assert.ok(buzzes.length > 0, 'the buzzer was never heard of');
    assert.ok(BigInt(buzzes[0].rest[0]) > durable().get(marks.call));
  });

  test('one sync of the WAL per batch: between two there is always something new', () => {
    const first = new Map();
    for (const l of log) if (l.what === 'page' && isWal(l.rest[2]) && !first.has(l.rest[1])) first.set(l.rest[1], l.at);
    const fresh = [...first.values()];
    const wal = syncs().filter((s) => isWal(s.file) && s.at >= marks.from && s.at < marks.to);
    const checkpoints = syncs().filter((s) => s.file === 'booth.db' && s.at >= marks.from && s.at < marks.to).length;
    let before = marks.from;
    let empty = 0;
    for (const s of wal) {
      if (!fresh.some((at) => at >= before && at < s.at)) empty++;
      before = s.at;
    }
    assert.ok(empty <= 3 * checkpoints + 2, `${empty} of ${wal.length} syncs made nothing durable (${checkpoints} checkpoints)`);
    const shared = waves.map((w) => {
      const within = (at) => at >= w.from && at < w.to;
      return { commands: fresh.filter(within).length, syncs: wal.filter((s) => within(s.at)).length };
    });
    const told = shared.map((w) => `${w.commands} commands in ${w.syncs} syncs`).join(', ');
    console.log(`32 clients: ${told}; checkpoints ${checkpoints}`);
    assert.ok(shared.every((w) => w.commands >= 384) && shared.some((w) => w.syncs < w.commands / 4), told);
  });
});
