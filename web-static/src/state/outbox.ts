// Commands on their way to the booth: one at a time, in the order of the wishes, each until it has an answer.
//
// An answer that never came (the Wi-Fi dropped, 503) does not tell whether the booth did it, so the same request goes
// again under the same key until the booth says yes or no: a command is done once, or refused, never twice.  What is
// done stays listed until the screen has caught up with it, so that a row does not jump back in between.
//
// All booths share one origin, and a phone has had more than one name.  What was pressed at another booth (or at this
// one before it was restored), or under another name, stays where it is until somebody decides about it; nothing
// leaves before the booth has said, since it was last lost, which one it is.
//
// A wish can hang on an earlier one: an undo, whatever is wished for a guest without a number, the second command for
// one ticket.  An answer fills in what they wait for; a refusal refuses them too.  A refusal that comes late, when
// nobody looks any more, is kept until somebody has read it.
//
// A shelf keeps all that; the one here is memory, the one in shelf.ts outlives the tab.

import { hangsOn, named, type Command } from './command';
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
  /** It was never sent: this one, on which it hung, was refused. */
  because?: Command;
}

export interface Kept {
  commands: Command[];
  refused: Refused[];
}

export interface Shelf {
  /** null: it keeps nothing, memory is all there is. */
  load(): Promise<Kept | null>;
  /** All of it or nothing; `remove` and `dismiss` are keys of commands and of refusals. */
  save(change: { put?: Command[]; remove?: string[]; refuse?: Refused[]; dismiss?: string[] }): void;
  /** Tabs share a shelf; one of them sends. */
  turn(): boolean;
  /** Another tab has changed it, or it has failed. */
  watch(changed: () => void): void;
}

export interface Outbox {
  /** Of this booth and device, not known to be on the screen yet, oldest first. */
  commands(): readonly Command[];
  /** Not answered yet. */
  unanswered(): number;
  /** Of other booths and names: never sent by itself. */
  others(): readonly Command[];
  refused(): readonly Refused[];
  /** Whether it outlives the tab. */
  lasting(): boolean;
  /** The id that the booth gave to a ticket. */
  idOf(id: number): number;

  add(command: Command): void;
  /** Takes back what has never left; false if it may have. */
  withdraw(key: string): boolean;
  /** Others' commands become this device's, or go. */
  adopt(keys: readonly string[]): void;
  discard(keys: readonly string[]): void;
  /** Refusals that were read. */
  dismiss(keys: readonly string[]): void;

  /** The screen shows everything of this epoch up to this seq. */
  caughtUp(epoch: string, seq: number): void;
  /** Whose list is on the screen; `answers`: the booth itself said so just now, so go on. */
  meet(booth: Booth, answers: boolean): void;
  /** Out of reach: what hangs may hang, nothing else leaves. */
  lose(): void;
}

interface Entry {
  command: Command;
  tries: number;
  seq: number | null;
  since_ms: number;
  /** The booth was away since it was pressed, or this tab was not there. */
  waited: boolean;
}

const BACK_OFF_MS = [300, 1000, 2000, 4000, 8000];
const LONGEST_WAIT_S = 30;
const TURN_MS = 1000;
/** Who pressed a button has looked elsewhere by then. */
const LATE_MS = 4000;
const ANSWERS_KEPT = 200;
const NOTHING_TO_UNDO: Problem = { type: 'about:blank', title: '', status: 409, detail: '', code: 'nothing_to_undo' };

export function memoryShelf(): Shelf {
  return { load: async () => null, save: () => {}, turn: () => true, watch: () => {} };
}

export function createOutbox(options: {
  send(command: Command, signal: AbortSignal): Promise<Outcome>;
  /** `late`: a refusal that is in the list of them. */
  settled(command: Command, outcome: Outcome, late: boolean): void;
  changed(): void;
  /** The name that this device is signed in with. */
  device(): string;
  shelf?: Shelf;
}): Outbox {
  const shelf = options.shelf ?? memoryShelf();
  const answers = new Map<string, Answer>();
  /** By the id that the phone gave. */
  const tickets = new Map<number, Ticket>();
  let entries: Entry[] = [];
  let refused: readonly Refused[] = [];
  let here: Booth | null = null;
  let open = false;
  let loaded = false;
  let lasting = true;
  let saves = 0;
  let attempt: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = 0;

  const atHome = ({ booth }: Command) => booth.id === here?.id && booth.epoch === here.epoch;
  const isMine = (command: Command) => atHome(command) && command.device === options.device();
  const unanswered = () => entries.filter(({ command, seq }) => seq === null && isMine(command));
  const find = (key: string) => entries.find(({ command }) => command.key === key);

  function save(change: Parameters<Shelf['save']>[0]) {
    saves++;
    shelf.save(change);
  }

  function drop(keys: readonly string[]) {
    entries = entries.filter(({ command }) => !keys.includes(command.key));
  }

  function again(ms: number) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      void run();
    }, ms);
  }

  async function run() {
    const entry = unanswered()[0];
    if (!entry || !open || !loaded || attempt || timer !== undefined) return;
    if (!shelf.turn()) return again(TURN_MS);
    entry.tries++;
    if (isLost(entry.command)) return settle(entry, { kind: 'refused', problem: NOTHING_TO_UNDO }, false);
    const { signal } = (attempt = new AbortController());
    const outcome = await options.send(entry.command, signal);
    attempt = null;
    settle(entry, outcome, signal.aborted);
  }

  function settle(entry: Entry, outcome: Outcome, aborted: boolean) {
    const { command } = entry;
    let late = false;
    if (outcome.kind === 'unknown') again(aborted ? 0 : pause(entry.tries, outcome.retry_after_s));
    else if (outcome.kind === 'done') done(entry, outcome.answer);
    else if (outcome.kind === 'refused') late = refuse(entry, outcome.problem);
    else open = false;
    options.settled(command, outcome, late);
    options.changed();
    void run();
  }

  function done(entry: Entry, answer: Answer) {
    const { command } = entry;
    const { key } = command;
    keep(answers, key, answer);
    if (command.verb === 'issue' && answer.ticket) keep(tickets, command.ticket!.id, answer.ticket);
    entry.seq = answer.seq;
    const put: Command[] = [];
    for (const each of entries) {
      const filled = fill(each.command, command, answer);
      if (filled !== each.command && each !== entry) put.push(filled);
      each.command = filled;
    }
    save({ put, remove: [key], dismiss: [key] });
    refused = refused.filter((old) => old.command.key !== key);
    if (entry.seq <= shown) drop([key]);
  }

  /** What a command waited for, now that this one is answered. */
  function fill(command: Command, answered: Command, { seq, ticket }: Answer): Command {
    if (command.undoes === answered.key && !command.body) command = { ...command, body: { seq } };
    return answered.verb === 'issue' && ticket ? named(command, answered.ticket!.id, ticket) : command;
  }

  /** True if it is in the list of refusals. */
  function refuse(entry: Entry, problem: Problem): boolean {
    if (!entries.includes(entry)) return true; // another tab was told so
    const { command } = entry;
    const hung = unanswered().filter((each) => hangsOn(each.command, command));
    const late = entry.waited || performance.now() - entry.since_ms > LATE_MS;
    const refuse = late
      ? [
          { command, problem },
          ...hung
            .filter((each) => each.command.verb !== 'undo') // nothing was done, as was wished
            .map((each) => ({ command: each.command, problem, because: command })),
        ]
      : [];
    const remove = [entry, ...hung].map((each) => each.command.key);
    drop(remove);
    refused = [...refused, ...refuse];
    save({ remove, refuse });
    return late;
  }

  /** What it waited for was answered before this tab knew of it. */
  function complete(command: Command): Command {
    const undone = answers.get(command.undoes ?? '');
    const ticket = tickets.get(command.ticket?.id ?? 0);
    if (undone && !command.body) command = { ...command, body: { seq: undone.seq } };
    return ticket ? named(command, command.ticket!.id, ticket) : command;
  }

  /** An undo without a seq would undo whatever came last. */
  function isLost({ undoes, body }: Command): boolean {
    return undoes !== undefined && !body && !find(undoes);
  }

  function add(command: Command) {
    command = complete(command);
    if (isLost(command)) return; // it was refused: there is nothing to undo
    command = { ...command, at: Math.max(command.at, 1 + (entries[entries.length - 1]?.command.at ?? 0)) };
    entries.push({ command, tries: 0, seq: null, since_ms: performance.now(), waited: !open });
    save({ put: [command] });
    options.changed();
    void run();
  }

  function discard(keys: readonly string[]) {
    drop(keys);
    save({ remove: [...keys] });
    options.changed();
  }

  /** What this tab has done meanwhile is newer than what it has read. */
  async function read() {
    let before: number;
    let kept: Kept | null;
    do {
      before = saves;
      kept = await shelf.load();
    } while (saves !== before);
    lasting = kept !== null;
    if (kept) {
      const found = kept.commands.map(complete).map((command) => {
        const entry = find(command.key);
        return entry ? Object.assign(entry, { command }) : { command, tries: 1, seq: null, since_ms: 0, waited: true };
      });
      const waitForScreen = entries.filter((entry) => entry.seq !== null && !found.includes(entry));
      entries = [...waitForScreen, ...found].sort((a, b) => a.command.at - b.command.at);
      refused = kept.refused.sort((a, b) => a.command.at - b.command.at);
    }
    loaded = true;
    options.changed();
    void run();
  }

  shelf.watch(() => void read());
  void read();

  return {
    commands: () => entries.map(({ command }) => command).filter(isMine),
    unanswered: () => unanswered().length,
    others: () => (here ? entries.map(({ command }) => command).filter((command) => !isMine(command)) : []),
    refused: () => refused,
    lasting: () => lasting,
    idOf: (id) => tickets.get(id)?.id ?? id,
    add,
    withdraw(key) {
      const entry = find(key);
      if (!entry || entry.tries > 0 || !shelf.turn()) return false;
      if (entries.some(({ command }) => hangsOn(command, entry.command))) return false;
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
      options.changed();
      void run();
    },
    discard,
    dismiss(keys) {
      refused = refused.filter(({ command }) => !keys.includes(command.key));
      save({ dismiss: [...keys] });
      options.changed();
    },
    caughtUp(epoch, seq) {
      shown = seq;
      const before = entries.length;
      entries = entries.filter(({ seq: at, command }) => at === null || (at > seq && command.booth.epoch === epoch));
      if (entries.length < before) options.changed();
    },
    meet(booth, answering) {
      here = booth;
      if (answering) {
        open = true;
        clearTimeout(timer);
        timer = undefined;
        if (attempt) attempt.abort();
      }
      options.changed();
      void run();
    },
    lose() {
      open = false;
      for (const entry of entries) entry.waited = true;
    },
  };
}

/** A page may be open all night. */
function keep<K, V>(answered: Map<K, V>, key: K, value: V) {
  answered.set(key, value);
  if (answered.size > ANSWERS_KEPT) answered.delete(answered.keys().next().value!);
}

function pause(tries: number, retry_after_s?: number): number {
  if (retry_after_s) return Math.min(retry_after_s, LONGEST_WAIT_S) * 1000;
  return BACK_OFF_MS[Math.min(tries, BACK_OFF_MS.length) - 1]! * (0.75 + Math.random() / 2);
}
