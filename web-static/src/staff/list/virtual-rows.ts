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
const MAX_UNVIRTUALIZED = 60;
const DEFAULT_HEIGHT_PX = 72;

interface VirtualRow {
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

interface RowCache {
  heights: Map<number, number>;
  averageHeight: number | null;
  tickets: readonly Ticket[];
  /** Where each row begins, and where the last one ends. */
  offsets: number[];
  first: number;
  end: number;
  pressed: number | null;
  anchor: Anchor | null;
  /** How often in a row it was drawn again because heights were not as thought. */
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
    const pressed = (event: Event) => {
      cache.pressed = idOf((event.target as Element).closest('.row'));
    };
    addEventListener('scroll', onScroll, { capture: true, passive: true });
    addEventListener('resize', onResize);
    element.addEventListener('pointerdown', pressed);
    element.addEventListener('focusin', pressed);
    return () => {
      removeEventListener('scroll', onScroll, true);
      removeEventListener('resize', onResize);
    };
  }, [cache, list]);
  return virtualRows(cache, [idOf(focusedRow(ul)), scrollTarget]);
}

/** The list scrolls by itself, or, where there is little height, with the page. */
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

/** Half a screenful to spare on either side. */
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

/** A row of the view that does not move itself: its neighbour is still its neighbour, or gone. */
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

/** After the rows are drawn: how high they are, and everything back in its place.  False if more must be drawn. */
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
