// The queue as the booth last told it, one immutable value.  `apply` is the only thing that makes a new one.
//
// The stream sends one ticket per change, with its position; everyone behind it moved without a word.  So the waiting
// of each line are kept as a list of ids in which the ticket is put at its place, and nobody else's position is read.

import type { Booth, Change, Intake, Line, Snapshot, Status, Sync, Ticket } from './types';

export interface Queue {
  seq: number;
  booth: Booth;
  day: string;
  intake: Intake;
  lines: Line[];
  tickets: ReadonlyMap<number, Ticket>;
  waiting: Readonly<Record<string, readonly number[]>>;
  sync: Sync;
  clock: Snapshot['clock'];
  storage: Snapshot['storage'];
  banner: Snapshot['banner'];
}

export type QueueEvent =
  { type: 'snapshot'; data: Snapshot } | { type: 'change'; data: Change } | { type: 'status'; data: Status };

export function apply(queue: Queue | null, event: QueueEvent): Queue | null {
  if (event.type === 'snapshot') return isOlder(queue, event.data) ? queue : fromSnapshot(event.data);
  if (!queue) return null;
  if (event.type === 'status') return { ...queue, ...event.data };
  return event.data.seq > queue.seq ? withChange(queue, event.data) : queue;
}

function isOlder(queue: Queue | null, snapshot: Snapshot): boolean {
  return queue !== null && queue.booth.epoch === snapshot.booth.epoch && snapshot.seq < queue.seq;
}

function fromSnapshot(snapshot: Snapshot): Queue {
  const { seq, booth, day, intake, lines, sync, clock, storage, banner } = snapshot;
  const waiting: Record<string, number[]> = Object.fromEntries(lines.map((line) => [line.id, []]));
  for (const ticket of snapshot.tickets) if (ticket.state === 'waiting') (waiting[ticket.line] ??= []).push(ticket.id);
  const tickets = new Map(snapshot.tickets.map((ticket) => [ticket.id, ticket]));
  return { seq, booth, day, intake, lines, tickets, waiting, sync, clock, storage, banner };
}

function withChange(queue: Queue, change: Change): Queue {
  const { seq, ticket, line } = change;
  const next: Queue = { ...queue, seq, intake: change.intake ?? queue.intake, day: change.day ?? queue.day };
  if (line) next.lines = queue.lines.map((old) => (old.id === line.id ? line : old));
  if (ticket && ticket.version >= (queue.tickets.get(ticket.id)?.version ?? 0)) {
    next.tickets = new Map(queue.tickets).set(ticket.id, ticket);
    next.waiting = { ...queue.waiting, [ticket.line]: placed(queue.waiting[ticket.line] ?? [], ticket) };
  }
  return next;
}

function placed(ids: readonly number[], ticket: Ticket): readonly number[] {
  const others = ids.filter((id) => id !== ticket.id);
  if (ticket.state === 'waiting') others.splice((ticket.position ?? others.length + 1) - 1, 0, ticket.id);
  return others;
}
