// The power goes after an entry of a log: what was written before the last finished flush is on the disk, and what was
// forced there (FUA); of the rest anything may be, by sectors of 512 bytes.
import fs from 'node:fs';
import { FLUSH, FUA } from './log.mjs';

export const TORN = 512;
export const SURVIVALS = ['nothing', 'everything', 'writes', 'sectors']; // of what was not flushed

// How many of the entries before a cut the last flush among them made durable. A flush covers what came before it, not
// what it carries itself.
export function flushed(entries, cut) {
  for (let i = cut - 1; i >= 0; i--) if (entries[i].flags & FLUSH) return i;
  return 0;
}

function write(fd, { at, bytes }) {
  fs.writeSync(fd, bytes, 0, bytes.length, at);
}

function putSome(fd, piece, random) {
  for (let from = 0; from < piece.bytes.length; from += TORN)
    if (random.below(2)) write(fd, { at: piece.at + from, bytes: piece.bytes.subarray(from, from + TORN) });
}

// Which of the entries from..cut of a log survive, and how: 'whole', 'torn' or not at all.
export function fates(entries, from, cut, survival, random) {
  const fate = {
    nothing: () => null,
    everything: () => 'whole',
    writes: () => (random.below(2) ? 'whole' : null),
    sectors: () => 'torn',
  }[survival];
  return entries.slice(from, cut).map((e) => (e.flags & FUA ? 'whole' : fate()));
}

// The disk before the log began, and its copies after cuts, which must come in rising order: what is durable is put
// into one image as the cuts go on, and copied for each.
export class Disk {
  constructor(log, image) {
    Object.assign(this, { log, image, fd: fs.openSync(image, 'r+'), done: 0 });
  }
  close() {
    fs.closeSync(this.fd);
  }

  // Makes `to` the disk as it is after the first `cut` entries and the loss of power.
  cut(cut, to, survival, random) {
    const { log } = this;
    const sure = flushed(log.entries, cut);
    for (; this.done < sure; this.done++) for (const piece of log.pieces(log.entries[this.done])) write(this.fd, piece);
    fs.copyFileSync(this.image, to);
    const fd = fs.openSync(to, 'r+');
    fates(log.entries, sure, cut, survival, random).forEach((fate, i) => {
      if (fate) for (const piece of log.pieces(log.entries[sure + i])) fate === 'whole' ? write(fd, piece) : putSome(fd, piece, random);
    });
    fs.closeSync(fd);
    return { sure, unsure: cut - sure };
  }
}
