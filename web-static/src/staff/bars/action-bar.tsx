// The bar at the bottom, within reach of a thumb: the notice with its undo button, search, call, add, and the tabs.

import { useRef } from 'preact/hooks';
import { boothNow } from '../../state/clock';
import { NO_NUMBER } from '../../state/command';
import type { Queue } from '../../state/queue';
import type { Ticket } from '../../state/types';
import { Icon } from '../icon';
import type { Tab } from '../list/list-view';
import type { Model, State } from '../model';
import { noticeText } from '../command-text';
import { t } from '../text';

const TABS: readonly Tab[] = ['waiting', 'called', 'done'];

/** A press this soon after the number has changed was meant for the number before. */
const SETTLE_MS = 600;

export function ActionBar({
  model,
  state,
  queue,
  tab,
  counts,
  next,
  onTab,
  onSearch,
  onAdd,
  onShow,
}: {
  model: Model;
  state: State;
  queue: Queue;
  tab: Tab;
  counts: Record<Tab, string>;
  next: Ticket | null;
  onTab(tab: Tab): void;
  onSearch(): void;
  onAdd(): void;
  onShow(ticket: Ticket): void;
}) {
  return (
    <footer class="action-bar">
      <NoticeBar model={model} state={state} queue={queue} onShow={onShow} />
      <div class="buttons main-actions">
        <button class="side find" onClick={onSearch}>
          <Icon name="search" />
          <span class="label">{t.search}</span>
        </button>
        <CallButton model={model} next={next} />
        <button class="side add" onClick={onAdd}>
          <Icon name={queue.intake.state === 'open' ? 'plus' : 'pause'} />
          <span class="label">{t.add}</span>
        </button>
      </div>
      <Tabs tab={tab} counts={counts} onTab={onTab} />
    </footer>
  );
}

function CallButton({ model, next }: { model: Model; next: Ticket | null }) {
  const shown = useRef({ id: next?.id, at: 0 });
  if (shown.current.id !== next?.id) shown.current = { id: next?.id, at: performance.now() };
  const press = () => {
    if (next && performance.now() - shown.current.at >= SETTLE_MS) model.act('call-next', next);
  };
  const numbered = next?.number !== NO_NUMBER;
  return (
    <button
      class="call"
      aria-disabled={!next}
      aria-label={numbered ? undefined : t.withTicket(NO_NUMBER, t.call).join('')}
      onClick={press}
    >
      {next ? <CallLabel key={next.id} number={numbered ? t.number(next.number) : NO_NUMBER} /> : t.nobodyWaits}
    </button>
  );
}

/** In the word order of the language for screen readers; drawn with the number first, as in a row. */
function CallLabel({ number }: { number: string }) {
  const words = [<b>{number}</b>, ' ', <span>{t.call}</span>];
  return <>{t.verbFirst ? words.reverse() : words}</>;
}

function NoticeBar({
  model,
  state,
  queue,
  onShow,
}: {
  model: Model;
  state: State;
  queue: Queue;
  onShow(ticket: Ticket): void;
}) {
  const { notice, connection } = state;
  const text = notice && noticeText(notice, queue, connection === 'lost', boothNow());
  return (
    <div role="status" class="status">
      {notice && text && (
        <div class={`notice${text.saving ? ' saving' : ''}`} key={notice.command.key + text.saving}>
          <p>
            {text.text[0]}
            <b>{text.text[1]}</b>
            {text.text[2]}
            {text.hint && <small>{text.hint}</small>}
          </p>
          {text.action === 'undo' && (
            <button onClick={model.undoLast}>
              <Icon name="undo" />
              {t.undo}
            </button>
          )}
          {text.action && text.action !== 'undo' && <ShowButton ticket={text.action.show} onShow={onShow} />}
        </div>
      )}
    </div>
  );
}

function ShowButton({ ticket, onShow }: { ticket: Ticket; onShow(ticket: Ticket): void }) {
  return <button onClick={() => onShow(ticket)}>{t.show(ticket.number)}</button>;
}

function Tabs({ tab, counts, onTab }: { tab: Tab; counts: Record<Tab, string>; onTab(tab: Tab): void }) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length]!;
    onTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t.tabList} onKeyDown={onKeyDown}>
      {TABS.map((each) => (
        <button
          key={each}
          id={`tab-${each}`}
          role="tab"
          aria-controls="list"
          aria-selected={each === tab}
          tabIndex={each === tab ? 0 : -1}
          onClick={() => onTab(each)}
        >
          {t.tabs[each]} <b>{counts[each]}</b>
        </button>
      ))}
    </div>
  );
}
