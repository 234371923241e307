// Which rows of a long list are in the page: those in view, a screenful on either side, the one with the focus and one
// to scroll to.  Margins take the place of the others, by their measured or expected height.
//
// It also keeps the list still while others change it, in browsers without scroll anchoring too: the row that was
// pressed last, or else the first row in view, keeps its place on the screen.  Only at the very top new rows push the
// others down.

import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { Ticket } from '../../state/types';

/** A list up to this length is in the page as a whole. */
const MAX_UNVIRTUALIZED = 60;
const DEFAULT_HEIGHT_PX = 72;

interface VirtualRow {
  index: number;
  /** Height of the missing rows before this one, and after the last one. */
  before: number;
  after: number;
}

interface Anchor {
  id: number;
  /** Distance from the upper edge of the view. */
  y: number;
}

interface RowCache {
  heights: Map<number, number>;
  averageHeight: number | null;
  tickets: readonly Ticket[];
  /** Where each row begins; the last entry is where the last row ends. */
  offsets: number[];
  first: number;
  end: number;
  pressed: number | null;
  anchor: Anchor | null;
  /** How many times in succession the rows were drawn again because heights differed from what was expected. */
  redraws: number;
}

const MAX_REDRAWS = 4;

export function useVirtualRows(
  list: RefObject<HTMLElement | null>,
  tickets: readonly Ticket[],
  scrollTarget: number | null,
): VirtualRow[] {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const cache = useRef<RowCache>({
    heights: new Map(),
    averageHeight: null,
    tickets: [],
    offsets: [0],
    first: 0,
    end: 0,
    pressed: null,
    anchor: null,
    redraws: 0,
  }).current;
  const ul = list.current;
  const view = ul ? viewport(ul) : { from: 0, height: innerHeight };
  cache.anchor = ul && findAnchor(cache, ul, tickets);
  cache.tickets = tickets;
  cache.offsets = rowOffsets(cache);
  chooseRange(cache, view);

  useLayoutEffect(() => {
    cache.redraws = measureAndRestore(cache, list.current!) ? 0 : cache.redraws + 1;
    if (cache.redraws > 0 && cache.redraws <= MAX_REDRAWS) redraw(undefined);
  });
  useEffect(() => {
    const element = list.current!;
    const onScroll = () => {
      cache.redraws = 0;
      if (!coversViewport(cache, viewport(element))) redraw(undefined);
    };
    const onResize = () => {
      cache.heights.clear();
      cache.averageHeight = null;
      redraw(undefined);
    };
    const onPress = (event: Event) => {
      cache.pressed = idOf((event.target as Element).closest('.row'));
    };
    addEventListener('scroll', onScroll, { capture: true, passive: true });
    addEventListener('resize', onResize);
    element.addEventListener('pointerdown', onPress);
    element.addEventListener('focusin', onPress);
    return () => {
      removeEventListener('scroll', onScroll, true);
      removeEventListener('resize', onResize);
    };
  }, [cache, list]);
  return virtualRows(cache, [idOf(focusedRow(ul)), scrollTarget]);
}

/** The list scrolls by itself or, on a screen of little height, with the page. */
function viewport(ul: HTMLElement) {
  const box = ul.getBoundingClientRect();
  const scrollsItself = getComputedStyle(ul).overflowY !== 'visible';
  const scroller = scrollsItself ? ul : document.scrollingElement!;
  const top = scrollsItself ? box.top : 0;
  return { scroller, top, from: top - box.top + ul.scrollTop, height: scrollsItself ? ul.clientHeight : innerHeight };
}

function rowOffsets({ heights, averageHeight, tickets }: RowCache): number[] {
  const offsets = [0];
  let end = 0;
  for (const { id } of tickets) offsets.push((end += heights.get(id) ?? averageHeight ?? DEFAULT_HEIGHT_PX));
  return offsets;
}

function chooseRange(cache: RowCache, { from, height }: { from: number; height: number }) {
  const { tickets, offsets, anchor } = cache;
  [cache.first, cache.end] = [0, tickets.length];
  if (tickets.length <= MAX_UNVIRTUALIZED) return;
  const at = anchor ? tickets.findIndex(({ id }) => id === anchor.id) : -1;
  if (at >= 0) from = offsets[at]! - anchor!.y;
  while (cache.first < tickets.length && offsets[cache.first + 1]! <= from - height) cache.first++;
  while (cache.end > cache.first && offsets[cache.end - 1]! >= from + 2 * height) cache.end--;
}

/** Whether the rows reach half a screenful beyond the view on either side. */
function coversViewport(
  { tickets, offsets, first, end }: RowCache,
  { from, height }: { from: number; height: number },
): boolean {
  const above = first === 0 || offsets[first]! <= from - height / 2;
  return above && (end === tickets.length || offsets[end]! >= from + height * 1.5);
}

function virtualRows({ tickets, offsets, first, end }: RowCache, keep: (number | null)[]): VirtualRow[] {
  const indices = Array.from({ length: end - first }, (_, i) => first + i);
  for (const id of new Set(keep)) {
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

/** A row in view that has not moved itself: the row after it is still the same, or gone. */
function findAnchor({ pressed }: RowCache, ul: HTMLElement, tickets: readonly Ticket[]): Anchor | null {
  const { scroller, top, height } = viewport(ul);
  if (scroller.scrollTop <= 0) return null;
  const visible = rowsOf(ul)
    .map((row) => ({ id: idOf(row)!, box: row.getBoundingClientRect() }))
    .filter(({ box }) => box.bottom > top && box.top < top + height)
    .map(({ id, box }) => ({ id, y: box.top - top }));
  const visibleIds = new Set(visible.map(({ id }) => id));
  const index = new Map<number, number>();
  tickets.forEach(({ id }, i) => visibleIds.has(id) && index.set(id, i));
  const stays = ({ id }: Anchor, i: number) => {
    const next = visible[i + 1] && index.get(visible[i + 1]!.id);
    return index.has(id) && (next === undefined || next === index.get(id)! + 1);
  };
  return visible.find((row, i) => row.id === pressed && stays(row, i)) ?? visible.find(stays) ?? null;
}

/** Measures the drawn rows and puts the anchor back in its place. False if more rows are needed. */
function measureAndRestore(cache: RowCache, ul: HTMLElement): boolean {
  const { heights, anchor } = cache;
  const rows = rowsOf(ul);
  rows.forEach((row) => heights.set(idOf(row)!, row.getBoundingClientRect().height));
  cache.averageHeight ??= rows.length
    ? rows.reduce((sum, row) => sum + heights.get(idOf(row)!)!, 0) / rows.length
    : null;
  const { scroller, top } = viewport(ul);
  const row = anchor && rows.find((each) => idOf(each) === anchor.id);
  const drift = row ? row.getBoundingClientRect().top - top - anchor.y : 0;
  if (Math.abs(drift) >= 1) scroller.scrollTop += drift;
  cache.offsets = rowOffsets(cache);
  return coversViewport(cache, viewport(ul));
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
