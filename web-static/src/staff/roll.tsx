// The list.  Rows keep their element as long as their ticket is in it, so focus and fingers stay where they are.

import type { ComponentChildren } from 'preact';
import { Row, type RowProps } from './row';
import { t } from './text';

const LONG = 4;

export interface Entry extends Pick<RowProps, 'ticket' | 'saving' | 'isNext' | 'open' | 'ahead'> {}

export function Roll({
  entries,
  unnamed,
  children,
  ...row
}: {
  entries: Entry[];
  /** New guests on their way: they have no number yet. */
  unnamed: { key: string; size: number }[];
  children?: ComponentChildren;
} & Pick<RowProps, 'day' | 'found' | 'language' | 'onToggle' | 'onAction' | 'onUndo'>) {
  const long = entries.some(({ ticket }) => ticket.number.length >= LONG);
  return (
    <ul class={long ? 'roll long' : 'roll'}>
      {entries.map((entry) => (
        <Row key={entry.ticket.id} {...entry} {...row} />
      ))}
      {unnamed.map(({ key, size }) => (
        <Unnamed key={key} size={size} />
      ))}
      {children}
    </ul>
  );
}

function Unnamed({ size }: { size: number }) {
  return (
    <li class="row saving" data-s="waiting">
      <span class="head">
        <span class="no">–</span>
        <span class="who">
          <b>
            {size}
            {t.peopleUnit}
          </b>
          <small>
            <span class="pending">{t.saving.issue}</span>
          </small>
        </span>
        <span class="t" />
      </span>
    </li>
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
