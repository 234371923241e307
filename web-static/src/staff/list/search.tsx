// Search: the field takes the place of the action bar, the results take that of the list.

import { useEffect, useRef } from 'preact/hooks';
import { search } from '../../state/lists';
import type { Queue } from '../../state/queue';
import type { Ticket } from '../../state/types';
import { Icon } from '../icon';
import { Hint, TicketList, type RowState } from './ticket-list';
import { language, t } from '../text';
import { partiesAhead } from './list-view';

export function SearchResults({
  searchText,
  queue,
  rowState,
  handlers,
}: {
  searchText: string;
  queue: Queue;
  rowState(ticket: Ticket, ahead: number | null): RowState;
  handlers: Pick<Parameters<typeof TicketList>[0], 'onToggle' | 'onAction' | 'onUndo'>;
}) {
  const results = search(queue, searchText);
  const noResults = [t.noResults, ...(queue.doneTruncated ? t.truncatedHint : [])];
  return (
    <>
      <div class="summary">
        <p role="status">{searchText && t.results(searchText, results.length)}</p>
      </div>
      <TicketList
        tickets={results}
        rowState={(ticket) => rowState(ticket, partiesAhead(queue, ticket))}
        scrollTarget={null}
        day={queue.day}
        searchText={searchText}
        language={language}
        {...handlers}
      >
        {results.length === 0 && <Hint number="?" title={t.search} hint={searchText ? noResults : t.searchHint} />}
      </TicketList>
    </>
  );
}

export function SearchField({
  searchText,
  onSearch,
  onClose,
}: {
  searchText: string;
  onSearch(text: string): void;
  onClose(): void;
}) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <footer class="action-bar">
      <form
        class="buttons main-actions"
        onSubmit={(event) => (event.preventDefault(), field.current?.blur())}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      >
        <label class="btn field">
          <Icon name="search" />
          <input
            ref={field}
            type="search"
            enterkeyhint="search"
            aria-label={t.search}
            autoComplete="off"
            value={searchText}
            onInput={(event) => onSearch(event.currentTarget.value)}
          />
        </label>
        <button type="button" class="btn" onClick={onClose}>
          {t.close}
        </button>
      </form>
    </footer>
  );
}
