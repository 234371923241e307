// Opens, pauses and closes the intake.

import type { Intake } from '../../state/types';
import { Sheet } from './sheet';
import { t } from '../text';

const PAUSES_MIN = [10, 20, 30];

export function IntakeSheet({
  intake,
  onIntake,
  onClose,
}: {
  intake: Intake;
  onIntake(state: Intake['state'], resume_after_s?: number): void;
  onClose(): void;
}) {
  const { state, resume_at } = intake;
  const choose = (next: Intake['state'], resume_after_s?: number) => () => onIntake(next, resume_after_s);
  return (
    <Sheet title={t.intakeTitle} onClose={onClose}>
      <button class="btn" aria-pressed={state === 'open'} onClick={choose('open')}>
        {t.intake.open}
      </button>
      <div class="buttons">
        {PAUSES_MIN.map((minutes, i) => (
          <button key={minutes} class="btn" onClick={choose('paused', minutes * 60)}>
            {t.pauseFor(minutes, i === 0)}
          </button>
        ))}
      </div>
      <div class="buttons">
        <button class="btn" aria-pressed={state === 'paused' && !resume_at} onClick={choose('paused')}>
          {t.pause}
        </button>
        <button class="btn" aria-pressed={state === 'closed'} onClick={choose('closed')}>
          {t.closeIntake}
        </button>
      </div>
      <button class="btn" onClick={onClose}>
        {t.close}
      </button>
    </Sheet>
  );
}
