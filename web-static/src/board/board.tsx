// What guests see from five metres: who is called, who was called before, how long it takes.  No names, no phone
// numbers.

import type { ComponentChildren } from 'preact';
import { boothNow } from '../state/clock';
import { clockTime, count, range } from '../text/format';
import type { ConnectionState } from '../state/connection';
import type { Board, BoardTicket, Language } from '../state/types';
import type { BoardText } from '../text/ko';
import { numberStep } from './number-size';
import { TEXTS } from './text';

/** How many fit: of short numbers, of long ones. */
const MAX_EXPECTED = [6, 4] as const;
const MAX_RECENT = [4, 4] as const;
const MAX_MISSED = [4, 2] as const;
/** Longer texts of the booth are drawn smaller. */
const LONG_TEXT = 60;

type Translate = (words: (text: BoardText) => string) => ComponentChildren;

export function BoardPage({
  board,
  connection,
  isNew,
  needsTouch,
  children,
}: {
  board: Board | null;
  connection: ConnectionState;
  /** The newest call was made just now. */
  isNew: boolean;
  needsTouch: boolean;
  /** Drawn over the board. */
  children?: ComponentChildren;
}) {
  const languages = board?.languages ?? (['ko', 'en'] as const);
  const main = languages[0] ?? 'ko';
  const tr: Translate = (select) => (
    <>
      <span lang={main}>{select(TEXTS[main])}</span>
      {languages.slice(1).map((each) => (
        <>
          {' '}
          <span class="second" lang={each}>
            {select(TEXTS[each])}
          </span>
        </>
      ))}
    </>
  );
  if (!board)
    return (
      <main class="blank">
        <p role="status">{tr((text) => text.connecting)}</p>
        {children}
      </main>
    );
  const [newest, ...expected] = board.calling;
  return (
    <>
      <Header board={board} connection={connection} tr={tr} main={main} needsTouch={needsTouch} />
      <main class={`numbers ${crowding(expected)}`}>
        <div class="call" aria-live="assertive">
          {newest ? (
            <CalledTicket key={newest.call_seq} ticket={newest} isNew={isNew} tr={tr} unit={TEXTS[main].unit} />
          ) : (
            <NobodyCalled board={board} tr={tr} main={main} />
          )}
        </div>
        <div class="lists">
          <Numbers kind="expected" title={tr((text) => text.expected)} tickets={expected} limits={MAX_EXPECTED} />
          <Numbers kind="recent" title={tr((text) => text.recent)} tickets={board.recent} limits={MAX_RECENT} />
          <Numbers kind="missed" title={tr((text) => text.missed)} tickets={board.missed} limits={MAX_MISSED}>
            <p>{tr((text) => text.askAtBooth)}</p>
          </Numbers>
        </div>
      </main>
      <Footer board={board} tr={tr} main={main} />
      {children}
    </>
  );
}

/** The more numbers are called at once, the less room there is for the recent ones. */
function crowding(expected: BoardTicket[]): string {
  if (expected.length === 0) return '';
  return expected.length > 2 ? 'shared crowded' : 'shared';
}

function sizeStep(tickets: BoardTicket[]): number {
  return Math.max(...tickets.map(({ number }) => numberStep(number)));
}

function shownCount(tickets: BoardTicket[], limits: readonly [number, number]): number {
  return limits[sizeStep(tickets) === 0 ? 0 : 1];
}

function Header({
  board,
  connection,
  tr,
  main,
  needsTouch,
}: {
  board: Board;
  connection: ConnectionState;
  tr: Translate;
  main: Language;
  needsTouch: boolean;
}) {
  return (
    <header>
      <h1>{board.booth.name}</h1>
      {needsTouch && <button class="sound">{tr((text) => text.soundOn)}</button>}
      <span role="status" class={connection === 'live' ? '' : 'lost'}>
        {connection === 'live' ? tr((text) => text.intake[board.intake.state]) : tr((text) => text.lost)}
      </span>
      {connection === 'live' && board.clock.trusted && <time>{clockTime(boothNow(), main)}</time>}
    </header>
  );
}

function CalledTicket({
  ticket,
  isNew,
  tr,
  unit,
}: {
  ticket: BoardTicket;
  isNew: boolean;
  tr: Translate;
  unit: string;
}) {
  return (
    <section class={isNew ? 'now new' : 'now'}>
      <h2>{tr((text) => text.nowCalling)}</h2>
      <p class="number" data-step={numberStep(ticket.number)}>
        {ticket.number}
        {/^\d+$/.test(ticket.number) && unit && <small>{unit}</small>}
      </p>
      <p class="hint">{tr((text) => text.comeNow)}</p>
    </section>
  );
}

/** A dashed outline in place of the ticket. A text of the booth replaces the standard sentence. */
function NobodyCalled({ board, tr, main }: { board: Board; tr: Translate; main: Language }) {
  const closed = board.intake.state === 'closed';
  const boothText = closed ? board.texts.closed : board.texts.welcome;
  const title = closed ? tr((text) => text.closedTitle) : tr((text) => text.soonTitle);
  return (
    <section class="now idle">
      <h2>{title}</h2>
      <p class="number" data-step="3" lang={main}>
        {closed ? TEXTS[main].closed : TEXTS[main].soon}
      </p>
      <p class={boothText.length > LONG_TEXT ? 'hint long' : 'hint'}>
        {boothText || (closed ? tr((text) => text.closedText) : tr((text) => text.soonText))}
      </p>
    </section>
  );
}

function Numbers({
  kind,
  title,
  tickets,
  limits,
  children,
}: {
  kind: string;
  title: ComponentChildren;
  tickets: BoardTicket[];
  limits: readonly [number, number];
  children?: ComponentChildren;
}) {
  if (tickets.length === 0) return null;
  const shown = tickets.slice(0, shownCount(tickets, limits));
  const more = tickets.length - shown.length;
  return (
    <section class={kind} data-step={sizeStep(shown)}>
      <h2>
        {title}
        {more > 0 && kind !== 'recent' && <b> +{more}</b>}
      </h2>
      <ul>
        {shown.map(({ id, number }) => (
          <li key={id}>{number}</li>
        ))}
      </ul>
      {children}
    </section>
  );
}

function Footer({ board, tr, main }: { board: Board; tr: Translate; main: Language }) {
  const { estimate, intake, lines, waiting } = board;
  const text = TEXTS[main];
  const [minutes, unit] = estimate ? estimateText(estimate, text) : [];
  return (
    <footer>
      <p class="total">
        <span>{tr((words) => words.waiting)}</span>
        <b>
          {count(waiting, main)}
          {text.parties && <small>{text.parties}</small>}
        </b>
        {lines.length > 1 && (
          <span class="lines">
            {lines.map((line) => (
              <span key={line.id}>
                <span>{line.name}</span> <b>{count(line.waiting, main)}</b>
              </span>
            ))}
          </span>
        )}
      </p>
      {minutes && (
        <p class="total">
          <span>{tr((words) => (intake.state === 'open' ? words.joinNow : words.estimate))}</span>
          <b>
            {minutes}
            <small>{unit}</small>
          </b>
        </p>
      )}
    </footer>
  );
}

function estimateText(estimate: NonNullable<Board['estimate']>, text: BoardText): [string, string] {
  const minutes = range(estimate);
  return estimate.low_s < 60 || minutes === null
    ? text.within(Math.max(1, Math.round(estimate.high_s / 60)))
    : [minutes, text.minutes];
}
