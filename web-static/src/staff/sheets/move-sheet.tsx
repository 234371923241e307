// Moves a ticket: later in the list, to its ends, or back into it.

import type { Ticket } from '../../state/types';
import { Sheet } from './sheet';
import { t } from '../text';

const STEPS = [1, 2, 3, 5];

type Target = { position: 'keep' | 'front' | 'back' } | { after: number };

export function MoveSheet({
  ticket,
  partiesAhead,
  onMove,
  onClose,
}: {
  ticket: Ticket;
  /** How many parties of its line wait before it now. */
  partiesAhead: number;
  onMove(target: Target): void;
  onClose(): void;
}) {
  const isWaiting = ticket.state === 'waiting';
  const title = isWaiting ? t.moveTitle(ticket.number) : t.bringBackTitle(ticket.number);
  return (
    <Sheet title={title} onClose={onClose}>
      {!isWaiting && (
        <button class="btn primary" onClick={() => onMove({ position: 'keep' })}>
          {t.toKeep}
        </button>
      )}
      <div class="buttons">
        {STEPS.map((count) => (
          <button key={count} class="btn" onClick={() => onMove({ after: partiesAhead + count })}>
            {isWaiting ? t.after(count) : t.afterFirst(count)}
          </button>
        ))}
      </div>
      <div class="buttons">
        <button class="btn" onClick={() => onMove({ position: 'front' })}>
          {t.toFront}
        </button>
        <button class="btn" onClick={() => onMove({ position: 'back' })}>
          {t.toBack}
        </button>
      </div>
      <button class="btn" onClick={onClose}>
        {t.close}
      </button>
    </Sheet>
  );
}
