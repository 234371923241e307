// Which sheet is open, and what its buttons do.

import type { Queue } from '../../state/queue';
import type { Ticket } from '../../state/types';
import type { TicketSheet } from '../list/actions';
import { AddSheet, EditSheet } from './guest-sheets';
import { HistorySheet, RecentSheet } from './history-sheets';
import { IntakeSheet } from './intake-sheet';
import type { Model, State } from '../model';
import { MoveSheet } from './move-sheet';
import { ForeignCommandsSheet } from './foreign-commands-sheet';
import { ConnectionSheet } from './connection-sheet';
import { RefusedCommandsSheet } from './refused-commands-sheet';
import { partiesAhead } from '../list/list-view';

export type SheetState =
  { kind: 'add' | 'intake' | 'connection' | 'refused' | 'foreign' | 'recent' } | { kind: TicketSheet; ticket: Ticket };

export function OpenSheet({
  sheet,
  queue,
  line,
  model,
  state,
  onChange,
  onShow,
  onSheet,
  onClose,
}: {
  sheet: SheetState;
  queue: Queue;
  line: string | null;
  model: Model;
  state: State;
  onChange(): void;
  onShow(ticket: Ticket): void;
  onSheet(next: SheetState): void;
  onClose(): void;
}) {
  const after =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A) => {
      onClose();
      act(...args);
    };
  switch (sheet.kind) {
    case 'add':
      return <AddSheet lines={queue.lines} line={line} onAdd={after(model.issue)} onClose={onClose} />;
    case 'intake':
      return <IntakeSheet intake={queue.intake} onIntake={after(model.setIntake)} onClose={onClose} />;
    case 'connection':
      return <ConnectionSheet model={model} state={state} onChange={onChange} onClose={onClose} />;
    case 'recent':
      return (
        <RecentSheet
          queue={queue}
          connected={state.connection === 'live'}
          onTicket={(ticket) => onSheet({ kind: 'history', ticket })}
          onUndo={after(model.undoTicket)}
          onClose={onClose}
        />
      );
    case 'history':
      return (
        <HistorySheet
          ticket={queue.tickets.get(sheet.ticket.id) ?? sheet.ticket}
          queue={queue}
          connected={state.connection === 'live'}
          onUndo={after(model.undoTicket)}
          onClose={onClose}
        />
      );
    case 'refused':
      return (
        <RefusedCommandsSheet refused={state.refused} queue={queue} model={model} onShow={onShow} onClose={onClose} />
      );
    case 'foreign':
      return (
        <ForeignCommandsSheet
          foreign={state.foreign}
          booth={queue.booth}
          device={state.session?.device ?? ''}
          model={model}
          onClose={onClose}
        />
      );
    case 'move':
      return (
        <MoveSheet
          ticket={sheet.ticket}
          partiesAhead={partiesAhead(queue, sheet.ticket) ?? 0}
          onClose={onClose}
          onMove={after((target) => model.act('requeue', sheet.ticket, target))}
        />
      );
    case 'edit':
      return (
        <EditSheet
          ticket={sheet.ticket}
          onClose={onClose}
          onSave={after((changes) => model.act('edit', sheet.ticket, changes))}
        />
      );
  }
}
