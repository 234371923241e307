// What can be done with a ticket: only what its state allows, the most frequent first.

import type { TicketVerb } from '../../state/command';
import type { Ticket, TicketState } from '../../state/types';
import type { IconName } from '../icon';
import type { Model } from '../model';
import { t } from '../text';

export type TicketSheet = 'move' | 'edit' | 'history';

export interface Action {
  id: string;
  label(): string;
  icon?: IconName;
  /** A command that needs no further input, or a sheet that asks for it. */
  does: { verb: TicketVerb } | { sheet: TicketSheet };
  primary?: true;
}

const CALL: Action = { id: 'call', label: () => t.call, does: { verb: 'call' }, primary: true };
const CALL_AGAIN: Action = { id: 'call', label: () => t.callAgain, does: { verb: 'call' }, primary: true };
const RECALL: Action = { id: 'recall', label: () => t.recall, does: { verb: 'call' } };
const SEAT: Action = { id: 'seat', label: () => t.seat, icon: 'check', does: { verb: 'seat' } };
const SEAT_NOW: Action = { ...SEAT, primary: true };
const NO_SHOW: Action = { id: 'no-show', label: () => t.noShow, does: { verb: 'no-show' } };
const CANCEL: Action = { id: 'cancel', label: () => t.cancel, does: { verb: 'cancel' } };
const PHONED: Action = { id: 'phoned', label: () => t.phoned, does: { verb: 'phoned' } };
const POSTPONE: Action = { id: 'move', label: () => t.postpone, does: { sheet: 'move' } };
const BRING_BACK: Action = { id: 'move', label: () => t.bringBack, does: { sheet: 'move' } };
const BRING_BACK_FIRST: Action = { ...BRING_BACK, primary: true };
const EDIT: Action = { id: 'edit', label: () => t.edit, does: { sheet: 'edit' } };
const HISTORY: Action = { id: 'history', label: () => t.history, does: { sheet: 'history' } };

interface ActionSet {
  /** Shown in every row. */
  always: Action[];
  /** Shown in the open row only, line by line. */
  opened: Action[][];
}

/** The primary action is on the left of a waiting ticket's open row, on the right of a called ticket's row. */
const ACTIONS: Record<TicketState, ActionSet> = {
  waiting: {
    always: [],
    opened: [[CALL, SEAT], [POSTPONE, EDIT, CANCEL], [HISTORY]],
  },
  called: {
    always: [NO_SHOW, RECALL, SEAT_NOW],
    opened: [
      [BRING_BACK, PHONED, EDIT],
      [HISTORY, CANCEL],
    ],
  },
  seated: { always: [], opened: [[BRING_BACK_FIRST, EDIT, HISTORY]] },
  no_show: {
    always: [],
    opened: [[CALL_AGAIN, SEAT], [BRING_BACK, EDIT, CANCEL], [HISTORY]],
  },
  cancelled: { always: [], opened: [[BRING_BACK_FIRST, EDIT, HISTORY]] },
};

export function actionsOf(ticket: Ticket): ActionSet {
  return ACTIONS[ticket.state];
}

export function runAction(
  model: Model,
  ticket: Ticket,
  action: Action,
  openSheet: (kind: TicketSheet, ticket: Ticket) => void,
) {
  if ('sheet' in action.does) openSheet(action.does.sheet, ticket);
  else model.act(action.does.verb, ticket);
}
