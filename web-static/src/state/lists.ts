// What the screens show of a queue: lists, counts, and the ticket that the call button will call.

import type { Queue } from './queue';
import type { Estimate, Ticket } from './types';

/** `line` is a line's id, or null for all of them. */
type LineFilter = string | null;

/** The lines merged in the order in which they would be called: of the first of each line the earliest issued. */
export function waitingList(queue: Queue, line: LineFilter): Ticket[] {
  const lines = queue.lines.filter(({ id }) => line === null || id === line);
  const rows = lines.map(({ id }) => (queue.waiting[id] ?? []).map((ticket) => queue.tickets.get(ticket)!));
  if (rows.length === 1) return rows[0]!;
  const next = rows.map(() => 0);
  const merged: Ticket[] = [];
  for (let left = rows.reduce((sum, row) => sum + row.length, 0); left > 0; left--) {
    let first = -1;
    rows.forEach((row, i) => {
      const head = row[next[i]!];
      if (head && (first < 0 || head.id < rows[first]![next[first]!]!.id)) first = i;
    });
    merged.push(rows[first]![next[first]!++]!);
  }
  return merged;
}

/** The earliest called comes first. */
export function calledList(queue: Queue, line: LineFilter): Ticket[] {
  return ofLine(queue, line, queue.called);
}

/** The latest done comes first. */
export function doneList(queue: Queue, line: LineFilter): Ticket[] {
  return ofLine(queue, line, queue.done);
}

/** Tickets that have a command to undo, the latest command first. */
export function undoableList(queue: Queue): Ticket[] {
  const undoable = [...queue.tickets.values()].filter(({ undo_seq }) => undo_seq !== null);
  return undoable.sort((a, b) => b.undo_seq! - a.undo_seq!);
}

/** The ticket that call-next would call: the booth names one per line, and of these the earliest issued. */
export function nextTicket(queue: Queue, line: LineFilter, except: ReadonlySet<number>): Ticket | null {
  const firsts = queue.lines
    .filter(({ id }) => line === null || id === line)
    .map(({ id, next }) => (next !== null && !except.has(next) ? next : firstFree(queue, id, except)))
    .map((id) => queue.tickets.get(id ?? -1))
    .filter((ticket): ticket is Ticket => ticket !== undefined);
  return firsts.sort((a, b) => a.id - b.id)[0] ?? null;
}

/** The ticket that the booth will name next in this line once those in `except` are called. */
function firstFree(queue: Queue, line: string, except: ReadonlySet<number>): number | undefined {
  return queue.waiting[line]?.find((id) => !except.has(id));
}

/** Finds tickets by number, name or the last digits of the phone number; exact numbers come first. */
export function search(queue: Queue, text: string): Ticket[] {
  const query = text.trim().toLowerCase();
  if (!query) return [];
  const digits = /^[\d\s-]+$/.test(query) ? query.replace(/\D/g, '') : '';
  const rankOf = (ticket: Ticket) => {
    const number = ticket.number.toLowerCase();
    if (number === query || number.replace(/^.*-/, '') === query) return 0;
    if (number.includes(query) || ticket.name?.toLowerCase().includes(query)) return 1;
    return digits && phoneTail(ticket.phone, digits.length).includes(digits) ? 2 : -1;
  };
  return [...queue.tickets.values()]
    .map((ticket) => ({ ticket, rank: rankOf(ticket) }))
    .filter((hit) => hit.rank >= 0)
    .sort((a, b) => a.rank - b.rank || b.ticket.id - a.ticket.id)
    .map((hit) => hit.ticket);
}

export function people(tickets: Ticket[]): number {
  return tickets.reduce((sum, ticket) => sum + ticket.party_size, 0);
}

/** The waiting time for a guest who joins now; null while several lines are shown. */
export function joinEstimate(queue: Queue, line: LineFilter): Estimate | null {
  const lines = queue.lines.filter(({ id }) => line === null || id === line);
  return lines.length === 1 ? lines[0]!.estimate : null;
}

function phoneTail(phone: string | null, length: number): string {
  const digits = phone?.replace(/\D/g, '') ?? '';
  return length > 4 ? digits : digits.slice(-4);
}

function ofLine(queue: Queue, line: LineFilter, ids: readonly number[]): Ticket[] {
  const tickets = ids.map((id) => queue.tickets.get(id)!);
  return line === null ? tickets : tickets.filter((ticket) => ticket.line === line);
}
