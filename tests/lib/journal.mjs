// Replays the journal: events must have no gap, and their tickets must equal the rows of the table.
import assert from 'node:assert/strict';

const STATES = ['waiting', 'called', 'seated', 'no_show', 'cancelled'];
const SOURCES = ['staff', 'hub', 'api'];
const DELIVERIES = [null, 'pending', 'delivered', 'failed', 'phoned'];
const wall = (text) => (text === null ? 0 : Date.parse(text));

export class Journal {
  ordinal = 0; // of the epoch
  seq = 0;
  tickets = new Map();
  events = new Map(); // of the latest epoch, by seq

  // Applies the new events in order; each epoch counts from 1.
  replay(booth) {
    const from = `(id >> 32) > ${this.ordinal} OR ((id >> 32) = ${this.ordinal} AND (id & 0xffffffff) > ${this.seq})`;
    for (const { ordinal, seq, text } of booth.query(`SELECT id >> 32 AS ordinal, id & 0xffffffff AS seq, text FROM event WHERE ${from} ORDER BY id`)) {
      const event = JSON.parse(text);
      if (ordinal !== this.ordinal) [this.ordinal, this.seq, this.events] = [ordinal, 0, new Map()];
      assert.equal(seq, this.seq + 1, 'the journal has a gap');
      assert.equal(event.seq, seq);
      this.seq = seq;
      this.events.set(seq, event);
      if (event.ticket) this.tickets.set(event.ticket.id, event.ticket);
    }
  }

  // erased: the names of closed tickets may have been erased
  compareTickets(booth, { erased = false } = {}) {
    const rows = booth.query('SELECT t.*, p.name FROM ticket t LEFT JOIN person p ON p.ticket = t.id');
    assert.equal(rows.length, this.tickets.size, 'tickets in the table and in the journal');
    for (const r of rows) {
      const t = this.tickets.get(r.id);
      assert.ok(t, `ticket ${r.id} has no event`);
      const table = [r.version, STATES[r.state], r.party_size, r.calls, SOURCES[r.source], DELIVERIES[r.delivery], r.line, r.label, r.issued_at, r.called_at, r.closed_at];
      const replayed = [t.version, t.state, t.party_size, t.calls, t.source, t.delivery, t.line, t.number, wall(t.issued_at), wall(t.called_at), wall(t.closed_at)];
      assert.deepEqual(table, replayed, `ticket ${r.id}: the table and the replayed journal differ`);
      if (!erased || r.closed_at === 0) assert.match(r.name ?? '', /^name-/, `ticket ${r.id} has lost its guest`);
    }
  }
}

// Asserts what holds for every database, however boothd ended.
export function assertWhole(booth) {
  assert.deepEqual(booth.query('PRAGMA integrity_check').map((r) => r.integrity_check), ['ok']);
  const doubles = booth.query('SELECT hex(key) AS key, count(*) AS n FROM command WHERE key IS NOT NULL GROUP BY key HAVING n > 1');
  assert.deepEqual(doubles, [], 'commands done twice');
}
