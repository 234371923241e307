// The state of the staff page, and all that the page can do: what the booth sent, what was pressed, what came of it.
//
//   stream  ─► queue ──┐
//   presses ─► outbox ─┼─► state ─► views
//   answers ─► notice ─┘
//
// Unanswered commands and the last list are stored on the phone (storage.ts), in case the tab is closed.
//
// Views get one immutable state.  While a finger is down the state is frozen, so that nothing moves under that finger.

import { request, sendCommand } from '../state/api';
import { beforeNextFrame } from '../state/clock';
import {
  clockCommand,
  applyPending,
  intakeCommand,
  issueCommand,
  pendingTickets,
  ticketCommand,
  undoCommand,
} from '../state/command';
import type { Command, Guest, Origin, TicketVerb } from '../state/command';
import { openConnection, type Connection, type ConnectionState } from '../state/connection';
import { createOutbox, type Outcome, type Refused } from '../state/outbox';
import { getPref, setPref } from '../state/prefs';
import { applyEvents, toStoredList, type Queue, type QueueEvent } from '../state/queue';
import { browserStorage } from '../state/storage';
import type { Change, Intake, Problem, Session, Snapshot, Status, Ticket } from '../state/types';

export interface Notice {
  /** The last command of this device. */
  command: Command;
  /** null: no answer yet. */
  outcome: { seq: number; ticket: Ticket | null } | Problem | null;
}

export interface State {
  /** null: signed out; undefined: not known yet. */
  session: Session | null | undefined;
  /** The page is signed out, and was signed in before. */
  sessionEnded: boolean;
  connection: ConnectionState;
  queue: Queue | null;
  commands: readonly Command[];
  unanswered: number;
  /** Commands of another booth or name, about which somebody must decide. */
  foreign: readonly Command[];
  refused: readonly Refused[];
  /** Unanswered commands outlive this tab. */
  persistent: boolean;
  notice: Notice | null;
}

export type Model = ReturnType<typeof createModel>;

const NOTICE_MS = 8000;
const PROBE_EVERY_MS = 1200;
/** Long enough that a glance at another app does not close the stream. */
const SUSPEND_AFTER_MS = 5000;
const SAVE_LIST_MS = 2000;
const SIGN_OUT_MS = 5000;
/** The click event follows the lifting of the finger by a moment, and must still find what was under it. */
const CLICK_MS = 60;

/** Commands whose effect is obvious. */
const WITHOUT_NOTICE = new Set<Command['verb']>(['intake', 'clock']);

export function createModel() {
  let state: State = {
    session: undefined,
    sessionEnded: false,
    connection: 'connecting',
    queue: null,
    commands: [],
    unanswered: 0,
    foreign: [],
    refused: [],
    persistent: true,
    notice: null,
  };
  let published = state;
  let frozen = false;
  let connection: Connection | null = null;
  let unfreezeTimer: ReturnType<typeof setTimeout> | undefined;
  let noticeTimer: ReturnType<typeof setTimeout> | undefined;
  let listTimer: ReturnType<typeof setTimeout> | undefined;
  const received: QueueEvent[] = [];
  const listeners = new Set<() => void>();

  const storage = browserStorage();
  const deviceName = () => getPref('device') ?? '';
  const outbox = createOutbox({ send: sendCommand, onSettled, onChange: onOutboxChange, device: deviceName, storage });

  function onOutboxChange() {
    const commands = outbox.commands();
    const { notice } = state;
    const withdrawn = notice?.outcome === null && !commands.some(({ key }) => key === notice.command.key);
    set({
      commands,
      unanswered: outbox.unanswered(),
      foreign: outbox.foreign(),
      refused: outbox.refused(),
      persistent: outbox.persistent(),
      ...(withdrawn && { notice: null }),
    });
  }

  function set(part: Partial<State>) {
    state = { ...state, ...part };
    if (!frozen) publish();
  }

  function publish() {
    published = state;
    listeners.forEach((listener) => listener());
  }

  function unfreeze() {
    clearTimeout(unfreezeTimer);
    if (!frozen) return;
    frozen = false;
    publish();
  }

  /** Changes come in bursts, so all that came since the last frame is applied at once. */
  function receive(event: QueueEvent) {
    received.push(event);
    if (received.length === 1) beforeNextFrame(applyReceived);
  }

  function applyReceived() {
    const events = received.splice(0);
    const queue = applyEvents(state.queue, ...events);
    set({ queue });
    if (!queue) return;
    outbox.acknowledge(queue.booth.epoch, queue.seq);
    if (events.some(({ type }) => type === 'snapshot')) outbox.setBooth(queue.booth, true);
    listTimer ??= setTimeout(saveList, SAVE_LIST_MS);
  }

  function saveList() {
    listTimer = void clearTimeout(listTimer);
    if (state.queue) storage.saveList(toStoredList(state.queue));
  }

  /** Shows the stored list if the booth was unreachable before this page had one. */
  async function showStoredList() {
    const data = await storage.loadList();
    if (!data || state.queue || state.connection !== 'lost' || state.session === null) return;
    set({ queue: applyEvents(null, { type: 'snapshot', data }) });
    outbox.setBooth(data.booth, false);
  }

  async function refresh() {
    const reply = await request<Snapshot>('GET', 'queue');
    if (reply.ok) receive({ type: 'snapshot', data: reply.value });
  }

  function connect() {
    connection?.close();
    connection = openConnection({
      url: '/api/v1/stream',
      probe_every_ms: PROBE_EVERY_MS,
      probe: probeSession,
      events: {
        snapshot: (data: Snapshot) => receive({ type: 'snapshot', data }),
        status: (data: Status) => receive({ type: 'status', data }),
        change: (data: Change) => {
          receive({ type: 'change', data });
          if (data.settings) void refresh();
        },
      },
      onState(next) {
        set({ connection: next });
        if (next !== 'live') outbox.disconnected();
        if (next === 'lost' && !state.queue) void showStoredList();
      },
      suspend_after_ms: SUSPEND_AFTER_MS,
    });
  }

  async function probeSession(timeout_ms: number) {
    const reply = await request<Session>('GET', 'session', { timeout_ms });
    if (reply.ok) {
      if (!state.session) onSignedIn(reply.value);
      return 'ok';
    }
    if (reply.problem?.status !== 401) return reply.problem ? 'ok' : 'no_answer';
    onSignedOut();
    return 'signed_out';
  }

  function onSignedIn(session: Session) {
    setPref('device', session.device);
    set({ session });
    onOutboxChange();
  }

  /** The list is deleted, with the names and phone numbers of guests; unsent commands stay. */
  function onSignedOut(sessionEnded = state.session !== undefined) {
    connection?.close();
    outbox.disconnected();
    listTimer = void clearTimeout(listTimer);
    storage.saveList(null);
    received.length = 0;
    set({ session: null, sessionEnded, queue: null, notice: null, connection: 'connecting' });
  }

  function setNotice(notice: Notice | null) {
    clearTimeout(noticeTimer);
    if (notice?.outcome) noticeTimer = setTimeout(() => set({ notice: null }), NOTICE_MS);
    set({ notice });
  }

  function onSettled(command: Command, outcome: Outcome, late: boolean) {
    if (outcome.kind === 'signed_out') return onSignedOut();
    if (outcome.kind === 'other_booth') return void refresh();
    if (outcome.kind === 'refused' && !late) return setNotice({ command, outcome: outcome.problem });
    if (outcome.kind === 'done' && state.notice?.command.key === command.key) {
      setNotice({ command, outcome: { seq: outcome.answer.seq, ticket: outcome.answer.ticket } });
    }
  }

  function send(command: Command) {
    if (!WITHOUT_NOTICE.has(command.verb) || state.connection !== 'live') setNotice({ command, outcome: null });
    outbox.add(command);
    unfreeze(); // the press is over, and its effect is shown at once
  }

  /** There is a queue: without one no command can be given. */
  const origin = (): Origin => ({ booth: state.queue!.booth, device: deviceName() });

  /** The ticket as the commands of this phone will leave it. */
  function ticketAfterCommands(id: number | undefined): Ticket | null {
    const { queue, commands } = state;
    const realId = outbox.idOf(id ?? 0);
    const ticket = queue?.tickets.get(realId) ?? pendingTickets(commands, new Map()).find((each) => each.id === realId);
    return ticket ? applyPending(ticket, commands).ticket : null;
  }

  return {
    state: () => published,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start() {
      connect();
      addEventListener('pagehide', saveList);
      document.addEventListener('visibilitychange', saveList);
    },

    /** Keeps the shown state while a finger is down. */
    freeze() {
      clearTimeout(unfreezeTimer);
      frozen = true;
    },
    unfreezeSoon() {
      clearTimeout(unfreezeTimer);
      unfreezeTimer = setTimeout(unfreeze, CLICK_MS);
    },

    /** null: signed in. */
    async signIn(pin: string, device: string): Promise<Problem | 'no_answer' | null> {
      const reply = await request<Session>('POST', 'session', { body: { pin, device } });
      if (!reply.ok) return reply.problem ?? 'no_answer';
      onSignedIn(reply.value);
      connect();
      return null;
    },
    /** False if the booth is unreachable: then it cannot end the session. */
    async signOut(): Promise<boolean> {
      const reply = await request('DELETE', 'session', { timeout_ms: SIGN_OUT_MS });
      if (!reply.ok && !reply.problem) return false;
      onSignedOut(false);
      return true;
    },

    /** While the booth is unreachable, call-next calls the ticket that the screen shows as next. */
    act(verb: TicketVerb, ticket: Ticket, body?: Command['body']) {
      const reached = state.connection === 'live' && ticket.id > 0;
      send(ticketCommand(origin(), verb === 'call-next' && !reached ? 'call' : verb, ticket, body));
    },
    issue(guest: Guest) {
      const { lines, day } = state.queue!;
      send(issueCommand(origin(), guest, { line: guest.line ?? lines[0]!.id, day }));
    },
    setIntake: (next: Intake['state'], resume_after_s?: number) => send(intakeCommand(origin(), next, resume_after_s)),
    setClock: () => send(clockCommand(origin())),

    /** Undoes the ticket's latest command, or the one of this seq. */
    undoTicket(ticket: Ticket, seq = ticket.undo_seq) {
      if (seq !== null) send(undoCommand(origin(), ticket, { seq }));
    },
    /** Undoes the command of the shown notice: one that was never sent is dropped, another one is undone by its seq. */
    undoLast() {
      const { notice } = published;
      if (!notice) return;
      const { command, outcome } = notice;
      const ticket = ticketAfterCommands(command.ticket?.id);
      if (outcome && 'seq' in outcome) {
        return send(undoCommand(origin(), ticket ?? outcome.ticket, { seq: outcome.seq }));
      }
      if (outbox.withdraw(command.key)) return setNotice(null);
      send(undoCommand(origin(), ticket, { key: command.key }));
    },

    /** The id of a ticket after the booth has replaced a provisional one. */
    idOf: outbox.idOf,
    dismissRefused: outbox.dismiss,
    adopt: outbox.adopt,
    discard: outbox.discard,
  };
}
