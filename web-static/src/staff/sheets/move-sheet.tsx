// Where a ticket goes: later in the list, to its ends, or back into it.

import type { Ticket } from '../../state/types';
import { Sheet } from './sheet';
import { t } from '../text';

const STEPS = [1, 2, 3, 5];

export type Place = { position: 'keep' | 'front' | 'back' } | { after: number };

export function MoveSheet({
  ticket,
  ahead,
  onPlace,
  onClose,
}: {
  ticket: Ticket;
  /** How many of its line stand before it now. */
  ahead: number;
  onPlace(place: Place): void;
  onClose(): void;
}) {
  const waits = ticket.state === 'waiting';
  const title = waits ? t.moveTitle(ticket.number) : t.backTitle(ticket.number);
  return (
    <Sheet title={title} onClose={onClose}>
      {!waits && (
        <button class="btn go" onClick={() => onPlace({ position: 'keep' })}>
          {t.toKeep}
        </button>
      )}
      <div class="set">
        {STEPS.map((count) => (
          <button key={count} class="btn" onClick={() => onPlace({ after: ahead + count })}>
            {waits ? t.after(count) : t.afterFirst(count)}
          </button>
        ))}
      </div>
      <div class="set">
        <button class="btn" onClick={() => onPlace({ position: 'front' })}>
          {t.toFront}
        </button>
        <button class="btn" onClick={() => onPlace({ position: 'back' })}>
          {t.toBack}
        </button>
      </div>
      <button class="btn" onClick={onClose}>
        {t.close}
      </button>
    </Sheet>
  );
}
