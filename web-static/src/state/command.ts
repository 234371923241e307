// One wish of one person, as it is kept until the booth has answered it: everything that a repeat needs to be the same
// request, and everything that the screen needs to show the wish as done before it is.
//
// A guest who was added while the booth is out of reach has no id and no number yet.  The phone gives the ticket a
// negative id made from the add's key; what is wished for that ticket bears it too, and gets the real id with the
// answer to the add.

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

/** Whose wish it is: of which booth, and on which device it was signed in. */
export interface Origin {
  booth: Booth;
  device: string;
}

export interface Command extends Origin {
  key: string;
  /** The booth's time when it was pressed, in ms; no two of one outbox are the same. */
  at: number;
  verb: Verb;
  method: 'POST' | 'PATCH' | 'PUT';
  path: string;
  body?: Record<string, unknown>;
  /** The ticket as it was on the screen, of an add the one that will be; null where there is none. */
  ticket: Ticket | null;
  /** Key of the command whose seq is to be undone: known only when that one is answered. */
  undoes?: string;
}

/** What stands where the booth has given no number yet. */
export const NO_NUMBER = '–';

export function ticketCommand(origin: Origin, verb: TicketVerb, ticket: Ticket, body?: Command['body']): Command {
  const params = verb === 'call-next' ? { line: ticket.line, expect: ticket.id } : body;
  return newCommand(origin, verb, verb === 'edit' ? 'PATCH' : 'POST', ticket, params);
}

/** `on`: where it will stand. */
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

/** The same wish once the booth has named the ticket that the phone knew by `provisional`. */
export function withTicketId(command: Command, provisional: number, { id, number, line }: Ticket): Command {
  if (command.ticket?.id !== provisional) return command;
  return { ...command, path: pathOf(command.verb, id), ticket: { ...command.ticket, id, number, line } };
}

/** It was made from what this one was to lead to: without it, it is another wish. */
export function dependsOn(later: Command, earlier: Command): boolean {
  if (later.undoes === earlier.key) return true;
  const [ticket, before] = [later.ticket, earlier.ticket];
  return ticket !== null && before !== null && ticket.id === before.id && ticket.version > before.version;
}

/** If-Match goes with what names its ticket in the path; call-next has `expect`, undo has `seq`. */
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

/** The ticket as it will be once these commands, in order, are done, and the last of them that is not done yet. */
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

/** Guests whom the list does not know yet. */
export function pendingTickets(commands: readonly Command[], known: { has(id: number): boolean }): Ticket[] {
  return commands.flatMap(({ verb, ticket }) => (verb === 'issue' && ticket && !known.has(ticket.id) ? [ticket] : []));
}

/** The door as it will be. */
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

/** Version 0: the add will be its first. */
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

/** crypto.randomUUID needs a secure context; http://booth.internal is none. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
