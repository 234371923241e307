// Which calls are new, and how large a number can be.

import type { Board, BoardTicket } from '../state/types';

/** What was shown before: of which history, up to which call. */
export interface Seen {
  epoch: string;
  call_seq: number;
}

/**
 * The calls that nobody could have seen, in the order in which they were made: none on the first look or in another
 * history, none when an undo brings an older one forward.
 */
export function newCalls(seen: Seen | null, board: Board): BoardTicket[] {
  if (seen?.epoch !== board.booth.epoch) return [];
  return board.calling.filter((ticket) => ticket.call_seq > seen.call_seq).sort((a, b) => a.call_seq - b.call_seq);
}

export function markSeen(seen: Seen | null, board: Board): Seen {
  const latest = Math.max(0, ...[...board.calling, ...board.recent, ...board.missed].map((ticket) => ticket.call_seq));
  const before = seen?.epoch === board.booth.epoch ? seen.call_seq : 0;
  return { epoch: board.booth.epoch, call_seq: Math.max(before, latest) };
}

const SEEN_KEY = 'seen';

/** What was seen goes from a page to the one that takes its place, so that a call between the two is a new one. */
export function saveSeen(seen: Seen | null) {
  try {
    sessionStorage.setItem(SEEN_KEY, JSON.stringify(seen));
  } catch {
    // then the next page has a first look
  }
}

/** Once: a page that is opened or reloaded by hand looks for the first time. */
export function restoreSeen(): Seen | null {
  try {
    const stored = sessionStorage.getItem(SEEN_KEY);
    sessionStorage.removeItem(SEEN_KEY);
    return JSON.parse(stored ?? 'null') as Seen | null;
  } catch {
    return null;
  }
}
