// One wish of one person, as it is kept until the booth has answered it: everything that a repeat needs to be the same
// request, and everything that the screen needs to show the wish as done before it is.

import type { Intake, Ticket, TicketState } from './types';

export type TicketVerb = 'call' | 'call-next' | 'seat' | 'no-show' | 'cancel' | 'requeue' | 'phoned' | 'edit';
export type Verb = TicketVerb | 'issue' | 'undo' | 'intake' | 'clock';

export interface Guest {
  party_size: number;
  name?: string | null;
  phone?: string | null;
  note?: string | null;
  line?: string;
}

export interface Command {
  key: string;
  epoch: string;
  verb: Verb;
  method: 'POST' | 'PATCH' | 'PUT';
  path: string;
  body?: Record<string, unknown>;
  /** The ticket as it was on the screen; null where there is none yet. */
  ticket: Ticket | null;
  /** Key of the command whose seq is to be undone: known only when that one is answered. */
  undoes?: string;
}

export function ticketCommand(epoch: string, verb: TicketVerb, ticket: Ticket, body?: Command['body']): Command {
  if (verb === 'call-next') {
    return command(epoch, verb, 'POST', 'call-next', ticket, { line: ticket.line, expect: ticket.id });
  }
  if (verb === 'edit') return command(epoch, verb, 'PATCH', `tickets/${ticket.id}`, ticket, body);
  return command(epoch, verb, 'POST', `tickets/${ticket.id}/${verb}`, ticket, body);
}

export function issueCommand(epoch: string, guest: Guest): Command {
  return command(epoch, 'issue', 'POST', 'tickets', null, { ...guest });
}

export function undoCommand(epoch: string, ticket: Ticket | null, what: { seq: number } | { key: string }): Command {
  const made = command(epoch, 'undo', 'POST', 'undo', ticket);
  return 'seq' in what ? { ...made, body: { seq: what.seq } } : { ...made, undoes: what.key };
}

export function intakeCommand(epoch: string, state: Intake['state'], resume_after_s?: number): Command {
  return command(epoch, 'intake', 'PUT', 'intake', null, resume_after_s ? { state, resume_after_s } : { state });
}

export function clockCommand(epoch: string): Command {
  return command(epoch, 'clock', 'POST', 'system/clock', null, { now: new Date().toISOString() });
}

/** If-Match goes with what names its ticket in the path; call-next has `expect`, undo has `seq`. */
export function ifMatch({ path, ticket }: Command): string | null {
  return ticket && path.startsWith('tickets/') ? `"${ticket.version}"` : null;
}

const LEADS_TO: Partial<Record<Verb, TicketState>> = {
  call: 'called',
  'call-next': 'called',
  seat: 'seated',
  'no-show': 'no_show',
  cancel: 'cancelled',
  requeue: 'waiting',
};

/** The ticket as it will be once these commands, in order, are done, and the last of them that is not done yet. */
export function foresee(ticket: Ticket, commands: readonly Command[]): { ticket: Ticket; saving: Verb | null } {
  let saving: Verb | null = null;
  for (const { verb, body, ticket: seen } of commands) {
    if (seen?.id !== ticket.id || seen.version < ticket.version) continue;
    const calls = LEADS_TO[verb] === 'called' ? ticket.calls + 1 : ticket.calls;
    const edited = verb === 'edit' ? body : null;
    ticket = { ...ticket, ...edited, calls, state: LEADS_TO[verb] ?? ticket.state, version: ticket.version + 1 };
    saving = verb;
  }
  return { ticket, saving };
}

function command(
  epoch: string,
  verb: Verb,
  method: Command['method'],
  path: string,
  ticket: Ticket | null,
  body?: Command['body'],
): Command {
  return { key: randomKey(), epoch, verb, method, path, ticket, ...(body && { body }) };
}

/** crypto.randomUUID needs a secure context; http://booth.internal is none. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
