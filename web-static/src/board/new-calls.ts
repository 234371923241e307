// Which calls are new on this board.

import type { Board, BoardTicket } from '../state/types';

/** The latest call that was shown, and its epoch. */
export interface Seen {
  epoch: string;
  call_seq: number;
}

/**
 * The calls that this board has not shown, in the order in which they were made. There are none in the first snapshot
 * of an epoch, and none when an undo brings an older call forward.
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

/** Handed to the page that replaces this one, so that a call between the two is new there. */
export function saveSeen(seen: Seen | null) {
  try {
    sessionStorage.setItem(SEEN_KEY, JSON.stringify(seen));
  } catch {
    // then the next page begins anew
  }
}

/** Works once: a page that is opened or reloaded by hand begins anew. */
export function restoreSeen(): Seen | null {
  try {
    const stored = sessionStorage.getItem(SEEN_KEY);
    sessionStorage.removeItem(SEEN_KEY);
    return JSON.parse(stored ?? 'null') as Seen | null;
  } catch {
    return null;
  }
}
