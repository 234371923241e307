// The staff page: which list, which row is open, which sheet; everything else is in the model.

import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import { applyPending } from '../state/command';
import type { Ticket } from '../state/types';
import { perform, type Action } from './list/actions';
import { Dock, type Tab } from './bars/action-bar';
import { useKeptFocus } from './focus';
import { Earlier, Empty, LineChips, Summary } from './list/list-header';
import type { Model, State } from './model';
import { Notes } from './bars/alerts';
import { Roll, type Entry } from './list/ticket-list';
import { Found, SearchField } from './list/search';
import { Sheets, type OpenSheet } from './sheets/open-sheet';
import { SignIn } from './sign-in';
import { language, t } from './text';
import { Top } from './bars/top-bar';
import { withPendingIntake, viewOf } from './list/list-view';

export function App({ model }: { model: Model }) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => model.subscribe(() => redraw(undefined)), [model]); // a snapshot may come before the next frame
  const state = model.state();
  if (state.session === null) return <SignIn model={model} ended={state.sessionEnded} onChange={() => redraw(undefined)} />;
  return <Desk model={model} state={state} onChange={() => redraw(undefined)} />;
}

function Desk({ model, state, onChange }: { model: Model; state: State; onChange(): void }) {
  const { commands, connection } = state;
  const queue = state.queue && withPendingIntake(state.queue, commands);
  const [tab, setTab] = useState<Tab>('waiting');
  const [chosenLine, setLine] = useState<string | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const [sheet, setSheet] = useState<OpenSheet | null>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const [shown, setShown] = useState<{ id: number } | null>(null);
  const desk = useRef<HTMLDivElement>(null);
  useKeptFocus(desk);
  useEffect(() => scrollTo(desk.current, shown), [shown]);
  useEffect(() => desk.current?.querySelector('.row.open')?.scrollIntoView({ block: 'nearest' }), [open]);

  const line = queue?.lines.some(({ id }) => id === chosenLine) ? chosenLine : null;
  const view = queue && viewOf(queue, line, commands, connection === 'live');
  useEffect(() => {
    if (queue) document.title = t.title(`${t.tabs[tab]} ${view!.counts[tab]}`, queue.booth.name);
  });

  const show = (ticket: Ticket) => {
    setWanted(null);
    setTab(ticket.state === 'waiting' || ticket.state === 'called' ? ticket.state : 'done');
    if (line !== ticket.line) setLine(null);
    setOpen(ticket.id);
    setShown({ id: ticket.id });
  };
  const rowHandlers = {
    onToggle: useStable((ticket: Ticket) => setOpen((id) => (id === ticket.id ? null : ticket.id))),
    onUndo: useStable((ticket: Ticket) => model.undoTicket(ticket)),
    onAction: useStable((ticket: Ticket, action: Action) => {
      perform(model, ticket, action, (kind, of) => setSheet({ kind, ticket: of }));
      setOpen(null);
    }),
  };
  const entry = (ticket: Ticket, ahead: number | null = null): Entry => ({
    ...applyPending(ticket, commands),
    isNext: ticket.id === view?.next?.id,
    open: open !== null && model.idOf(open) === ticket.id,
    ahead,
  });

  return (
    <div class="app" ref={desk} onPointerDown={(event) => event.button === 0 && model.freeze()}>
      <Top
        queue={queue}
        connection={connection}
        onIntake={() => setSheet({ kind: 'intake' })}
        onPath={() => queue && setSheet({ kind: 'path' })}
      />
      <main class="main">
        <Notes
          model={model}
          state={state}
          queue={queue}
          onRefused={() => setSheet({ kind: 'refused' })}
          onOthers={() => setSheet({ kind: 'others' })}
        />
        {!queue && (
          <p class="loading" role="status">
            {t.loading}
          </p>
        )}
        {queue && view && wanted === null && (
          <>
            <LineChips queue={queue} line={line} onLine={setLine} />
            <Summary
              tab={tab}
              queue={queue}
              view={view}
              line={line}
              onRecent={() => setSheet({ kind: 'recent' })}
            />
            <div id="list" class="list" role="tabpanel" aria-labelledby={`tab-${tab}`}>
              <Roll
                key={tab + line}
                tickets={view[tab]}
                entry={entry}
                shown={shown?.id ?? null}
                day={queue.day}
                found=""
                language={language}
                {...rowHandlers}
              >
                {tab === 'done' && queue.doneTruncated && <Earlier shown={view.done.length} />}
                {view[tab].length === 0 && <Empty tab={tab} first={queue.tickets.size === 0} />}
              </Roll>
            </div>
          </>
        )}
        {queue && wanted !== null && (
          <Found wanted={wanted.trim()} queue={queue} entry={entry} handlers={rowHandlers} />
        )}
      </main>
      {queue && view && wanted === null && (
        <Dock
          model={model}
          state={state}
          queue={queue}
          tab={tab}
          counts={view.counts}
          next={view.next}
          onTab={(next) => (setTab(next), setOpen(null))}
          onFind={() => (setWanted(''), setOpen(null))}
          onShow={show}
          onAdd={() => setSheet({ kind: queue.intake.state === 'open' ? 'add' : 'intake' })}
        />
      )}
      {queue && wanted !== null && <SearchField wanted={wanted} onWanted={setWanted} onClose={() => setWanted(null)} />}

      {queue && sheet && (
        <Sheets
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

/** One function for ever, so that a row is not drawn again because of it; it does what the latest one does. */
function useStable<A extends unknown[]>(latest: (...args: A) => void): (...args: A) => void {
  const current = useRef(latest);
  current.current = latest;
  return useRef((...args: A) => current.current(...args)).current;
}

function scrollTo(desk: HTMLElement | null, shown: { id: number } | null) {
  const head = shown && desk?.querySelector<HTMLElement>(`[data-id="${shown.id}"] .head`);
  head?.scrollIntoView({ block: 'center' });
  head?.focus();
}
