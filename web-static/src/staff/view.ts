// One line's or all lines' lists as they are shown, with what this phone's commands on their way will change in them.

import { foresee, type Command } from '../lib/command';
import { calledList, doneList, nextTicket, waitingList } from '../lib/lists';
import type { Queue } from '../lib/queue';
import type { Ticket } from '../lib/types';

/** The booth sends the last 50 done ones. */
const DONE_SENT = 50;

export type View = ReturnType<typeof viewOf>;

export function viewOf(queue: Queue, line: string | null, commands: readonly Command[]) {
  const waiting = waitingList(queue, line);
  const called = calledList(queue, line);
  const done = doneList(queue, line);
  const leaving = new Set(
    waiting.filter((ticket) => foresee(ticket, commands).ticket.state !== 'waiting').map((ticket) => ticket.id),
  );
  const unnamed = commands
    .filter(({ verb, body }) => verb === 'issue' && (line === null || body?.['line'] === line))
    .map(({ key, body }) => ({ key, size: body?.['party_size'] as number }));
  return {
    waiting,
    called,
    done,
    unnamed,
    next: nextTicket(queue, line, leaving),
    counts: {
      waiting: String(waiting.length),
      called: String(called.length),
      done: done.length < DONE_SENT ? String(done.length) : `${DONE_SENT}+`,
    },
  };
}

/** How many of its line stand before it. */
export function ahead(queue: Queue, ticket: Ticket): number | null {
  return ticket.state === 'waiting' ? (queue.waiting[ticket.line] ?? []).indexOf(ticket.id) : null;
}
