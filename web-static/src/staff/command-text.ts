// What the bar above the buttons says about the last command: done, on its way, or why not and what to do.

import { NO_NUMBER, type Command } from '../state/command';
import type { Refused } from '../state/outbox';
import type { Queue } from '../state/queue';
import type { Problem, Ticket } from '../state/types';
import type { Marked } from '../text/ko';
import type { Notice } from './model';
import { t } from './text';

export interface Words {
  text: Marked;
  hint?: string;
  /** What the button beside it does. */
  offer: 'undo' | { show: Ticket } | null;
  waiting: boolean;
}

const UNDOABLE = new Set<Notice['command']['verb']>([
  'call',
  'call-next',
  'seat',
  'no-show',
  'cancel',
  'requeue',
  'issue',
]);

export function words(notice: Notice, queue: Queue, lost: boolean, now: number): Words {
  const { command, outcome } = notice;
  if (outcome && 'code' in outcome) return refused(notice, outcome, queue, now);
  const ticket = outcome?.ticket ?? (command.verb === 'issue' ? null : command.ticket);
  const what = outcome ? t.did[command.verb] : t.verbs[command.verb];
  const text: Marked = ticket ? t.withTicket(ticket.number, what) : [what, '', ''];
  if (!outcome) text[2] += lost ? t.keptHere : t.savingNow;
  return { text, offer: UNDOABLE.has(command.verb) ? 'undo' : null, waiting: !outcome };
}

/** Another device was first: say who and when, from the ticket as it is now rather than as the answer saw it. */
function refused({ command }: Notice, problem: Problem, queue: Queue | null, now: number): Words {
  const seen = command.ticket;
  const ticket = seen && latest(queue?.tickets.get(seen.id), problem.ticket?.id === seen.id ? problem.ticket : null);
  const conflict = problem.code === 'stale_version' || problem.code === 'wrong_state';
  if (seen && ticket && conflict) {
    const offer = { show: ticket };
    if (ticket.state !== seen.state || ticket.state === 'called') {
      const hint =
        ticket.state === 'called' && ticket.calls === seen.calls + 1 ? t.calledOnce(ticket.number) : undefined;
      return {
        text: ['', t.already[ticket.state], ` · ${who(ticket, now)}`],
        offer,
        waiting: false,
        ...(hint && { hint }),
      };
    }
    const first =
      command.verb === 'call-next' && problem.ticket && problem.ticket.id !== seen.id ? problem.ticket : null;
    const text = first ? t.otherFirst(first.number) : t.changedMeanwhile(ticket.number);
    return { text: [text, '', ''], offer: { show: first ?? ticket }, waiting: false };
  }
  const table: Partial<Record<Problem['code'], string>> = t.problems;
  return {
    text: [table[problem.code] ?? t.problemElse, '', ''],
    offer: ticket ? { show: ticket } : null,
    waiting: false,
  };
}

/** "12번 호출"; of a guest without a number, who it is. */
export function wish({ verb, ticket }: Command): string {
  if (!ticket) return t.verbs[verb];
  if (ticket.number !== NO_NUMBER) return t.withTicket(ticket.number, t.verbs[verb]).join('');
  const guest = [`${ticket.party_size}${t.peopleUnit || ` ${t.peopleSign}`}`, ticket.name].filter(Boolean).join(' ');
  return `${verb === 'issue' ? t.verbs.issue : t.withTicket(ticket.number, t.verbs[verb]).join('')} · ${guest}`;
}

/** What came back long after the press: why, and what to do; null = another booth's list is on the screen. */
export function refusal({ command, problem, because }: Refused, queue: Queue | null, now: number): Words {
  if (because) {
    return { text: [t.hungOn(t.verbs[because.verb]), '', ''], hint: t.hungNext, offer: null, waiting: false };
  }
  const known = queue?.booth.epoch === command.booth.epoch ? queue : null;
  const said = refused({ command, outcome: problem }, problem, known, now);
  return said.text[1] ? { ...said, hint: said.hint ?? t.lookFirst } : said;
}

function who(ticket: Ticket, now: number): string {
  const at = ticket.state === 'called' ? ticket.called_at : ticket.closed_at;
  const seconds = at ? Math.max(0, Math.round((now - Date.parse(at)) / 1000)) : null;
  return t.who(actor(ticket), seconds);
}

export function actor(ticket: Pick<Ticket, 'by' | 'actor'>): string {
  if (ticket.by) return ticket.by;
  const names: Record<string, string> = { button: t.byButton, timer: t.byTimer, hub: t.byGuest };
  return names[ticket.actor] ?? t.otherDevice;
}

function latest(a: Ticket | undefined, b: Ticket | null | undefined): Ticket | null {
  if (!a || !b) return a ?? b ?? null;
  return a.version >= b.version ? a : b;
}
