// The lists of one line or of all lines as they are shown, with the effect of commands that are not answered yet.

import { applyPending, applyPendingIntake, pendingTickets, type Command } from '../../state/command';
import { calledList, doneList, nextTicket, waitingList } from '../../state/lists';
import type { Queue } from '../../state/queue';
import type { Ticket } from '../../state/types';

export type Tab = 'waiting' | 'called' | 'done';
export type ListView = ReturnType<typeof listView>;

/** While the booth is not connected, even a guest without a number can be the next to call. */
export function listView(queue: Queue, line: string | null, commands: readonly Command[], connected: boolean) {
  const listed = waitingList(queue, line);
  const pending = pendingTickets(commands, queue.tickets).filter((ticket) => line === null || ticket.line === line);
  const waiting = pending.length > 0 ? [...listed, ...pending] : listed;
  const called = calledList(queue, line);
  const done = doneList(queue, line);
  const leavingIds = new Set(
    commands
      .flatMap(({ ticket }) => queue.tickets.get(ticket?.id ?? -1) ?? [])
      .filter((ticket) => applyPending(ticket, commands).ticket.state !== 'waiting')
      .map((ticket) => ticket.id),
  );
  const isWaiting = (ticket: Ticket) => applyPending(ticket, commands).ticket.state === 'waiting';
  return {
    waiting,
    called,
    done,
    next: nextTicket(queue, line, leavingIds) ?? ((!connected && pending.find(isWaiting)) || null),
    counts: {
      waiting: String(waiting.length),
      called: String(called.length),
      done: queue.doneTruncated ? `${done.length}+` : String(done.length),
    },
  };
}

/** The queue with the intake as the commands of this phone will leave it. */
export function withPendingIntake(queue: Queue, commands: readonly Command[]): Queue {
  const intake = applyPendingIntake(queue.intake, commands);
  return intake === queue.intake ? queue : { ...queue, intake };
}

/** How many parties of its line wait before it. */
export function partiesAhead(queue: Queue, ticket: Ticket): number | null {
  if (ticket.state !== 'waiting') return null;
  const line = queue.waiting[ticket.line] ?? [];
  return ticket.id < 0 ? line.length : line.indexOf(ticket.id);
}
