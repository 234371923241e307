// The page's memory and its only hands: what the booth said, what was pressed, and what came of it.
//
//   stream ─► queue ─┐
//   presses ─► outbox ┼─► state ─► views
//   answers ─► notice ┘
//
// Views get one immutable state.  While a finger is down it stays as it is, so that nothing moves under that finger.

import { request, sendCommand } from '../lib/api';
import { clockCommand, intakeCommand, issueCommand, ticketCommand, undoCommand } from '../lib/command';
import type { Command, Guest, TicketVerb } from '../lib/command';
import { openLink, type Link, type LinkState } from '../lib/link';
import { createOutbox, type Outcome } from '../lib/outbox';
import { apply, type Queue, type QueueEvent } from '../lib/queue';
import type { Change, Intake, Problem, Session, Snapshot, Status, Ticket } from '../lib/types';

export interface Notice {
  /** Of this device's last command. */
  command: Command;
  /** null = no answer yet. */
  outcome: { seq: number; ticket: Ticket | null } | Problem | null;
}

export interface State {
  /** null = signed out, undefined = not known yet. */
  session: Session | null | undefined;
  /** It was signed in before. */
  ended: boolean;
  link: LinkState;
  queue: Queue | null;
  commands: readonly Command[];
  unanswered: number;
  notice: Notice | null;
}

export type Model = ReturnType<typeof createModel>;

const NOTICE_MS = 8000;
const ASK_EVERY_MS = 1200;

/** What speaks for itself needs no bar. */
const SILENT = new Set<Command['verb']>(['intake', 'clock']);

export function createModel() {
  let state: State = {
    session: undefined,
    ended: false,
    link: 'connecting',
    queue: null,
    commands: [],
    unanswered: 0,
    notice: null,
  };
  let shown = state;
  let held = false;
  let link: Link | null = null;
  let noticeTimer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  const outbox = createOutbox({
    send: sendCommand,
    settled,
    changed: () => set({ commands: outbox.commands(), unanswered: outbox.unanswered() }),
  });

  function set(part: Partial<State>) {
    state = { ...state, ...part };
    if (!held) publish();
  }

  function publish() {
    shown = state;
    listeners.forEach((listener) => listener());
  }

  function receive(event: QueueEvent) {
    const queue = apply(state.queue, event);
    set({ queue });
    if (queue) outbox.caughtUp(queue.booth.epoch, queue.seq);
  }

  async function refresh() {
    const reply = await request<Snapshot>('GET', 'queue');
    if (reply.ok) receive({ type: 'snapshot', data: reply.value });
  }

  function connect() {
    link?.close();
    link = openLink({
      url: '/api/v1/stream',
      ask_every_ms: ASK_EVERY_MS,
      ask: askSession,
      events: {
        snapshot: (data: Snapshot) => receive({ type: 'snapshot', data }),
        status: (data: Status) => receive({ type: 'status', data }),
        change: (data: Change) => {
          receive({ type: 'change', data });
          if (data.settings) void refresh();
        },
      },
      changed(next) {
        set({ link: next });
        if (next === 'live') outbox.kick();
      },
    });
  }

  async function askSession(timeout_ms: number) {
    const reply = await request<Session>('GET', 'session', { timeout_ms });
    if (reply.ok) {
      if (!state.session) set({ session: reply.value });
      return 'answered';
    }
    if (reply.problem?.status !== 401) return reply.problem ? 'answered' : 'silent';
    signedOut();
    return 'refused';
  }

  function signedOut(ended = state.session !== undefined) {
    link?.close();
    set({ session: null, ended, queue: null, notice: null, link: 'connecting' });
  }

  function notify(notice: Notice | null) {
    clearTimeout(noticeTimer);
    if (notice?.outcome) noticeTimer = setTimeout(() => set({ notice: null }), NOTICE_MS);
    set({ notice });
  }

  function settled(command: Command, outcome: Outcome) {
    if (outcome.kind === 'signed_out') return signedOut();
    if (outcome.kind === 'refused') return notify({ command, outcome: outcome.problem });
    if (outcome.kind === 'done' && state.notice?.command.key === command.key) {
      notify({ command, outcome: { seq: outcome.answer.seq, ticket: outcome.answer.ticket } });
    }
  }

  function send(command: Command) {
    if (!SILENT.has(command.verb)) notify({ command, outcome: null });
    outbox.add(command);
  }

  const epoch = () => state.queue?.booth.epoch ?? '';

  return {
    state: () => shown,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: connect,

    hold() {
      held = true;
    },
    release() {
      if (!held) return;
      held = false;
      publish();
    },

    /** null if it worked. */
    async signIn(pin: string, device: string): Promise<Problem | 'silent' | null> {
      const reply = await request<Session>('POST', 'session', { body: { pin, device } });
      if (!reply.ok) return reply.problem ?? 'silent';
      set({ session: reply.value });
      connect();
      outbox.kick();
      return null;
    },
    async signOut() {
      await request('DELETE', 'session');
      signedOut(false);
    },

    act: (verb: TicketVerb, ticket: Ticket, body?: Command['body']) => send(ticketCommand(epoch(), verb, ticket, body)),
    issue: (guest: Guest) => send(issueCommand(epoch(), guest)),
    setIntake: (next: Intake['state'], resume_after_s?: number) => send(intakeCommand(epoch(), next, resume_after_s)),
    tellTime: () => send(clockCommand(epoch())),

    undoTicket(ticket: Ticket) {
      if (ticket.undo_seq !== null) send(undoCommand(epoch(), ticket, { seq: ticket.undo_seq }));
    },
    /** Takes back this device's last command: unsent it just goes, sent it is undone by its seq. */
    undoLast() {
      const { notice } = state;
      if (!notice) return;
      const { command, outcome } = notice;
      const ticket = state.queue?.tickets.get(command.ticket?.id ?? -1) ?? null;
      if (outcome && 'seq' in outcome)
        return send(undoCommand(epoch(), outcome.ticket ?? ticket, { seq: outcome.seq }));
      if (outbox.withdraw(command.key)) return notify(null);
      send(undoCommand(epoch(), ticket, { key: command.key }));
    },
    dismiss: () => notify(null),
  };
}
