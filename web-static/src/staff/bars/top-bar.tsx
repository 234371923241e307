// The top bar: whose booth this is, whether it takes guests, and the path that a call travels: phone, booth, hub.

import type { ConnectionState } from '../../state/connection';
import type { Queue } from '../../state/queue';
import type { Intake, Sync } from '../../state/types';
import { Icon, type Sign } from '../icon';
import { t } from '../text';

interface Hop {
  tone: string;
  sign: Sign;
}

const CONNECTION_HOP: Record<ConnectionState, Hop> = {
  live: { tone: 'ok', sign: 'check' },
  connecting: { tone: 'pending', sign: 'clock' },
  lost: { tone: 'off', sign: 'cross' },
};

const SYNC_HOP: Record<Sync['state'], Hop> = {
  ok: { tone: 'ok', sign: 'check' },
  pending: { tone: 'pending', sign: 'up' },
  stuck: { tone: 'failed', sign: 'warning' },
  off: { tone: 'off', sign: 'cross' },
};

const INTAKE_TONE: Record<Intake['state'], string> = { open: 'ok', paused: 'pending', closed: 'off' };

export function Top({
  queue,
  connection,
  onIntake,
  onPath,
}: {
  queue: Queue | null;
  connection: ConnectionState;
  onIntake(): void;
  onPath(): void;
}) {
  return (
    <header class="top">
      <h1 class="vh">{queue?.booth.name ?? document.title}</h1>
      {queue && (
        <button class="booth" onClick={onIntake}>
          <b>{queue.booth.name}</b>
          <span class={INTAKE_TONE[queue.intake.state]}>
            {t.intake[queue.intake.state]} <Icon sign="down" />
          </span>
        </button>
      )}
      <button class="path" onClick={onPath}>
        <span class="hop">
          <Icon sign="device" label={t.device} />
          <b class={CONNECTION_HOP[connection].tone}>
            <Icon sign={CONNECTION_HOP[connection].sign} label={t.linked[connection]} />
          </b>
          <span class="place">{t.booth}</span>
        </span>
        <span class="hop">
          <Beyond sync={queue?.sync ?? null} known={connection === 'live'} />
          <span class="place">{t.hub}</span>
        </span>
      </button>
    </header>
  );
}

function Beyond({ sync, known }: { sync: Sync | null; known: boolean }) {
  if (!sync || !known)
    return (
      <b class="off" role="img" aria-label={t.unknown}>
        ?
      </b>
    );
  const hop = SYNC_HOP[sync.state];
  return (
    <b class={hop.tone}>
      <Icon sign={hop.sign} label={t.sync[sync.state]} />
      {sync.state !== 'off' && sync.pending > 0 && sync.pending}
    </b>
  );
}
