// One ticket on the roll.

import { Component, type ComponentChildren } from 'preact';
import type { Verb } from '../../state/command';
import { clockTime, dayName, daysBetween, waited } from '../../text/format';
import type { Delivery, Language, Ticket, TicketState } from '../../state/types';
import { choices, type Action } from './actions';
import { Icon, type Sign } from '../icon';
import { Marked, maskPhone } from './highlight';
import { language, t } from '../text';
import { Stopwatch, Waited } from './clock-text';

export interface RowProps {
  ticket: Ticket;
  saving: Verb | null;
  day: string;
  isNext: boolean;
  open: boolean;
  /** Text that was searched for: then rows of all states stand together and say theirs. */
  found: string;
  /** In the search: how many are called before. */
  ahead: number | null;
  language: Language;
  /** Its place in a list of which only a part is in the page; 0 = all is. */
  at: number;
  count: number;
  /** Room for the rows that are not. */
  before: number;
  after: number;
  onToggle(ticket: Ticket): void;
  onAction(ticket: Ticket, action: Action): void;
  onUndo(ticket: Ticket): void;
}

const STATE_SIGN: Partial<Record<TicketState, { sign: Sign; tone: string }>> = {
  seated: { sign: 'check', tone: 'ok' },
  no_show: { sign: 'slashed', tone: 'no_show' },
  cancelled: { sign: 'cross', tone: 'off' },
};

const DELIVERY_SIGN: Record<Delivery, { sign: Sign; tone: string }> = {
  pending: { sign: 'clock', tone: 'pending' },
  delivered: { sign: 'check', tone: 'ok' },
  failed: { sign: 'warning', tone: 'failed' },
  phoned: { sign: 'phone', tone: 'phoned' },
};

const NUMBER_TONE: Partial<Record<TicketState, string>> = {
  seated: 'off',
  no_show: 'no_show',
  cancelled: 'off struck',
};

export class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps) {
    return (Object.keys(next) as (keyof RowProps)[]).some((key) => next[key] !== this.props[key]);
  }

  render({ ticket, saving, isNext, open, found, at, count, before, after, onToggle, onUndo }: RowProps) {
    const { state } = ticket;
    const done = state !== 'waiting' && state !== 'called';
    return (
      <li
        class={`row${isNext ? ' next' : ''}${open ? ' open' : ''}`}
        data-s={state}
        data-id={ticket.id}
        aria-posinset={at || undefined}
        aria-setsize={count || undefined}
        style={{ marginTop: `${before}px`, marginBottom: `${after}px` }}
      >
        <button class="head" aria-expanded={open} onClick={() => onToggle(ticket)}>
          <span class={`no ${NUMBER_TONE[state] ?? ''}`}>
            <span>
              <Marked text={ticket.number} part={found} />
            </span>
          </span>
          <span class="who">
            <Party size={ticket.party_size} />{' '}
            <span class="name">
              <Marked text={ticket.name ?? ''} part={found} />
            </span>
            <Details {...this.props} />
          </span>
          <span class="t">
            {state === 'called' && ticket.called_at && !saving ? (
              <Stopwatch since={ticket.called_at} />
            ) : (
              !done && <Waited since={ticket.issued_at} />
            )}
          </span>
        </button>
        {done && !saving && ticket.undo_seq !== null && (
          <button class="btn back" aria-label={t.undoOf(ticket.number)} onClick={() => onUndo(ticket)}>
            <Icon sign="undo" />
            <span class="word">{t.undo}</span>
          </button>
        )}
        <Actions {...this.props} />
      </li>
    );
  }
}

function Party({ size }: { size: number }) {
  return (
    <b>
      {size}
      {t.peopleUnit || (
        <>
          {' '}
          <Icon sign="people" label={t.peopleSign} />
        </>
      )}
    </b>
  );
}

/** The second line: first what is going on, then what was written down. */
function Details({ ticket, saving, day, open, found, ahead }: RowProps) {
  const parts: ComponentChildren[] = [];
  const signed = (look: { sign: Sign; tone: string }, word: string) =>
    parts.push(
      <span class={look.tone}>
        <Icon sign={look.sign} /> {word}
      </span>,
    );
  const { state } = ticket;
  const look = STATE_SIGN[state];

  if (saving) signed(DELIVERY_SIGN.pending, t.saving[saving]);
  else if (look) signed(look, t.states[state]);
  else if (found) parts.push(t.states[state]);
  if (ahead !== null) parts.push(t.ahead(ahead));
  if (state === 'called' && ticket.delivery && !saving)
    signed(DELIVERY_SIGN[ticket.delivery], t.delivery[ticket.delivery]);
  if (state === 'called' && ticket.delivery === 'phoned' && ticket.by) parts.push(ticket.by);
  if (look && ticket.actor === 'hub') parts.push(t.byGuest);
  if (look && ticket.actor === 'timer') parts.push(t.byTimer);
  if (look && ticket.closed_at) parts.push(clockTime(ticket.closed_at, language));
  if (ticket.day !== day) parts.push(t.fromDay(daysBetween(ticket.day, day), dayName(ticket.day, language)));
  if (state === 'waiting' && ticket.held) parts.push(t.held);
  if (ticket.calls > (state === 'waiting' ? 0 : 1) && state !== 'seated') parts.push(t.timesCalled(ticket.calls));
  if (state === 'called' && open && ticket.called_at) parts.push(t.waitedFor(waitedTill(ticket, ticket.called_at)));
  if (!look && ticket.source === 'hub') parts.push(t.remote);
  if (found && ticket.phone) parts.push(<Marked text={maskPhone(ticket.phone)} part={found} last />);
  if (!look && ticket.note) parts.push(ticket.note);
  if (parts.length === 0) return null;
  return (
    <small class={saving ? 'saving' : ''}>
      {parts.map((part, i) => (
        <>
          {i > 0 && ' · '}
          {part}
        </>
      ))}
    </small>
  );
}

function waitedTill({ issued_at }: Ticket, then: string): string {
  return waited(Date.parse(then) - Date.parse(issued_at), t.units);
}

function Actions(props: RowProps) {
  const { ticket, saving, open, found } = props;
  const { always, opened } = choices(ticket);
  const quiet = !open && (found !== '' || saving !== null);
  const rows = quiet ? [] : [always, ...(open ? opened : [])].filter((row) => row.length > 0);
  const tel = ticket.phone !== null && offersPhone(ticket, open);
  if (rows.length === 0 && !tel) return null;
  return (
    <div class="can">
      {tel && (
        <div class="set">
          <a
            class={ticket.delivery === 'failed' ? 'tel unreached' : 'tel'}
            href={`tel:${ticket.phone!.replace(/[^+\d]/g, '')}`}
          >
            <Icon sign="phone" />
            {t.phone(ticket.phone!)}
          </a>
        </div>
      )}
      {rows.map((row) => (
        <div class="set">
          {row.map((action) => (
            <ActionButton key={action.id} action={action} {...props} />
          ))}
        </div>
      ))}
    </div>
  );
}

/** A guest whom the notification did not reach is one tap away; any other phone number is in the opened row. */
function offersPhone(ticket: Ticket, open: boolean): boolean {
  return open || (ticket.state === 'called' && ticket.delivery === 'failed');
}

function ActionButton({ ticket, action, onAction }: RowProps & { action: Action }) {
  return (
    <button class={action.main ? 'go' : ''} data-do={action.id} onClick={() => onAction(ticket, action)}>
      {action.main && action.sign && <Icon sign={action.sign} />}
      {action.label()}
    </button>
  );
}
