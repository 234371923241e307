// The queue as the booth last reported it: one immutable value.  Only `applyEvents` makes a new one.
//
// For each change the stream sends one ticket with its position; the others behind it move without being sent.  So the
// waiting tickets of each line are a list of ids into which the changed ticket is inserted, and the positions of the
// others are not read.  Called and done tickets are lists too: a change touches one ticket, however long the list is.

import type { Booth, Change, Intake, Line, Snapshot, Status, Sync, Ticket } from './types';

export interface Queue {
  seq: number;
  booth: Booth;
  day: string;
  intake: Intake;
  lines: Line[];
  tickets: ReadonlyMap<number, Ticket>;
  waiting: Readonly<Record<string, readonly number[]>>;
  /** The earliest called comes first. */
  called: readonly number[];
  /** The latest done comes first. */
  done: readonly number[];
  /** `done` may lack earlier tickets: the booth sends the last ones only. */
  doneTruncated: boolean;
  sync: Sync;
  clock: Snapshot['clock'];
  storage: Snapshot['storage'];
  banner: Snapshot['banner'];
  message: Snapshot['message'];
  /** The most severe comes first. */
  warnings: Snapshot['warnings'];
}

/** A snapshot without the parts that only the board needs. */
export type StoredList = Omit<Snapshot, 'texts' | 'languages'>;

export type QueueEvent =
  { type: 'snapshot'; data: StoredList } | { type: 'change'; data: Change } | { type: 'status'; data: Status };

/** How many done tickets the booth sends at most. */
const MAX_DONE_SENT = 50;

/** Applies several events at once, so that each collection is copied once. */
export function applyEvents(queue: Queue | null, ...events: QueueEvent[]): Queue | null {
  const fresh = new Set<unknown>();
  return events.reduce((before, event) => applyEvent(before, event, fresh), queue);
}

/** `fresh`: collections made in this call, which nobody else has seen and which may still be changed. */
function applyEvent(queue: Queue | null, event: QueueEvent, fresh: Set<unknown>): Queue | null {
  if (event.type === 'snapshot') return isOlder(queue, event.data) ? queue : fromSnapshot(event.data);
  if (!queue) return null;
  if (event.type === 'status') return { ...queue, ...event.data };
  return event.data.seq > queue.seq ? withChange(queue, event.data, fresh) : queue;
}

function isOlder(queue: Queue | null, snapshot: StoredList): boolean {
  return queue !== null && queue.booth.epoch === snapshot.booth.epoch && snapshot.seq < queue.seq;
}

function fromSnapshot(snapshot: StoredList): Queue {
  const { seq, booth, day, intake, lines, sync, clock, storage, banner, message, warnings } = snapshot;
  const waiting: Record<string, number[]> = Object.fromEntries(lines.map((line) => [line.id, []]));
  for (const ticket of snapshot.tickets) if (ticket.state === 'waiting') (waiting[ticket.line] ??= []).push(ticket.id);
  const tickets = new Map(snapshot.tickets.map((ticket) => [ticket.id, ticket]));
  const sorted = (order: Order) =>
    snapshot.tickets
      .filter(order.includes)
      .sort(order.compare)
      .map(({ id }) => id);
  const done = sorted(DONE);
  return {
    seq,
    booth,
    day,
    intake,
    lines,
    tickets,
    waiting,
    called: sorted(CALLED),
    done,
    doneTruncated: done.length >= MAX_DONE_SENT,
    sync,
    clock,
    storage,
    banner,
    message,
    warnings: warnings ?? [], // a list stored by an earlier build has none
  };
}

/** In the form in which the booth sends it, since the stored list must not depend on the form of `Queue`. */
export function toStoredList(queue: Queue): StoredList {
  const { seq, booth, day, intake, lines, sync, clock, storage, banner, message, warnings } = queue;
  const waiting = Object.values(queue.waiting).flat();
  const tickets = [...waiting, ...queue.called, ...queue.done].map((id) => queue.tickets.get(id)!);
  return { seq, booth, day, intake, lines, tickets, sync, clock, storage, banner, message, warnings };
}

function withChange(queue: Queue, change: Change, fresh: Set<unknown>): Queue {
  const { seq, ticket, line } = change;
  const next: Queue = { ...queue, seq, intake: change.intake ?? queue.intake, day: change.day ?? queue.day };
  if (line) next.lines = queue.lines.map((old) => (old.id === line.id ? line : old));
  if (ticket && ticket.version >= (queue.tickets.get(ticket.id)?.version ?? 0)) {
    const tickets = fresh.has(queue.tickets) ? (queue.tickets as Map<number, Ticket>) : new Map(queue.tickets);
    fresh.add(tickets);
    next.tickets = tickets.set(ticket.id, ticket);
    next.waiting = { ...queue.waiting, [ticket.line]: withWaiting(queue.waiting[ticket.line] ?? [], ticket) };
    next.called = withSorted(queue.called, ticket, CALLED, tickets);
    next.done = withSorted(queue.done, ticket, DONE, tickets);
  }
  return next;
}

function withWaiting(ids: readonly number[], ticket: Ticket): readonly number[] {
  const others = ids.filter((id) => id !== ticket.id);
  if (ticket.state === 'waiting') others.splice((ticket.position ?? others.length + 1) - 1, 0, ticket.id);
  return others;
}

interface Order {
  includes(ticket: Ticket): boolean;
  compare(a: Ticket, b: Ticket): number;
}

const CALLED: Order = {
  includes: ({ state }) => state === 'called',
  compare: (a, b) => byText(a.called_at ?? '', b.called_at ?? '') || a.id - b.id,
};
const DONE: Order = {
  includes: ({ state }) => state !== 'called' && state !== 'waiting',
  compare: (a, b) => byText(b.closed_at ?? '', a.closed_at ?? '') || b.id - a.id,
};

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function withSorted(
  ids: readonly number[],
  ticket: Ticket,
  order: Order,
  tickets: ReadonlyMap<number, Ticket>,
): readonly number[] {
  if (!order.includes(ticket) && !ids.includes(ticket.id)) return ids;
  const others = ids.filter((id) => id !== ticket.id);
  if (!order.includes(ticket)) return others;
  const behind = others.findIndex((id) => order.compare(ticket, tickets.get(id)!) < 0);
  others.splice(behind < 0 ? others.length : behind, 0, ticket.id);
  return others;
}
