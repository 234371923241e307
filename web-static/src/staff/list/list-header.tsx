// What stands above the list: the choice of lines and a summary; and the hints that stand in an empty list.

import { estimate } from '../../text/format';
import { joinEstimate, people } from '../../state/lists';
import type { Queue } from '../../state/queue';
import { Icon } from '../icon';
import { Hint } from './ticket-list';
import { t } from '../text';
import type { ListView, Tab } from './list-view';

export function LineChips({
  queue,
  line,
  onLine,
}: {
  queue: Queue;
  line: string | null;
  onLine(line: string | null): void;
}) {
  if (queue.lines.length < 2) return null;
  const count = (id: string) => queue.waiting[id]?.length ?? 0;
  const all = queue.lines.reduce((sum, { id }) => sum + count(id), 0);
  return (
    <div class="buttons chips" role="group" aria-label={t.lines}>
      <button class="btn" aria-pressed={line === null} onClick={() => onLine(null)}>
        {t.allLines(all)}
      </button>
      {queue.lines.map(({ id, name }) => (
        <button key={id} class="btn" aria-pressed={line === id} onClick={() => onLine(id)}>
          {t.lineCount(name, count(id))}
        </button>
      ))}
    </div>
  );
}

export function Summary({
  tab,
  queue,
  view,
  line,
  onRecent,
}: {
  tab: Tab;
  queue: Queue;
  view: ListView;
  line: string | null;
  onRecent(): void;
}) {
  const failed = view.called.filter((ticket) => ticket.delivery === 'failed').length;
  const join = joinEstimate(queue, line);
  const texts: Record<Tab, string> = {
    waiting: t.summary(view.waiting.length, people(view.waiting)),
    called: t.calledCount(view.called.length),
    done: t.doneToday(view.counts.done),
  };
  return (
    <div class="summary">
      <p>
        {view[tab].length > 0 && <span>{texts[tab]}</span>}
        {tab === 'waiting' && join && (
          <span>
            {t.joinNow} <b>{estimate(join, t.units)}</b>
          </span>
        )}
        {tab === 'called' && failed > 0 && (
          <span>
            {t.deliveryFailed} <b>{failed}</b>
          </span>
        )}
      </p>
      {queue.tickets.size > 0 && (
        <button class="recent" onClick={onRecent}>
          <Icon name="clock" />
          {t.history}
        </button>
      )}
    </div>
  );
}

/** Says where the earlier tickets are: the booth sends the last ones only. */
export function TruncatedHint({ count }: { count: number }) {
  return <Hint number="+" title={t.truncatedTitle(count)} hint={t.truncatedHint} />;
}

export function EmptyHint({ tab, first }: { tab: Tab; first: boolean }) {
  const { number, title, hint } = t.empty[tab];
  return <Hint number={number} title={first && tab === 'waiting' ? t.firstNumber : title} hint={hint} />;
}
