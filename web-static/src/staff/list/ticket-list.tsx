// The list.  Rows keep their element as long as their ticket is in it, so focus and fingers stay where they are.

import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Ticket } from '../../state/types';
import { Row, type RowProps } from './ticket-row';
import { useWindow } from './virtual-rows';

const LONG = 4;

export interface Entry extends Pick<RowProps, 'ticket' | 'saving' | 'isNext' | 'open' | 'ahead'> {}

export function Roll({
  tickets,
  entry,
  shown,
  children,
  ...row
}: {
  tickets: readonly Ticket[];
  entry(ticket: Ticket): Entry;
  /** The ticket to be scrolled to. */
  shown: number | null;
  children?: ComponentChildren;
} & Pick<RowProps, 'day' | 'found' | 'language' | 'onToggle' | 'onAction' | 'onUndo'>) {
  const list = useRef<HTMLUListElement>(null);
  const rows = useWindow(list, tickets, shown);
  const long = tickets.some(({ number }) => number.length >= LONG);
  const count = rows.length < tickets.length ? tickets.length : 0;
  return (
    <ul class={long ? 'roll long' : 'roll'} ref={list}>
      {rows.map(({ index, before, after }) => (
        <Row
          key={tickets[index]!.id}
          {...entry(tickets[index]!)}
          {...row}
          at={count && index + 1}
          count={count}
          before={before}
          after={after}
        />
      ))}
      {children}
    </ul>
  );
}

/** A list without rows says what to do. */
export function Hint({ number, title, hint }: { number: string; title: string; hint: string[] }) {
  return (
    <li class="row" data-s="seated">
      <span class="head">
        <span class="no off">{number}</span>
        <span class="who">
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
