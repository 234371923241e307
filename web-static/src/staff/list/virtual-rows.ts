// Which rows of a long list are in the page: those in view, a screenful on either side, and those that must be there
// (the one that has the focus, one that is to be shown).  The others are room of the height they had, or will have.
//
// It also keeps the list still while others change it: what stood at the top of the view, or was pressed last, stands
// where it stood, also in browsers that do not do so by themselves.  Only a list at its very beginning shows what comes
// in there.

import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { Ticket } from '../../state/types';

/** A list no longer than this is in the page as a whole: nothing to gain. */
const WHOLE = 60;
const GUESS_PX = 72;

export interface Placed {
  index: number;
  /** Room for those between this row and the one before it, and behind the last. */
  before: number;
  after: number;
}

interface Anchor {
  id: number;
  /** Below the upper edge of the view. */
  y: number;
}

interface Memory {
  heights: Map<number, number>;
  guess: number | null;
  tickets: readonly Ticket[];
  /** Where each row begins, and where the last one ends. */
  offsets: number[];
  first: number;
  end: number;
  pressed: number | null;
  anchor: Anchor | null;
  /** How often in a row it was drawn again because heights were not as thought. */
  again: number;
}

const AGAIN_AT_MOST = 4;

export function useWindow(
  list: RefObject<HTMLElement | null>,
  tickets: readonly Ticket[],
  shown: number | null,
): Placed[] {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const memory = useRef<Memory>({
    heights: new Map(),
    guess: null,
    tickets: [],
    offsets: [0],
    first: 0,
    end: 0,
    pressed: null,
    anchor: null,
    again: 0,
  }).current;
  const ul = list.current;
  const view = ul ? viewOf(ul) : { from: 0, height: innerHeight };
  memory.anchor = ul && findAnchor(memory, ul, tickets);
  memory.tickets = tickets;
  memory.offsets = offsetsOf(memory);
  choose(memory, view);

  useLayoutEffect(() => {
    memory.again = settle(memory, list.current!) ? 0 : memory.again + 1;
    if (memory.again > 0 && memory.again <= AGAIN_AT_MOST) redraw(undefined);
  });
  useEffect(() => {
    const element = list.current!;
    const moved = () => {
      memory.again = 0;
      if (!covers(memory, viewOf(element))) redraw(undefined);
    };
    const resized = () => {
      memory.heights.clear();
      memory.guess = null;
      redraw(undefined);
    };
    const pressed = (event: Event) => {
      memory.pressed = idOf((event.target as Element).closest('.row'));
    };
    addEventListener('scroll', moved, { capture: true, passive: true });
    addEventListener('resize', resized);
    element.addEventListener('pointerdown', pressed);
    element.addEventListener('focusin', pressed);
    return () => {
      removeEventListener('scroll', moved, true);
      removeEventListener('resize', resized);
    };
  }, []);
  return placed(memory, [idOf(focusedRow(ul)), shown]);
}

/** The list scrolls by itself, or, where there is little height, with the page. */
function viewOf(ul: HTMLElement) {
  const box = ul.getBoundingClientRect();
  const alone = getComputedStyle(ul).overflowY !== 'visible';
  const scroller = alone ? ul : document.scrollingElement!;
  const top = alone ? box.top : 0;
  return { scroller, top, from: top - box.top + ul.scrollTop, height: alone ? ul.clientHeight : innerHeight };
}

function offsetsOf({ heights, guess, tickets }: Memory): number[] {
  const offsets = [0];
  let end = 0;
  for (const { id } of tickets) offsets.push((end += heights.get(id) ?? guess ?? GUESS_PX));
  return offsets;
}

function choose(memory: Memory, { from, height }: { from: number; height: number }) {
  const { tickets, offsets, anchor } = memory;
  [memory.first, memory.end] = [0, tickets.length];
  if (tickets.length <= WHOLE) return;
  const at = anchor ? tickets.findIndex(({ id }) => id === anchor.id) : -1;
  if (at >= 0) from = offsets[at]! - anchor!.y;
  while (memory.first < tickets.length && offsets[memory.first + 1]! <= from - height) memory.first++;
  while (memory.end > memory.first && offsets[memory.end - 1]! >= from + 2 * height) memory.end--;
}

/** Half a screenful to spare on either side. */
function covers({ tickets, offsets, first, end }: Memory, { from, height }: { from: number; height: number }): boolean {
  const above = first === 0 || offsets[first]! <= from - height / 2;
  return above && (end === tickets.length || offsets[end]! >= from + height * 1.5);
}

function placed({ tickets, offsets, first, end }: Memory, stay: (number | null)[]): Placed[] {
  const indices = Array.from({ length: end - first }, (_, i) => first + i);
  for (const id of new Set(stay)) {
    const index = id === null ? -1 : tickets.findIndex((ticket) => ticket.id === id);
    if (index >= 0 && (index < first || index >= end)) indices.push(index);
  }
  indices.sort((a, b) => a - b);
  return indices.map((index, i) => ({
    index,
    before: offsets[index]! - offsets[i > 0 ? indices[i - 1]! + 1 : 0]!,
    after: i < indices.length - 1 ? 0 : offsets[tickets.length]! - offsets[index + 1]!,
  }));
}

/** A row of the view that does not move itself: its neighbour is still its neighbour, or gone. */
function findAnchor({ pressed }: Memory, ul: HTMLElement, tickets: readonly Ticket[]): Anchor | null {
  const { scroller, top, height } = viewOf(ul);
  if (scroller.scrollTop <= 0) return null;
  const seen = rowsOf(ul)
    .map((row) => ({ id: idOf(row)!, box: row.getBoundingClientRect() }))
    .filter(({ box }) => box.bottom > top && box.top < top + height)
    .map(({ id, box }) => ({ id, y: box.top - top }));
  const wanted = new Set(seen.map(({ id }) => id));
  const index = new Map<number, number>();
  tickets.forEach(({ id }, i) => wanted.has(id) && index.set(id, i));
  const stays = ({ id }: Anchor, i: number) => {
    const next = seen[i + 1] && index.get(seen[i + 1]!.id);
    return index.has(id) && (next === undefined || next === index.get(id)! + 1);
  };
  return seen.find((row, i) => row.id === pressed && stays(row, i)) ?? seen.find(stays) ?? null;
}

/** After the rows are drawn: how high they are, and everything back in its place.  False if more must be drawn. */
function settle(memory: Memory, ul: HTMLElement): boolean {
  const { heights, anchor } = memory;
  const rows = rowsOf(ul);
  rows.forEach((row) => heights.set(idOf(row)!, row.getBoundingClientRect().height));
  memory.guess ??= rows.length ? rows.reduce((sum, row) => sum + heights.get(idOf(row)!)!, 0) / rows.length : null;
  const { scroller, top } = viewOf(ul);
  const row = anchor && rows.find((each) => idOf(each) === anchor.id);
  const off = row ? row.getBoundingClientRect().top - top - anchor.y : 0;
  if (Math.abs(off) >= 1) scroller.scrollTop += off;
  memory.offsets = offsetsOf(memory);
  return covers(memory, viewOf(ul));
}

function rowsOf(ul: HTMLElement): HTMLElement[] {
  return ([...ul.children] as HTMLElement[]).filter((row) => row.dataset['id']);
}

function focusedRow(ul: HTMLElement | null): HTMLElement | null {
  const row = document.activeElement?.closest<HTMLElement>('.row');
  return row && ul?.contains(row) ? row : null;
}

function idOf(row: Element | null): number | null {
  const id = (row as HTMLElement | null)?.dataset['id'];
  return id ? Number(id) : null;
}
