// The staff page: which list, which row and which sheet are open.  Everything else is in the model.

import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import { applyPending } from '../state/command';
import type { Ticket } from '../state/types';
import { runAction, type Action } from './list/actions';
import { ActionBar } from './bars/action-bar';
import { useFocusRecovery } from './focus';
import { TruncatedHint, EmptyHint, LineChips, Summary } from './list/list-header';
import type { Model, State } from './model';
import { Alerts } from './bars/alerts';
import { TicketList, type RowState } from './list/ticket-list';
import { SearchResults, SearchField } from './list/search';
import { OpenSheet, type SheetState } from './sheets/open-sheet';
import { SignIn } from './sign-in';
import { language, t } from './text';
import { TopBar } from './bars/top-bar';
import { listView, withPendingIntake, type Tab } from './list/list-view';

export function App({ model }: { model: Model }) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => model.subscribe(() => redraw(undefined)), [model]); // a snapshot may come before the next frame
  const state = model.state();
  if (state.session === null)
    return <SignIn model={model} sessionEnded={state.sessionEnded} onChange={() => redraw(undefined)} />;
  return <StaffPage model={model} state={state} onChange={() => redraw(undefined)} />;
}

function StaffPage({ model, state, onChange }: { model: Model; state: State; onChange(): void }) {
  const { commands, connection } = state;
  const queue = state.queue && withPendingIntake(state.queue, commands);
  const [tab, setTab] = useState<Tab>('waiting');
  const [chosenLine, setLine] = useState<string | null>(null);
  const [openRow, setOpenRow] = useState<number | null>(null);
  const [sheet, setSheet] = useState<SheetState | null>(null);
  const [searchText, setSearchText] = useState<string | null>(null);
  const [scrollTarget, setScrollTarget] = useState<{ id: number } | null>(null);
  const page = useRef<HTMLDivElement>(null);
  useFocusRecovery(page);
  useEffect(() => scrollTo(page.current, scrollTarget), [scrollTarget]);
  useEffect(() => page.current?.querySelector('.row.open')?.scrollIntoView({ block: 'nearest' }), [openRow]);

  const line = queue?.lines.some(({ id }) => id === chosenLine) ? chosenLine : null;
  const view = queue && listView(queue, line, commands, connection === 'live');
  useEffect(() => {
    if (queue) document.title = t.title(`${t.tabs[tab]} ${view!.counts[tab]}`, queue.booth.name);
  });

  const show = (ticket: Ticket) => {
    setSearchText(null);
    setTab(ticket.state === 'waiting' || ticket.state === 'called' ? ticket.state : 'done');
    if (line !== ticket.line) setLine(null);
    setOpenRow(ticket.id);
    setScrollTarget({ id: ticket.id });
  };
  const rowHandlers = {
    onToggle: useStableCallback((ticket: Ticket) => setOpenRow((id) => (id === ticket.id ? null : ticket.id))),
    onUndo: useStableCallback((ticket: Ticket) => model.undoTicket(ticket)),
    onAction: useStableCallback((ticket: Ticket, action: Action) => {
      runAction(model, ticket, action, (kind, of) => setSheet({ kind, ticket: of }));
      setOpenRow(null);
    }),
  };
  const rowState = (ticket: Ticket, partiesAhead: number | null = null): RowState => ({
    ...applyPending(ticket, commands),
    isNext: ticket.id === view?.next?.id,
    open: openRow !== null && model.idOf(openRow) === ticket.id,
    partiesAhead,
  });

  return (
    <div class="app" ref={page} onPointerDown={(event) => event.button === 0 && model.freeze()}>
      <TopBar
        queue={queue}
        connection={connection}
        onIntake={() => setSheet({ kind: 'intake' })}
        onConnection={() => queue && setSheet({ kind: 'connection' })}
      />
      <main class="main">
        <Alerts
          model={model}
          state={state}
          queue={queue}
          onRefused={() => setSheet({ kind: 'refused' })}
          onForeign={() => setSheet({ kind: 'foreign' })}
        />
        {!queue && (
          <p class="loading" role="status">
            {t.loading}
          </p>
        )}
        {queue && view && searchText === null && (
          <>
            <LineChips queue={queue} line={line} onLine={setLine} />
            <Summary tab={tab} queue={queue} view={view} line={line} onRecent={() => setSheet({ kind: 'recent' })} />
            <div id="list" class="list" role="tabpanel" aria-labelledby={`tab-${tab}`}>
              <TicketList
                key={tab + line}
                tickets={view[tab]}
                rowState={rowState}
                scrollTarget={scrollTarget?.id ?? null}
                day={queue.day}
                searchText=""
                language={language}
                {...rowHandlers}
              >
                {tab === 'done' && queue.doneTruncated && <TruncatedHint count={view.done.length} />}
                {view[tab].length === 0 && <EmptyHint tab={tab} first={queue.tickets.size === 0} />}
              </TicketList>
            </div>
          </>
        )}
        {queue && searchText !== null && (
          <SearchResults searchText={searchText.trim()} queue={queue} rowState={rowState} handlers={rowHandlers} />
        )}
      </main>
      {queue && view && searchText === null && (
        <ActionBar
          model={model}
          state={state}
          queue={queue}
          tab={tab}
          counts={view.counts}
          next={view.next}
          onTab={(next) => (setTab(next), setOpenRow(null))}
          onSearch={() => (setSearchText(''), setOpenRow(null))}
          onShow={show}
          onAdd={() => setSheet({ kind: queue.intake.state === 'open' ? 'add' : 'intake' })}
        />
      )}
      {queue && searchText !== null && (
        <SearchField searchText={searchText} onSearch={setSearchText} onClose={() => setSearchText(null)} />
      )}

      {queue && sheet && (
        <OpenSheet
          sheet={sheet}
          queue={queue}
          line={line}
          model={model}
          state={state}
          onChange={onChange}
          onShow={show}
          onSheet={setSheet}
          onClose={() => setSheet(null)}
        />
      )}
    </div>
  );
}

/** A function that never changes but calls the latest `latest`, so that rows are not drawn again because of it. */
function useStableCallback<A extends unknown[]>(latest: (...args: A) => void): (...args: A) => void {
  const current = useRef(latest);
  current.current = latest;
  return useRef((...args: A) => current.current(...args)).current;
}

function scrollTo(page: HTMLElement | null, target: { id: number } | null) {
  const head = target && page?.querySelector<HTMLElement>(`[data-id="${target.id}"] .head`);
  head?.scrollIntoView({ block: 'center' });
  head?.focus();
}
