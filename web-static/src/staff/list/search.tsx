// Search: the field takes the place of the dock, what it finds that of the list.

import { useEffect, useRef } from 'preact/hooks';
import { search } from '../../state/lists';
import type { Queue } from '../../state/queue';
import type { Ticket } from '../../state/types';
import { Icon } from '../icon';
import { Hint, Roll, type Entry } from './ticket-list';
import { language, t } from '../text';
import { ahead } from './list-view';

export function Found({
  wanted,
  queue,
  entry,
  handlers,
}: {
  wanted: string;
  queue: Queue;
  entry(ticket: Ticket, ahead: number | null): Entry;
  handlers: Pick<Parameters<typeof Roll>[0], 'onToggle' | 'onAction' | 'onUndo'>;
}) {
  const hits = search(queue, wanted);
  const none = [t.foundNone, ...(queue.doneTruncated ? t.earlierHint : [])];
  return (
    <>
      <div class="bar">
        <p role="status">{wanted && t.found(wanted, hits.length)}</p>
      </div>
      <Roll
        tickets={hits}
        entry={(ticket) => entry(ticket, ahead(queue, ticket))}
        shown={null}
        day={queue.day}
        found={wanted}
        language={language}
        {...handlers}
      >
        {hits.length === 0 && <Hint number="?" title={t.find} hint={wanted ? none : t.searchHint} />}
      </Roll>
    </>
  );
}

export function SearchField({
  wanted,
  onWanted,
  onClose,
}: {
  wanted: string;
  onWanted(text: string): void;
  onClose(): void;
}) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <footer class="dock">
      <form
        class="set acts"
        onSubmit={(event) => (event.preventDefault(), field.current?.blur())}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      >
        <label class="btn field">
          <Icon sign="search" />
          <input
            ref={field}
            type="search"
            enterkeyhint="search"
            aria-label={t.find}
            autoComplete="off"
            value={wanted}
            onInput={(event) => onWanted(event.currentTarget.value)}
          />
        </label>
        <button type="button" class="btn" onClick={onClose}>
          {t.close}
        </button>
      </form>
    </footer>
  );
}
