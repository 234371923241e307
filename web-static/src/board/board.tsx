// What guests see from five metres: who is called, who was, how long it takes.  No names, no phones.

import type { ComponentChildren } from 'preact';
import { boothNow } from '../state/clock';
import { clockTime, count, range } from '../text/format';
import type { ConnectionState } from '../state/connection';
import type { Board, BoardTicket, Language } from '../state/types';
import type { BoardText } from '../text/ko';
import { numberStep } from './new-calls';
import { TEXTS } from './text';

/** As many as have room: of short numbers, of long ones. */
const EXPECTED_SHOWN = [6, 4] as const;
const RECENT_SHOWN = [4, 4] as const;
const MISSED_SHOWN = [4, 2] as const;
/** A text of the booth that is longer is written smaller. */
const LONG_TEXT = 60;

type Say = (words: (text: BoardText) => string) => ComponentChildren;

export function BoardPage({
  board,
  connection,
  fresh,
  askForSound,
  children,
}: {
  board: Board | null;
  connection: ConnectionState;
  /** The newest call was made just now. */
  fresh: boolean;
  askForSound: boolean;
  /** What lies over the board. */
  children?: ComponentChildren;
}) {
  const languages = board?.languages ?? (['ko', 'en'] as const);
  const main = languages[0] ?? 'ko';
  const say: Say = (words) => (
    <>
      <span lang={main}>{words(TEXTS[main])}</span>
      {languages.slice(1).map((each) => (
        <>
          {' '}
          <span class="second" lang={each}>
            {words(TEXTS[each])}
          </span>
        </>
      ))}
    </>
  );
  if (!board)
    return (
      <main class="blank">
        <p role="status">{say((text) => text.connecting)}</p>
        {children}
      </main>
    );
  const [newest, ...expected] = board.calling;
  return (
    <>
      <Header board={board} connection={connection} say={say} main={main} askForSound={askForSound} />
      <main class={`numbers ${room(expected)}`}>
        <div class="call" aria-live="assertive">
          {newest ? (
            <Called key={newest.call_seq} ticket={newest} fresh={fresh} say={say} unit={TEXTS[main].unit} />
          ) : (
            <Nobody board={board} say={say} main={main} />
          )}
        </div>
        <div class="rest">
          <Numbers kind="expected" title={say((text) => text.expected)} tickets={expected} most={EXPECTED_SHOWN} />
          <Numbers kind="recent" title={say((text) => text.recent)} tickets={board.recent} most={RECENT_SHOWN} />
          <Numbers kind="missed" title={say((text) => text.missed)} tickets={board.missed} most={MISSED_SHOWN}>
            <p>{say((text) => text.askAtBooth)}</p>
          </Numbers>
        </div>
      </main>
      <Footer board={board} say={say} main={main} />
      {children}
    </>
  );
}

/** The more are called at once, the less room for those who are in already. */
function room(expected: BoardTicket[]): string {
  if (expected.length === 0) return '';
  return expected.length > 2 ? 'shared crowded' : 'shared';
}

function step(tickets: BoardTicket[]): number {
  return Math.max(...tickets.map(({ number }) => numberStep(number)));
}

function shown(tickets: BoardTicket[], most: readonly [number, number]): number {
  return most[step(tickets) === 0 ? 0 : 1];
}

function Header({
  board,
  connection,
  say,
  main,
  askForSound,
}: {
  board: Board;
  connection: ConnectionState;
  say: Say;
  main: Language;
  askForSound: boolean;
}) {
  return (
    <header>
      <h1>{board.booth.name}</h1>
      {askForSound && <button class="sound">{say((text) => text.sound)}</button>}
      <span role="status" class={connection === 'live' ? '' : 'lost'}>
        {connection === 'live' ? say((text) => text.intake[board.intake.state]) : say((text) => text.lost)}
      </span>
      {connection === 'live' && board.clock.trusted && <time>{clockTime(boothNow(), main)}</time>}
    </header>
  );
}

function Called({ ticket, fresh, say, unit }: { ticket: BoardTicket; fresh: boolean; say: Say; unit: string }) {
  return (
    <section class={fresh ? 'now new' : 'now'}>
      <h2>{say((text) => text.nowCalling)}</h2>
      <p class="num" data-step={numberStep(ticket.number)}>
        {ticket.number}
        {/^\d+$/.test(ticket.number) && unit && <small>{unit}</small>}
      </p>
      <p class="say">{say((text) => text.comeNow)}</p>
    </section>
  );
}

/** A dashed outline where the ticket will be; what the booth wants to say comes first. */
function Nobody({ board, say, main }: { board: Board; say: Say; main: Language }) {
  const closed = board.intake.state === 'closed';
  const own = closed ? board.texts.closed : board.texts.welcome;
  const top = closed ? say((text) => text.closedThanks) : say((text) => text.soonTop);
  return (
    <section class="now shut">
      <h2>{top}</h2>
      <p class="num" data-step="3" lang={main}>
        {closed ? TEXTS[main].closedBig : TEXTS[main].soonBig}
      </p>
      <p class={own.length > LONG_TEXT ? 'say long' : 'say'}>
        {own || (closed ? say((text) => text.closedSay) : say((text) => text.soonSay))}
      </p>
    </section>
  );
}

function Numbers({
  kind,
  title,
  tickets,
  most,
  children,
}: {
  kind: string;
  title: ComponentChildren;
  tickets: BoardTicket[];
  most: readonly [number, number];
  children?: ComponentChildren;
}) {
  if (tickets.length === 0) return null;
  const first = tickets.slice(0, shown(tickets, most));
  const more = tickets.length - first.length;
  return (
    <section class={kind} data-step={step(first)}>
      <h2>
        {title}
        {more > 0 && kind !== 'recent' && <b> +{more}</b>}
      </h2>
      <ul>
        {first.map(({ id, number }) => (
          <li key={id}>{number}</li>
        ))}
      </ul>
      {children}
    </section>
  );
}

function Footer({ board, say, main }: { board: Board; say: Say; main: Language }) {
  const { estimate, intake, lines, waiting } = board;
  const text = TEXTS[main];
  const [minutes, unit] = estimate ? estimateWords(estimate, text) : [];
  return (
    <footer>
      <p class="sum">
        <span>{say((words) => words.waiting)}</span>
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
        <p class="sum">
          <span>{say((words) => (intake.state === 'open' ? words.joinNow : words.estimate))}</span>
          <b>
            {minutes}
            <small>{unit}</small>
          </b>
        </p>
      )}
    </footer>
  );
}

function estimateWords(estimate: NonNullable<Board['estimate']>, text: BoardText): [string, string] {
  const minutes = range(estimate);
  return estimate.low_s < 60 || minutes === null
    ? text.within(Math.max(1, Math.round(estimate.high_s / 60)))
    : [minutes, text.minutes];
}
