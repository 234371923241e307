// The log of a disk's writes, as QEMU's blklogwrites and Linux's dm-log-writes keep it: a superblock, then entry after
// entry, each a sector that describes and the sectors that were written. An index of it fits into memory, the data are
// read when they are wanted.
import assert from 'node:assert/strict';
import fs from 'node:fs';

export const MAGIC = 0x6a736677736872n;
export const VERSION = 1n;
export const FLUSH = 1, FUA = 2, DISCARD = 4, MARK = 8;
const SUPER = 28; // bytes: magic, version, entries, sector size
const HEADER = 32; // bytes: sector, sectors, flags, length of a mark's text
const PIECE = 1 << 20;

export class WriteLog {
  constructor(path) {
    this.fd = fs.openSync(path, 'r');
    const head = this.read(0, SUPER);
    assert.equal(head.readBigUInt64LE(0), MAGIC, `${path} is not a log of writes`);
    assert.equal(head.readBigUInt64LE(8), VERSION, `${path}: a version that is not known`);
    this.sector = head.readUInt32LE(24);
    assert.ok(this.sector >= 512 && this.sector % 512 === 0, `${path}: sectors of ${this.sector} bytes`);
    this.entries = [...this.index(Number(head.readBigUInt64LE(16)))];
  }

  close() {
    fs.closeSync(this.fd);
  }

  read(at, n) {
    const bytes = Buffer.alloc(n);
    assert.equal(fs.readSync(this.fd, bytes, 0, n, at), n, `the log ends before byte ${at + n}`);
    return bytes;
  }

  // {at, length, flags, data, mark}: bytes on the disk, and where in the log they are. Only a write has any in the log.
  *index(n) {
    for (let i = 0, here = this.sector; i < n; i++) {
      const head = this.read(here, HEADER);
      const [sector, sectors, flags, marked] = [0, 8, 16, 24].map((at) => Number(head.readBigUInt64LE(at)));
      const entry = { at: sector * this.sector, length: sectors * this.sector, flags, data: here + this.sector, mark: null };
      if (flags & MARK) entry.mark = this.read(here + HEADER, marked).toString();
      here += this.sector;
      if (flags & MARK) entry.length = 0; // its text shares the sector that describes it
      else if (!(flags & DISCARD)) here += entry.length;
      yield entry;
    }
  }

  // What an entry puts on the disk, piece by piece: {at, bytes}. A discard leaves zeros, as most cards do.
  *pieces({ at, length, flags, data }) {
    for (let done = 0; done < length; done += PIECE) {
      const n = Math.min(PIECE, length - done);
      yield { at: at + done, bytes: flags & DISCARD ? Buffer.alloc(n) : this.read(data + done, n) };
    }
  }
}
