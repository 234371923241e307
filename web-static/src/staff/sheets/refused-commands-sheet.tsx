// Commands that were given while the booth was unreachable and were refused later: which, why, and what to do.  Each is
// kept, also if the tab is closed, until somebody has read it.

import { boothNow } from '../../state/clock';
import { clockTime } from '../../text/format';
import type { Guest } from '../../state/command';
import type { Refused } from '../../state/outbox';
import type { Queue } from '../../state/queue';
import type { Ticket } from '../../state/types';
import type { Model } from '../model';
import { refusalText, commandText } from '../command-text';
import { Sheet } from './sheet';
import { language, t } from '../text';

export function RefusedCommandsSheet({
  refused,
  queue,
  model,
  onShow,
  onClose,
}: {
  refused: readonly Refused[];
  queue: Queue;
  model: Model;
  onShow(ticket: Ticket): void;
  onClose(): void;
}) {
  const dismiss = (keys: string[]) => {
    model.dismissRefused(keys);
    if (keys.length === refused.length) onClose();
  };
  return (
    <Sheet title={t.refusedTitle} onClose={onClose}>
      <ul class="commands">
        {refused.map((each) => (
          <Item
            key={each.command.key}
            refused={each}
            queue={queue}
            onAddAgain={model.issue}
            onShow={(ticket) => (onClose(), onShow(ticket))}
            onRead={() => dismiss([each.command.key])}
          />
        ))}
      </ul>
      <div class="buttons sheet-foot">
        <button class="btn" onClick={onClose}>
          {t.close}
        </button>
        {refused.length > 1 && (
          <button class="btn primary" onClick={() => dismiss(refused.map(({ command }) => command.key))}>
            {t.confirmAll}
          </button>
        )}
      </div>
    </Sheet>
  );
}

function Item({
  refused,
  queue,
  onAddAgain,
  onShow,
  onRead,
}: {
  refused: Refused;
  queue: Queue;
  onAddAgain(guest: Guest): void;
  onShow(ticket: Ticket): void;
  onRead(): void;
}) {
  const { command } = refused;
  const { text, hint, action } = refusalText(refused, queue, boothNow());
  const otherEpoch = command.booth.epoch !== queue.booth.epoch;
  const addAgain = () => {
    onRead();
    onAddAgain(command.body as unknown as Guest);
  };
  return (
    <li>
      <p class="command">
        <b>{commandText(command)}</b>
        <small>
          {clockTime(command.at, language)}
          {otherEpoch && ` · ${command.booth.name}`}
        </small>
      </p>
      <p>
        {text.join('')}
        {hint && (
          <>
            <br />
            {hint}
          </>
        )}
      </p>
      <div class="buttons">
        {action && action !== 'undo' && (
          <button class="btn" onClick={() => onShow(action.show)}>
            {t.show(action.show.number)}
          </button>
        )}
        {command.verb === 'issue' && !otherEpoch && (
          <button class="btn" onClick={addAgain}>
            {t.addAgain}
          </button>
        )}
        <button class="btn" onClick={onRead}>
          {t.confirm}
        </button>
      </div>
    </li>
  );
}
