// Commands in words: what the notice says about the last one (done, being saved, or why not and what to do), and what
// the sheets say about those that were refused or not sent.

import { NO_NUMBER, type Command } from '../state/command';
import type { Refused } from '../state/outbox';
import type { Queue } from '../state/queue';
import type { Problem, Ticket } from '../state/types';
import type { BoldPart } from '../text/ko';
import type { Notice } from './model';
import { t } from './text';

interface CommandText {
  text: BoldPart;
  hint?: string;
  /** What the button beside the text does. */
  action: 'undo' | { show: Ticket } | null;
  saving: boolean;
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

export function noticeText(notice: Notice, queue: Queue, disconnected: boolean, now: number): CommandText {
  const { command, outcome } = notice;
  if (outcome && 'code' in outcome) return refusedText(notice, outcome, queue, now);
  const ticket = outcome?.ticket ?? (command.verb === 'issue' ? null : command.ticket);
  const verb = outcome ? t.done[command.verb] : t.verbs[command.verb];
  const text: BoldPart = ticket ? t.withTicket(ticket.number, verb) : [verb, '', ''];
  if (!outcome) text[2] += disconnected ? t.savedOnPhone : t.savingSuffix;
  return { text, action: UNDOABLE.has(command.verb) ? 'undo' : null, saving: !outcome };
}

/** If another device was first: who and when, from the ticket as it is now rather than as it was in the answer. */
function refusedText({ command }: Notice, problem: Problem, queue: Queue | null, now: number): CommandText {
  const before = command.ticket;
  const ticket =
    before && newerVersion(queue?.tickets.get(before.id), problem.ticket?.id === before.id ? problem.ticket : null);
  const conflict = problem.code === 'stale_version' || problem.code === 'wrong_state';
  if (before && ticket && conflict) {
    const action = { show: ticket };
    if (ticket.state !== before.state || ticket.state === 'called') {
      const hint =
        ticket.state === 'called' && ticket.calls === before.calls + 1 ? t.calledOnce(ticket.number) : undefined;
      return {
        text: ['', t.already[ticket.state], ` · ${actorAndTime(ticket, now)}`],
        action,
        saving: false,
        ...(hint && { hint }),
      };
    }
    const firstNow =
      command.verb === 'call-next' && problem.ticket && problem.ticket.id !== before.id ? problem.ticket : null;
    const text = firstNow ? t.otherFirst(firstNow.number) : t.changedMeanwhile(ticket.number);
    return { text: [text, '', ''], action: { show: firstNow ?? ticket }, saving: false };
  }
  const table: Partial<Record<Problem['code'], string>> = t.problems;
  return {
    text: [table[problem.code] ?? t.otherProblem, '', ''],
    action: ticket ? { show: ticket } : null,
    saving: false,
  };
}

/** "12번 호출"; for a guest without a number, the size of the party and the name. */
export function commandText({ verb, ticket }: Command): string {
  if (!ticket) return t.verbs[verb];
  if (ticket.number !== NO_NUMBER) return t.withTicket(ticket.number, t.verbs[verb]).join('');
  const guest = [`${ticket.party_size}${t.peopleUnit || ` ${t.people}`}`, ticket.name].filter(Boolean).join(' ');
  return `${verb === 'issue' ? t.verbs.issue : t.withTicket(ticket.number, t.verbs[verb]).join('')} · ${guest}`;
}

/** Why a command was refused long after the press, and what to do. */
export function refusalText({ command, problem, because }: Refused, queue: Queue | null, now: number): CommandText {
  if (because) {
    return {
      text: [t.dependencyRefused(t.verbs[because.verb]), '', ''],
      hint: t.dependencyHint,
      action: null,
      saving: false,
    };
  }
  const known = queue?.booth.epoch === command.booth.epoch ? queue : null;
  const refused = refusedText({ command, outcome: problem }, problem, known, now);
  return refused.text[1] ? { ...refused, hint: refused.hint ?? t.checkFirst } : refused;
}

function actorAndTime(ticket: Ticket, now: number): string {
  const at = ticket.state === 'called' ? ticket.called_at : ticket.closed_at;
  const seconds = at ? Math.max(0, Math.round((now - Date.parse(at)) / 1000)) : null;
  return t.byAndTime(actorName(ticket), seconds);
}

export function actorName(ticket: Pick<Ticket, 'by' | 'actor'>): string {
  if (ticket.by) return ticket.by;
  const names: Record<string, string> = { button: t.byButton, timer: t.byTimer, hub: t.byGuest };
  return names[ticket.actor] ?? t.otherDevice;
}

function newerVersion(a: Ticket | undefined, b: Ticket | null | undefined): Ticket | null {
  if (!a || !b) return a ?? b ?? null;
  return a.version >= b.version ? a : b;
}
