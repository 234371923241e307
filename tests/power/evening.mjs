// An evening's log, read: which of its writes are what, and what was acknowledged by then.
import { spawnSync } from 'node:child_process';
import { FLUSH } from './log.mjs';

export const DATA_MB = 64; // the file system; what lies behind it on the same disk is the zone of client.c, see evening.sh
export const DISK_MB = 112;
export const BLOCK = 4096;
const TEXT_MOST = BLOCK;

function parse(text) {
  const [what, ...rest] = text.replace(/\0.*$/s, '').split('\n');
  if (what === 'MARK') return { mark: rest[0] };
  const [method, path, key, body, status, answer] = rest;
  return { ack: { method, path, key, body: JSON.parse(body), status: Number(status), answer: JSON.parse(answer) } };
}

// {acks, marks}: in the order of the log, each with `entry`, the place of its record.
export function records(log) {
  const all = log.entries.flatMap((e, entry) => {
    if (e.at < DATA_MB << 20 || e.length === 0) return [];
    const bytes = log.read(e.data, Math.min(e.length, TEXT_MOST));
    return [{ entry, ...parse(bytes.toString('utf8')) }];
  });
  return { acks: all.filter((r) => r.ack).map(({ entry, ack }) => ({ entry, ...ack })), marks: all.filter((r) => r.mark) };
}

const debugfs = (image, request) => spawnSync('debugfs', ['-R', request, image], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout;

// The blocks of the database, all of its generations, in the file system as it was at the end.
function databaseBlocks(image) {
  const names = debugfs(image, 'ls -p /state').split('\n').map((line) => line.split('/')[5]).filter((name) => /^booth\.db/.test(name ?? '') && !/-(wal|shm)$/.test(name));
  return new Set(names.flatMap((name) => debugfs(image, `blocks /state/${name}`).trim().split(/\s+/).map(Number)));
}

// Where the power may go, by what is going on: name → cuts, each a number of entries that came before it. The cut right
// after a record is the one at which its answer had just been given.
export function strata(log, { acks, marks }, image) {
  const blocks = databaseBlocks(image);
  const end = marks.find((m) => m.mark === 'off')?.entry ?? log.entries.length;
  const first = acks[0].entry;
  const range = (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i + 1);
  const between = (from, to) => marks.flatMap((m, i) => (m.mark === from ? range(m.entry, marks.slice(i).find((n) => to.includes(n.mark))?.entry ?? end) : []));
  const within = (name, list) => [name, list.filter((cut) => cut <= end)];
  const idle = (cut) => log.entries[cut - 1].flags & FLUSH; // nothing is unsure there
  return new Map([
    within('creation', range(0, first)),
    within('acknowledged', acks.map((a) => a.entry + 1)),
    within('checkpoint', range(first, end).filter((cut) => blocks.has(log.entries[cut - 1].at / BLOCK) && !idle(cut))),
    within('night', between('night', ['morning'])),
    within('restore', between('restore', ['restored'])),
    within('stop and start', [...between('stop', ['stopped']), ...between('start', ['ready']).filter((cut) => cut > first)]),
    within('any time', range(first, end)),
  ].filter(([, cuts]) => cuts.length));
}
