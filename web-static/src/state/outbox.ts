// Commands on their way to the booth: sent one at a time, in the order in which they were given, until each is
// answered.
//
// When no answer comes (the Wi-Fi dropped, 503) it is unknown whether the booth ran the command.  So the same request
// is sent again under the same key until the booth accepts or refuses it: a command runs once or not at all.  One that
// is done stays listed until the screen shows its effect, so that a row does not jump back in between.
//
// All booths share one web origin, and a device may have had several names.  Commands given at another booth, in
// another epoch of this one or under another name are never sent by themselves: somebody decides.  After a
// disconnection nothing is sent before the booth has said which one it is.
//
// A command can depend on an earlier one: an undo, any command for a guest without a number, the second command for the
// same ticket.  The answer to the earlier one fills in what is missing; a refusal refuses its dependents too.  A
// refusal that comes late, when nobody looks at the screen any more, is kept until somebody has read it.
//
// The storage keeps all this: here in memory, in storage.ts beyond the life of a tab.

import { dependsOn, withTicketId, type Command } from './command';
import type { Answer, Booth, Problem, Ticket } from './types';

export type Outcome =
  | { kind: 'done'; answer: Answer }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'unknown'; retry_after_s?: number }
  | { kind: 'signed_out' }
  | { kind: 'other_booth' };

export interface Refused {
  command: Command;
  problem: Problem;
  /** The refused command that this one depended on; this one was never sent. */
  because?: Command;
}

export interface StoredOutbox {
  commands: Command[];
  refused: Refused[];
}

export interface OutboxStorage {
  /** null if nothing can be stored. */
  load(): Promise<StoredOutbox | null>;
  /** Atomic. `remove` has keys of commands, `dismiss` keys of refusals. */
  save(change: { put?: Command[]; remove?: string[]; refuse?: Refused[]; dismiss?: string[] }): void;
  /** Tabs share the storage; only the leader sends. */
  isLeader(): boolean;
  /** Calls back after a change by another tab, and after a failure. */
  subscribe(onChange: () => void): void;
}

interface Outbox {
  /** Those of this booth and device that the screen may not show yet, oldest first. */
  commands(): readonly Command[];
  /** How many of them have no answer. */
  unanswered(): number;
  /** Those of other booths, epochs and names: never sent by themselves. */
  foreign(): readonly Command[];
  refused(): readonly Refused[];
  /** Whether the commands outlive the tab. */
  persistent(): boolean;
  /** The id that the booth gave to a ticket; the same id if it gave none. */
  idOf(id: number): number;

  add(command: Command): void;
  /** Drops a command that was never sent; false if it may have been. */
  withdraw(key: string): boolean;
  /** Makes foreign commands this device's own. */
  adopt(keys: readonly string[]): void;
  discard(keys: readonly string[]): void;
  /** Drops refusals that somebody has read. */
  dismiss(keys: readonly string[]): void;

  /** The screen shows all changes of this epoch up to this seq. */
  acknowledge(epoch: string, seq: number): void;
  /** The booth whose list is shown. `answers`: it is reachable and has just said so itself, so sending goes on. */
  setBooth(booth: Booth, answers: boolean): void;
  /** Sends nothing more; a request that is under way goes on. */
  disconnected(): void;
}

interface Entry {
  command: Command;
  tries: number;
  seq: number | null;
  added_ms: number;
  /** The booth was unreachable since the command was given, or the tab was closed. */
  delayed: boolean;
}

const BACK_OFF_MS = [300, 1000, 2000, 4000, 8000];
const MAX_BACK_OFF_S = 30;
const LEADER_RETRY_MS = 1000;
/** After this time whoever pressed the button no longer looks at it. */
const LATE_MS = 4000;
const MAX_ANSWERS = 200;
const NOTHING_TO_UNDO: Problem = { type: 'about:blank', title: '', status: 409, detail: '', code: 'nothing_to_undo' };

function memoryStorage(): OutboxStorage {
  return { load: () => Promise.resolve(null), save: () => {}, isLeader: () => true, subscribe: () => {} };
}

export function createOutbox(options: {
  send(command: Command, signal: AbortSignal): Promise<Outcome>;
  /** `late`: the refusal was added to the list of refusals. */
  onSettled(command: Command, outcome: Outcome, late: boolean): void;
  onChange(): void;
  /** The name that this device is signed in with. */
  device(): string;
  storage?: OutboxStorage;
}): Outbox {
  const storage = options.storage ?? memoryStorage();
  const answers = new Map<string, Answer>();
  /** By provisional id. */
  const tickets = new Map<number, Ticket>();
  let entries: Entry[] = [];
  let refused: readonly Refused[] = [];
  let currentBooth: Booth | null = null;
  let canSend = false;
  let loaded = false;
  let persistent = true;
  let saves = 0;
  let attempt: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let acknowledgedSeq = 0;

  const isOfThisBooth = ({ booth }: Command) => booth.id === currentBooth?.id && booth.epoch === currentBooth.epoch;
  const isMine = (command: Command) => isOfThisBooth(command) && command.device === options.device();
  const unanswered = () => entries.filter(({ command, seq }) => seq === null && isMine(command));
  const find = (key: string) => entries.find(({ command }) => command.key === key);

  function save(change: Parameters<OutboxStorage['save']>[0]) {
    saves++;
    storage.save(change);
  }

  function drop(keys: readonly string[]) {
    entries = entries.filter(({ command }) => !keys.includes(command.key));
  }

  function retryAfter(ms: number) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      void sendNext();
    }, ms);
  }

  async function sendNext() {
    const entry = unanswered()[0];
    if (!entry || !canSend || !loaded || attempt || timer !== undefined) return;
    if (!storage.isLeader()) return retryAfter(LEADER_RETRY_MS);
    entry.tries++;
    if (isOrphanedUndo(entry.command))
      return handleOutcome(entry, { kind: 'refused', problem: NOTHING_TO_UNDO }, false);
    const { signal } = (attempt = new AbortController());
    const outcome = await options.send(entry.command, signal);
    attempt = null;
    handleOutcome(entry, outcome, signal.aborted);
  }

  function handleOutcome(entry: Entry, outcome: Outcome, aborted: boolean) {
    const { command } = entry;
    let late = false;
    if (outcome.kind === 'unknown') retryAfter(aborted ? 0 : backOff(entry.tries, outcome.retry_after_s));
    else if (outcome.kind === 'done') markDone(entry, outcome.answer);
    else if (outcome.kind === 'refused') late = markRefused(entry, outcome.problem);
    else canSend = false;
    options.onSettled(command, outcome, late);
    options.onChange();
    void sendNext();
  }

  function markDone(entry: Entry, answer: Answer) {
    const { command } = entry;
    const { key } = command;
    setBounded(answers, key, answer);
    if (command.verb === 'issue' && answer.ticket) setBounded(tickets, command.ticket!.id, answer.ticket);
    entry.seq = answer.seq;
    const put: Command[] = [];
    for (const each of entries) {
      const filled = fillIn(each.command, command, answer);
      if (filled !== each.command && each !== entry) put.push(filled);
      each.command = filled;
    }
    save({ put, remove: [key], dismiss: [key] });
    refused = refused.filter((old) => old.command.key !== key);
    if (entry.seq <= acknowledgedSeq) drop([key]);
  }

  /** `command` with what the answer to another one tells about it. */
  function fillIn(command: Command, answered: Command, { seq, ticket }: Answer): Command {
    if (command.undoes === answered.key && !command.body) command = { ...command, body: { seq } };
    return answered.verb === 'issue' && ticket ? withTicketId(command, answered.ticket!.id, ticket) : command;
  }

  /** True if the refusal is in the list. */
  function markRefused(entry: Entry, problem: Problem): boolean {
    if (!entries.includes(entry)) return true; // another tab has listed it
    const { command } = entry;
    const dependents = unanswered().filter((each) => dependsOn(each.command, command));
    const late = entry.delayed || performance.now() - entry.added_ms > LATE_MS;
    const refuse = late
      ? [
          { command, problem },
          ...dependents
            .filter((each) => each.command.verb !== 'undo') // what it should undo was not done
            .map((each) => ({ command: each.command, problem, because: command })),
        ]
      : [];
    const remove = [entry, ...dependents].map((each) => each.command.key);
    drop(remove);
    refused = [...refused, ...refuse];
    save({ remove, refuse });
    return late;
  }

  /** `command` with what answers that came before it tell about it. */
  function fillInKnown(command: Command): Command {
    const undone = answers.get(command.undoes ?? '');
    const ticket = tickets.get(command.ticket?.id ?? 0);
    if (undone && !command.body) command = { ...command, body: { seq: undone.seq } };
    return ticket ? withTicketId(command, command.ticket!.id, ticket) : command;
  }

  /** The command to undo is gone; without its seq the booth would undo whatever came last. */
  function isOrphanedUndo({ undoes, body }: Command): boolean {
    return undoes !== undefined && !body && !find(undoes);
  }

  function add(command: Command) {
    command = fillInKnown(command);
    if (isOrphanedUndo(command)) return; // the command was refused, so there is nothing to undo
    command = { ...command, at: Math.max(command.at, 1 + (entries[entries.length - 1]?.command.at ?? 0)) };
    entries.push({ command, tries: 0, seq: null, added_ms: performance.now(), delayed: !canSend });
    save({ put: [command] });
    options.onChange();
    void sendNext();
  }

  function discard(keys: readonly string[]) {
    drop(keys);
    save({ remove: [...keys] });
    options.onChange();
  }

  /** Reads again if this tab has saved something meanwhile. */
  async function loadStored() {
    let before: number;
    let stored: StoredOutbox | null;
    do {
      before = saves;
      stored = await storage.load();
    } while (saves !== before);
    persistent = stored !== null;
    if (stored) {
      const loadedEntries = stored.commands.map(fillInKnown).map((command) => {
        const entry = find(command.key);
        return entry ? Object.assign(entry, { command }) : { command, tries: 1, seq: null, added_ms: 0, delayed: true };
      });
      const unacknowledged = entries.filter((entry) => entry.seq !== null && !loadedEntries.includes(entry));
      entries = [...unacknowledged, ...loadedEntries].sort((a, b) => a.command.at - b.command.at);
      refused = stored.refused.sort((a, b) => a.command.at - b.command.at);
    }
    loaded = true;
    options.onChange();
    void sendNext();
  }

  storage.subscribe(() => void loadStored());
  void loadStored();

  return {
    commands: () => entries.map(({ command }) => command).filter(isMine),
    unanswered: () => unanswered().length,
    foreign: () => (currentBooth ? entries.map(({ command }) => command).filter((command) => !isMine(command)) : []),
    refused: () => refused,
    persistent: () => persistent,
    idOf: (id) => tickets.get(id)?.id ?? id,
    add,
    withdraw(key) {
      const entry = find(key);
      if (!entry || entry.tries > 0 || !storage.isLeader()) return false;
      if (entries.some(({ command }) => dependsOn(command, entry.command))) return false;
      discard([key]);
      return true;
    },
    adopt(keys) {
      const put: Command[] = [];
      for (const entry of entries) {
        if (!keys.includes(entry.command.key)) continue;
        entry.command = { ...entry.command, device: options.device() };
        put.push(entry.command);
      }
      save({ put });
      options.onChange();
      void sendNext();
    },
    discard,
    dismiss(keys) {
      refused = refused.filter(({ command }) => !keys.includes(command.key));
      save({ dismiss: [...keys] });
      options.onChange();
    },
    acknowledge(epoch, seq) {
      acknowledgedSeq = seq;
      const before = entries.length;
      entries = entries.filter(({ seq: at, command }) => at === null || (at > seq && command.booth.epoch === epoch));
      if (entries.length < before) options.onChange();
    },
    setBooth(booth, answering) {
      currentBooth = booth;
      if (answering) {
        canSend = true;
        clearTimeout(timer);
        timer = undefined;
        if (attempt) attempt.abort();
      }
      options.onChange();
      void sendNext();
    },
    disconnected() {
      canSend = false;
      for (const entry of entries) entry.delayed = true;
    },
  };
}

/** Keeps the newest entries only, since a page may be open all night. */
function setBounded<K, V>(answered: Map<K, V>, key: K, value: V) {
  answered.set(key, value);
  if (answered.size > MAX_ANSWERS) answered.delete(answered.keys().next().value!);
}

function backOff(tries: number, retry_after_s?: number): number {
  if (retry_after_s) return Math.min(retry_after_s, MAX_BACK_OFF_S) * 1000;
  return BACK_OFF_MS[Math.min(tries, BACK_OFF_MS.length) - 1]! * (0.75 + Math.random() / 2);
}
