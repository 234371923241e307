// Which sheet is open, and what comes of it.

import type { Queue } from '../lib/queue';
import type { Ticket } from '../lib/types';
import type { SheetFor } from './actions';
import { AddSheet, EditSheet } from './guest';
import { IntakeSheet } from './intake';
import type { Model, State } from './model';
import { MoveSheet } from './move';
import { PathSheet } from './path';
import { ahead } from './view';

export type OpenSheet = { kind: 'add' | 'intake' | 'path' } | { kind: SheetFor; ticket: Ticket };

export function Sheets({
  sheet,
  queue,
  line,
  model,
  state,
  onChange,
  onClose,
}: {
  sheet: OpenSheet;
  queue: Queue;
  line: string | null;
  model: Model;
  state: State;
  onChange(): void;
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
    case 'path':
      return <PathSheet model={model} state={state} onChange={onChange} onClose={onClose} />;
    case 'move':
      return (
        <MoveSheet
          ticket={sheet.ticket}
          ahead={ahead(queue, sheet.ticket) ?? 0}
          onClose={onClose}
          onPlace={after((place) => model.act('requeue', sheet.ticket, place))}
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
