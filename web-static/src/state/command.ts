// One command: its kind and arguments, where and by whom it was given.  It is kept until the booth has answered it, and
// holds all that a repetition needs to be the same request and all that the screen needs to show its effect at once.
//
// A guest who is added while the booth is unreachable has no id and no number yet.  The phone gives the ticket a
// negative id, derived from the command's key.  Later commands for that ticket use this id too, and get the real one
// when the booth has answered the first.

import { boothNow } from './clock';
import type { Booth, Intake, Ticket, TicketState } from './types';

export type TicketVerb = 'call' | 'call-next' | 'seat' | 'no-show' | 'cancel' | 'requeue' | 'phoned' | 'edit';
export type Verb = TicketVerb | 'issue' | 'undo' | 'intake' | 'clock';

export interface Guest {
  party_size: number;
  name?: string | null;
  phone?: string | null;
  note?: string | null;
  line?: string;
}

/** The booth that a command is meant for, and the name of the device that gave it. */
export interface Origin {
  booth: Booth;
  device: string;
}

export interface Command extends Origin {
  key: string;
  /** When it was given, in ms of the booth's clock; unique within an outbox. */
  at: number;
  verb: Verb;
  method: 'POST' | 'PATCH' | 'PUT';
  path: string;
  body?: Record<string, unknown>;
  /** The ticket as the screen showed it; of a new guest the ticket to come; null if the command has none. */
  ticket: Ticket | null;
  /** Key of the command to undo, as long as the seq of that one is not known. */
  undoes?: string;
}

/** Shown in place of a number that the booth has not given yet. */
export const NO_NUMBER = '–';

export function ticketCommand(origin: Origin, verb: TicketVerb, ticket: Ticket, body?: Command['body']): Command {
  const params = verb === 'call-next' ? { line: ticket.line, expect: ticket.id } : body;
  return newCommand(origin, verb, verb === 'edit' ? 'PATCH' : 'POST', ticket, params);
}

export function issueCommand(origin: Origin, guest: Guest, target: { line: string; day: string }): Command {
  const made = newCommand(origin, 'issue', 'POST', null, { ...guest });
  return { ...made, ticket: newTicket(made, guest, target) };
}

export function undoCommand(origin: Origin, ticket: Ticket | null, target: { seq: number } | { key: string }): Command {
  const made = newCommand(origin, 'undo', 'POST', ticket);
  return 'seq' in target ? { ...made, body: { seq: target.seq } } : { ...made, undoes: target.key };
}

export function intakeCommand(origin: Origin, state: Intake['state'], resume_after_s?: number): Command {
  return newCommand(origin, 'intake', 'PUT', null, resume_after_s ? { state, resume_after_s } : { state });
}

export function clockCommand(origin: Origin): Command {
  return newCommand(origin, 'clock', 'POST', null, { now: new Date().toISOString() });
}

/** The same command with the id that the booth gave to the ticket whose id was `provisional`. */
export function withTicketId(command: Command, provisional: number, { id, number, line }: Ticket): Command {
  if (command.ticket?.id !== provisional) return command;
  return { ...command, path: pathOf(command.verb, id), ticket: { ...command.ticket, id, number, line } };
}

/** Whether `later` was given on the assumption that `earlier` succeeds. */
export function dependsOn(later: Command, earlier: Command): boolean {
  if (later.undoes === earlier.key) return true;
  const [ticket, before] = [later.ticket, earlier.ticket];
  return ticket !== null && before !== null && ticket.id === before.id && ticket.version > before.version;
}

/** The If-Match header of commands whose path names a ticket; call-next has `expect` instead, undo has `seq`. */
export function ifMatch({ path, ticket }: Command): string | null {
  return ticket && path.startsWith('tickets/') ? `"${ticket.version}"` : null;
}

const RESULTING_STATE: Partial<Record<Verb, TicketState>> = {
  call: 'called',
  'call-next': 'called',
  seat: 'seated',
  'no-show': 'no_show',
  cancel: 'cancelled',
  requeue: 'waiting',
};

/** The ticket after these commands, in order, and the last of them that is not done yet. */
export function applyPending(ticket: Ticket, commands: readonly Command[]): { ticket: Ticket; saving: Verb | null } {
  let saving: Verb | null = null;
  for (const { verb, body, ticket: seen, undoes } of commands) {
    if (seen?.id !== ticket.id || seen.version < ticket.version) continue;
    const undone = undoes === undefined ? null : commands.find(({ key }) => key === undoes)?.ticket;
    const calls = RESULTING_STATE[verb] === 'called' ? ticket.calls + 1 : ticket.calls;
    const edited = verb === 'edit' ? body : null;
    const state = RESULTING_STATE[verb] ?? undone?.state ?? ticket.state;
    ticket = { ...ticket, ...edited, calls, state, version: ticket.version + 1 };
    saving = verb;
  }
  return { ticket, saving };
}

/** Tickets of new guests that the list does not have yet. */
export function pendingTickets(commands: readonly Command[], known: { has(id: number): boolean }): Ticket[] {
  return commands.flatMap(({ verb, ticket }) => (verb === 'issue' && ticket && !known.has(ticket.id) ? [ticket] : []));
}

/** The intake after these commands. */
export function applyPendingIntake(intake: Intake, commands: readonly Command[]): Intake {
  const last = commands.filter(({ verb }) => verb === 'intake').pop();
  if (!last) return intake;
  const { state, resume_after_s } = last.body as { state: Intake['state']; resume_after_s?: number };
  return { state, resume_at: resume_after_s ? new Date(last.at + resume_after_s * 1000).toISOString() : null };
}

function newCommand(
  origin: Origin,
  verb: Verb,
  method: Command['method'],
  ticket: Ticket | null,
  body?: Command['body'],
): Command {
  const path = pathOf(verb, ticket?.id);
  return { ...origin, key: randomKey(), at: boothNow(), verb, method, path, ticket, ...(body && { body }) };
}

const PATHS: Partial<Record<Verb, string>> = {
  issue: 'tickets',
  'call-next': 'call-next',
  undo: 'undo',
  intake: 'intake',
  clock: 'system/clock',
};

function pathOf(verb: Verb, id: number | undefined): string {
  return PATHS[verb] ?? (verb === 'edit' ? `tickets/${id}` : `tickets/${id}/${verb}`);
}

/** Its version is 0: issuing it makes version 1. */
function newTicket({ key, at }: Command, guest: Guest, target: { line: string; day: string }): Ticket {
  return {
    id: -Number.parseInt(key.slice(0, 12), 16) - 1,
    number: NO_NUMBER,
    ...target,
    state: 'waiting',
    version: 0,
    party_size: guest.party_size,
    name: guest.name ?? null,
    phone: guest.phone ?? null,
    note: guest.note ?? null,
    source: 'staff',
    position: null,
    calls: 0,
    held: false,
    delivery: null,
    issued_at: new Date(at).toISOString(),
    called_at: null,
    closed_at: null,
    estimate: null,
    undo_seq: null,
    actor: '',
    by: null,
    token: '',
  };
}

/** Not crypto.randomUUID, which needs a secure context: http://booth.internal is none. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
