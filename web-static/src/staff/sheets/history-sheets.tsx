// What was done in the whole day, and how to undo it: the history of one ticket, and the latest command of each ticket.
//
// The booth says of each ticket which command undo would take back next, and sends a ticket's events on request.  So
// the list of all tickets has one entry per ticket, the latest first, and the history of a ticket has the rest.

import { useEffect, useState } from 'preact/hooks';
import { request } from '../../state/api';
import { clockTime, dayName, daysBetween } from '../../text/format';
import { undoableList } from '../../state/lists';
import type { Queue } from '../../state/queue';
import type { TicketEvent, HistoryItem, Ticket, TicketHistory } from '../../state/types';
import { Icon } from '../icon';
import { actorName } from '../command-text';
import { Sheet } from './sheet';
import { language, t } from '../text';

const PAGE_SIZE = 12;

type History = readonly HistoryItem[];
type UndoKind = 'transition' | 'phoned' | 'edit';

/** Undo treats these kinds separately; other events cannot be undone. */
const KINDS: Partial<Record<HistoryItem['type'], UndoKind>> = {
  'ticket.issued': 'transition',
  'ticket.called': 'transition',
  'ticket.seated': 'transition',
  'ticket.no_show': 'transition',
  'ticket.cancelled': 'transition',
  'ticket.requeued': 'transition',
  'ticket.phoned': 'phoned',
  'ticket.edited': 'edit',
};

/** The booth's rule: the latest transition can be undone, and the latest phone call or edit if it came after that. */
export function undoable(history: History): Set<number> {
  const latest = new Map<UndoKind, number>();
  for (const { type, seq, undone } of history) {
    const kind = KINDS[type];
    if (kind && !undone) latest.set(kind, seq);
  }
  const transition = latest.get('transition') ?? 0;
  return new Set([...latest.values()].filter((seq) => seq >= transition));
}

function versionKey({ id, version }: Ticket): string {
  return `${id}-${version}`;
}

/** The histories of these tickets, fetched one after the other; null: the request failed. */
function useHistories(tickets: readonly Ticket[]): (ticket: Ticket) => History | null | undefined {
  const [histories, setHistories] = useState<ReadonlyMap<string, History | null>>(new Map());
  const missing = tickets.find((ticket) => !histories.has(versionKey(ticket)));
  const [id, key] = missing ? [missing.id, versionKey(missing)] : [];
  useEffect(() => {
    if (!key) return;
    let cancelled = false;
    void request<TicketHistory>('GET', `tickets/${id}`).then((reply) => {
      if (!cancelled) setHistories((before) => new Map(before).set(key, reply.ok ? reply.value.history : null));
    });
    return () => void (cancelled = true);
  }, [id, key]);
  return (ticket) => histories.get(versionKey(ticket));
}

export function RecentSheet({
  queue,
  connected,
  onTicket,
  onUndo,
  onClose,
}: {
  queue: Queue;
  connected: boolean;
  onTicket(ticket: Ticket): void;
  onUndo(ticket: Ticket, seq: number): void;
  onClose(): void;
}) {
  const [count, setCount] = useState(PAGE_SIZE);
  const all = undoableList(queue);
  const tickets = all.slice(0, count);
  const historyOf = useHistories(connected ? tickets : []);
  return (
    <Sheet title={t.recentTitle} onClose={onClose}>
      {!connected && <p>{t.historyUnavailable}</p>}
      {all.length === 0 && <p>{t.recentEmpty}</p>}
      <ul class="events">
        {tickets.map((ticket) => {
          const item = historyOf(ticket)?.find(({ seq }) => seq === ticket.undo_seq);
          const details = [item && eventTime(item), item && actorName(item), earlierDay(ticket, queue)];
          return (
            <li key={ticket.id} class="event">
              <button class="event-ticket" onClick={() => onTicket(ticket)}>
                <b class="event-number">{ticket.number}</b>
                <span>
                  <b>{item ? eventName(item) : t.states[ticket.state]}</b> {ticket.name}
                  <small>{details.filter(Boolean).join(' · ')}</small>
                  <span class="sr-only">{t.history}</span>
                </span>
              </button>
              {item && <UndoButton ticket={ticket} item={item} onUndo={onUndo} />}
            </li>
          );
        })}
      </ul>
      <div class="buttons">
        <button class="btn" onClick={onClose}>
          {t.close}
        </button>
        {all.length > count && (
          <button class="btn" onClick={() => setCount(count + PAGE_SIZE)}>
            {t.olderEvents}
          </button>
        )}
      </div>
    </Sheet>
  );
}

export function HistorySheet({
  ticket,
  queue,
  connected,
  onUndo,
  onClose,
}: {
  ticket: Ticket;
  queue: Queue;
  connected: boolean;
  onUndo(ticket: Ticket, seq: number): void;
  onClose(): void;
}) {
  const history = useHistories(connected && ticket.id > 0 ? [ticket] : [])(ticket);
  const canUndo = undoable(history ?? []);
  return (
    <Sheet title={t.historyOf(ticket.number)} onClose={onClose}>
      {earlierDay(ticket, queue) && <p>{earlierDay(ticket, queue)}</p>}
      {history === undefined && connected && <p role="status">{t.historyLoading}</p>}
      {(history === null || !connected) && <p>{t.historyUnavailable}</p>}
      <ul class="events">
        {[...(history ?? [])].reverse().map((item) => (
          <li key={item.seq} class="event">
            <span class="event-ticket">
              <span class={item.undone ? 'off' : ''}>
                <b class={item.undone ? 'struck' : ''}>{eventName(item)}</b>
                <small>
                  {[eventTime(item), actorName(item), item.undone && t.wasUndone].filter(Boolean).join(' · ')}
                </small>
              </span>
            </span>
            {canUndo.has(item.seq) && <UndoButton ticket={ticket} item={item} onUndo={onUndo} />}
          </li>
        ))}
      </ul>
      <button class="btn" onClick={onClose}>
        {t.close}
      </button>
    </Sheet>
  );
}

function UndoButton({
  ticket,
  item,
  onUndo,
}: {
  ticket: Ticket;
  item: HistoryItem;
  onUndo(ticket: Ticket, seq: number): void;
}) {
  return (
    <button
      class="btn undo"
      aria-label={t.undoEvent(ticket.number, eventName(item))}
      onClick={() => onUndo(ticket, item.seq)}
    >
      <Icon name="undo" />
      <span class="label">{t.undo}</span>
    </button>
  );
}

function eventName({ type }: HistoryItem): string {
  return t.events[type as TicketEvent];
}

function eventTime({ at }: HistoryItem): string {
  return clockTime(at, language);
}

function earlierDay({ day }: Ticket, queue: Queue): string {
  return day === queue.day ? '' : t.earlierDay(daysBetween(day, queue.day), dayName(day, language));
}
