// Commands on their way to the booth: one at a time, in the order of the wishes, each until it has an answer.
//
// An answer that never came (the Wi-Fi dropped, 503) does not tell whether the booth did it, so the same request goes
// again under the same key until the booth says yes or no: a command is done once, or refused, never twice.  What is
// done stays listed until the screen has caught up with it, so that a row does not jump back in between.
//
// A shelf keeps the commands; the one here is memory, one that outlives the tab has the same three calls.

import type { Command } from './command';
import type { Answer, Problem } from './types';

export type Outcome =
  | { kind: 'done'; answer: Answer }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'unknown'; retry_after_s?: number }
  | { kind: 'signed_out' };

export interface Shelf {
  load(): Promise<Command[]>;
  put(command: Command): void;
  remove(key: string): void;
}

export interface Outbox {
  /** Not known to be on the screen yet, oldest first. */
  commands(): readonly Command[];
  /** Not answered yet. */
  unanswered(): number;
  add(command: Command): void;
  /** Takes back what has never left; false if it has. */
  withdraw(key: string): boolean;
  /** The screen shows everything of this epoch up to this seq. */
  caughtUp(epoch: string, seq: number): void;
  /** The booth can be reached again, or somebody signed in: go on now. */
  kick(): void;
}

interface Entry {
  command: Command;
  tries: number;
  seq: number | null;
}

const BACK_OFF_MS = [300, 1000, 2000, 4000, 8000];
const SEQS_KEPT = 100;

export function memoryShelf(): Shelf {
  return { load: async () => [], put: () => {}, remove: () => {} };
}

export function createOutbox(options: {
  send(command: Command, signal: AbortSignal): Promise<Outcome>;
  settled(command: Command, outcome: Outcome): void;
  changed(): void;
  shelf?: Shelf;
}): Outbox {
  const shelf = options.shelf ?? memoryShelf();
  const seqs = new Map<string, number>();
  let entries: Entry[] = [];
  let attempt: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = 0;

  const unanswered = () => entries.filter((entry) => entry.seq === null);
  const drop = (key: string) => {
    entries = entries.filter((entry) => entry.command.key !== key);
    shelf.remove(key);
  };

  async function run() {
    const entry = unanswered()[0];
    if (!entry || attempt) return;
    const command = resolved(entry.command);
    if (!command) {
      drop(entry.command.key);
      options.changed();
      return void run();
    }
    clearTimeout(timer);
    entry.tries++;
    attempt = new AbortController();
    const outcome = await options.send(command, attempt.signal);
    attempt = null;
    settle(entry, outcome);
  }

  function settle(entry: Entry, outcome: Outcome) {
    const { command } = entry;
    if (outcome.kind === 'unknown') {
      const wait = BACK_OFF_MS[Math.min(entry.tries, BACK_OFF_MS.length) - 1]!;
      timer = setTimeout(run, outcome.retry_after_s ? outcome.retry_after_s * 1000 : wait * (0.75 + Math.random() / 2));
    } else if (outcome.kind === 'done') {
      entry.seq = outcome.answer.seq;
      seqs.set(command.key, entry.seq);
      if (seqs.size > SEQS_KEPT) seqs.delete(seqs.keys().next().value!);
      shelf.remove(command.key);
      if (entry.seq <= shown) drop(command.key);
    } else if (outcome.kind === 'refused') {
      drop(command.key);
    }
    options.settled(command, outcome);
    options.changed();
    if (outcome.kind === 'done' || outcome.kind === 'refused') void run();
  }

  /** An undo of what was refused has nothing to undo: null. */
  function resolved(command: Command): Command | null {
    if (!command.undoes) return command;
    const seq = seqs.get(command.undoes);
    return seq === undefined ? null : { ...command, body: { seq } };
  }

  function add(command: Command) {
    entries.push({ command, tries: 0, seq: null });
    shelf.put(command);
    options.changed();
    void run();
  }

  void shelf.load().then((kept) => {
    entries = [...kept.map((command) => ({ command, tries: 0, seq: null })), ...entries];
    void run();
  });

  return {
    commands: () => entries.map((entry) => entry.command),
    unanswered: () => unanswered().length,
    add,
    withdraw(key) {
      const entry = entries.find(({ command }) => command.key === key);
      if (!entry || entry.tries > 0) return false;
      drop(key);
      options.changed();
      return true;
    },
    caughtUp(epoch, seq) {
      shown = seq;
      const before = entries.length;
      entries = entries.filter(({ seq: at, command }) => at === null || (at > seq && command.epoch === epoch));
      if (entries.length < before) options.changed();
    },
    kick() {
      clearTimeout(timer);
      if (attempt) attempt.abort();
      else void run();
    },
  };
}
