// Commands on this phone that were given at another booth, at this one before it was restored, or by somebody who was
// signed in here before.  None is sent by itself; whoever holds the phone decides.

import type { Command } from '../../state/command';
import { clockTime } from '../../text/format';
import type { Booth } from '../../state/types';
import type { Model } from '../model';
import { commandText } from '../command-text';
import { Sheet } from './sheet';
import { language, t } from '../text';

const MAX_LISTED = 4;

export function ForeignCommandsSheet({
  foreign,
  booth,
  device,
  model,
  onClose,
}: {
  foreign: readonly Command[];
  booth: Booth;
  device: string;
  model: Model;
  onClose(): void;
}) {
  const groups = new Map<string, Command[]>();
  for (const command of foreign) {
    const of = `${command.booth.epoch} ${command.device}`;
    groups.set(of, [...(groups.get(of) ?? []), command]);
  }
  return (
    <Sheet title={t.foreignTitle} onClose={onClose}>
      <ul class="commands">
        {[...groups].map(([of, commands]) => {
          const keys = commands.map(({ key }) => key);
          const { title, why, sendable } = explain(commands[0]!, booth, device);
          const decide = (what: (keys: string[]) => void) => () => {
            what(keys);
            if (groups.size === 1) onClose();
          };
          return (
            <li key={of}>
              <p>
                <b>{title}</b>
                <small>{summary(commands)}</small>
              </p>
              <p>{why}</p>
              <div class="buttons">
                <button class="btn" onClick={decide(model.discard)}>
                  {t.remove}
                </button>
                {sendable && (
                  <button class="btn primary" onClick={decide(model.adopt)}>
                    {t.sendNow}
                  </button>
                )}
              </div>
            </li>
          );
        })}
      </ul>
      <button class="btn" onClick={onClose}>
        {t.close}
      </button>
    </Sheet>
  );
}

function explain(command: Command, booth: Booth, device: string): { title: string; why: string; sendable: boolean } {
  if (command.booth.id !== booth.id)
    return { title: t.otherBooth(command.booth.name), why: t.otherBoothHint, sendable: false };
  if (command.booth.epoch !== booth.epoch) return { title: t.otherEpoch, why: t.otherEpochHint, sendable: false };
  return { title: t.otherName(command.device), why: t.otherNameHint(device), sendable: true };
}

function summary(commands: Command[]): string {
  const texts = commands
    .slice(0, MAX_LISTED)
    .map((command) => `${commandText(command)} (${clockTime(command.at, language)})`);
  const more = commands.length - texts.length;
  return [...texts, ...(more > 0 ? [t.andMore(more)] : [])].join(', ');
}
