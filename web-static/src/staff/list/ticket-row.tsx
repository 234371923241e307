// One ticket of the list.

import { Component, type ComponentChildren } from 'preact';
import type { Verb } from '../../state/command';
import { clockTime, dayName, daysBetween, waited } from '../../text/format';
import type { Delivery, Language, Ticket, TicketState } from '../../state/types';
import { actionsOf, type Action } from './actions';
import { Icon, type IconName } from '../icon';
import { Highlight, maskPhone } from './highlight';
import { language, t } from '../text';
import { Stopwatch, WaitingTime } from './clock-text';

export interface RowProps {
  ticket: Ticket;
  saving: Verb | null;
  day: string;
  isNext: boolean;
  open: boolean;
  /** Text that was searched for. Results of all states are listed together, so then each row names its state. */
  searchText: string;
  /** In a search: how many parties come before this one. */
  partiesAhead: number | null;
  language: Language;
  /** Its position in a list that is in the page in part only; 0: all of the list is. */
  position: number;
  count: number;
  /** Margins in place of the rows that are not in the page. */
  spaceBefore: number;
  spaceAfter: number;
  onToggle(ticket: Ticket): void;
  onAction(ticket: Ticket, action: Action): void;
  onUndo(ticket: Ticket): void;
}

interface TonedIcon {
  icon: IconName;
  tone: string;
}

const STATE_ICON: Partial<Record<TicketState, TonedIcon>> = {
  seated: { icon: 'check', tone: 'ok' },
  no_show: { icon: 'slashed', tone: 'no_show' },
  cancelled: { icon: 'cross', tone: 'off' },
};

const DELIVERY_ICON: Record<Delivery, TonedIcon> = {
  pending: { icon: 'clock', tone: 'pending' },
  delivered: { icon: 'check', tone: 'ok' },
  failed: { icon: 'warning', tone: 'failed' },
  phoned: { icon: 'phone', tone: 'phoned' },
};

const NUMBER_TONE: Partial<Record<TicketState, string>> = {
  seated: 'off',
  no_show: 'no_show',
  cancelled: 'off struck',
};

export class TicketRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps) {
    return (Object.keys(next) as (keyof RowProps)[]).some((key) => next[key] !== this.props[key]);
  }

  render({
    ticket,
    saving,
    isNext,
    open,
    searchText,
    position,
    count,
    spaceBefore,
    spaceAfter,
    onToggle,
    onUndo,
  }: RowProps) {
    const { state } = ticket;
    const done = state !== 'waiting' && state !== 'called';
    return (
      <li
        class={`row${isNext ? ' next' : ''}${open ? ' open' : ''}`}
        data-state={state}
        data-id={ticket.id}
        aria-posinset={position || undefined}
        aria-setsize={count || undefined}
        style={{ marginTop: `${spaceBefore}px`, marginBottom: `${spaceAfter}px` }}
      >
        <button class="head" aria-expanded={open} onClick={() => onToggle(ticket)}>
          <span class={`number ${NUMBER_TONE[state] ?? ''}`}>
            <span>
              <Highlight text={ticket.number} match={searchText} />
            </span>
          </span>
          <span class="guest">
            <PartySize size={ticket.party_size} />{' '}
            <span class="name">
              <Highlight text={ticket.name ?? ''} match={searchText} />
            </span>
            <Details {...this.props} />
          </span>
          <span class="time">
            {state === 'called' && ticket.called_at && !saving ? (
              <Stopwatch since={ticket.called_at} />
            ) : (
              !done && <WaitingTime since={ticket.issued_at} />
            )}
          </span>
        </button>
        {done && !saving && ticket.undo_seq !== null && (
          <button class="btn undo" aria-label={t.undoOf(ticket.number)} onClick={() => onUndo(ticket)}>
            <Icon name="undo" />
            <span class="label">{t.undo}</span>
          </button>
        )}
        <Actions {...this.props} />
      </li>
    );
  }
}

function PartySize({ size }: { size: number }) {
  return (
    <b>
      {size}
      {t.peopleUnit || (
        <>
          {' '}
          <Icon name="people" label={t.people} />
        </>
      )}
    </b>
  );
}

/** The second line: first what is going on, then the note. */
function Details({ ticket, saving, day, open, searchText, partiesAhead }: RowProps) {
  const parts: ComponentChildren[] = [];
  const addWithIcon = ({ icon, tone }: TonedIcon, word: string) =>
    parts.push(
      <span class={tone}>
        <Icon name={icon} /> {word}
      </span>,
    );
  const { state } = ticket;
  const stateIcon = STATE_ICON[state];

  if (saving) addWithIcon(DELIVERY_ICON.pending, t.saving[saving]);
  else if (stateIcon) addWithIcon(stateIcon, t.states[state]);
  else if (searchText) parts.push(t.states[state]);
  if (partiesAhead !== null) parts.push(t.ahead(partiesAhead));
  if (state === 'called' && ticket.delivery && !saving)
    addWithIcon(DELIVERY_ICON[ticket.delivery], t.delivery[ticket.delivery]);
  if (state === 'called' && ticket.delivery === 'phoned' && ticket.by) parts.push(ticket.by);
  if (stateIcon && ticket.actor === 'hub') parts.push(t.byGuest);
  if (stateIcon && ticket.actor === 'timer') parts.push(t.byTimer);
  if (stateIcon && ticket.closed_at) parts.push(clockTime(ticket.closed_at, language));
  if (ticket.day !== day) parts.push(t.earlierDay(daysBetween(ticket.day, day), dayName(ticket.day, language)));
  if (state === 'waiting' && ticket.held) parts.push(t.held);
  if (ticket.calls > (state === 'waiting' ? 0 : 1) && state !== 'seated') parts.push(t.timesCalled(ticket.calls));
  if (state === 'called' && open && ticket.called_at) parts.push(t.waitedFor(waitedUntil(ticket, ticket.called_at)));
  if (!stateIcon && ticket.source === 'hub') parts.push(t.remote);
  if (searchText && ticket.phone) parts.push(<Highlight text={maskPhone(ticket.phone)} match={searchText} last />);
  if (!stateIcon && ticket.note) parts.push(ticket.note);
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

function waitedUntil({ issued_at }: Ticket, then: string): string {
  return waited(Date.parse(then) - Date.parse(issued_at), t.units);
}

function Actions(props: RowProps) {
  const { ticket, saving, open, searchText } = props;
  const { always, opened } = actionsOf(ticket);
  const quiet = !open && (searchText !== '' || saving !== null);
  const rows = quiet ? [] : [always, ...(open ? opened : [])].filter((row) => row.length > 0);
  const tel = ticket.phone !== null && offersPhone(ticket, open);
  if (rows.length === 0 && !tel) return null;
  return (
    <div class="actions">
      {tel && (
        <div class="buttons">
          <a
            class={ticket.delivery === 'failed' ? 'tel unreached' : 'tel'}
            href={`tel:${ticket.phone!.replace(/[^+\d]/g, '')}`}
          >
            <Icon name="phone" />
            {t.phone(ticket.phone!)}
          </a>
        </div>
      )}
      {rows.map((row) => (
        <div class="buttons">
          {row.map((action) => (
            <ActionButton key={action.id} action={action} {...props} />
          ))}
        </div>
      ))}
    </div>
  );
}

/** Shown at once if the notification did not reach the guest, else in the open row only. */
function offersPhone(ticket: Ticket, open: boolean): boolean {
  return open || (ticket.state === 'called' && ticket.delivery === 'failed');
}

function ActionButton({ ticket, action, onAction }: RowProps & { action: Action }) {
  return (
    <button class={action.primary ? 'primary' : ''} data-action={action.id} onClick={() => onAction(ticket, action)}>
      {action.primary && action.icon && <Icon name={action.icon} />}
      {action.label()}
    </button>
  );
}
