// The list.  A row keeps its element as long as its ticket is listed, so the focus and a finger stay where they are.

import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Ticket } from '../../state/types';
import { TicketRow, type RowProps } from './ticket-row';
import { useVirtualRows } from './virtual-rows';

const LONG_NUMBER = 4;

export type RowState = Pick<RowProps, 'ticket' | 'saving' | 'isNext' | 'open' | 'partiesAhead'>;

export function TicketList({
  tickets,
  rowState,
  scrollTarget,
  children,
  ...row
}: {
  tickets: readonly Ticket[];
  rowState(ticket: Ticket): RowState;
  /** Id of a ticket to scroll to. */
  scrollTarget: number | null;
  children?: ComponentChildren;
} & Pick<RowProps, 'day' | 'searchText' | 'language' | 'onToggle' | 'onAction' | 'onUndo'>) {
  const list = useRef<HTMLUListElement>(null);
  const rows = useVirtualRows(list, tickets, scrollTarget);
  const long = tickets.some(({ number }) => number.length >= LONG_NUMBER);
  const count = rows.length < tickets.length ? tickets.length : 0;
  return (
    <ul class={long ? 'ticket-list long' : 'ticket-list'} ref={list}>
      {rows.map(({ index, before, after }) => (
        <TicketRow
          key={tickets[index]!.id}
          {...rowState(tickets[index]!)}
          {...row}
          position={count && index + 1}
          count={count}
          spaceBefore={before}
          spaceAfter={after}
        />
      ))}
      {children}
    </ul>
  );
}

/** Stands in an empty list and says what to do. */
export function Hint({ number, title, hint }: { number: string; title: string; hint: string[] }) {
  return (
    <li class="row" data-state="seated">
      <span class="head">
        <span class="number off">{number}</span>
        <span class="guest">
          <small class="hint">
            <span>
              <b>{title}</b>
              {hint.map((line) => (
                <>
                  <br />
                  {line}
                </>
              ))}
            </span>
          </small>
        </span>
      </span>
    </li>
  );
}
