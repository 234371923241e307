// The top bar: the name of the booth, whether it takes new guests, and the connection from this phone to the booth and
// from there to the hub.

import type { ConnectionState } from '../../state/connection';
import type { Queue } from '../../state/queue';
import type { Intake, Sync } from '../../state/types';
import { Icon, type IconName } from '../icon';
import { t } from '../text';

interface HopLook {
  tone: string;
  icon: IconName;
}

const CONNECTION_HOP: Record<ConnectionState, HopLook> = {
  live: { tone: 'ok', icon: 'check' },
  connecting: { tone: 'pending', icon: 'clock' },
  lost: { tone: 'off', icon: 'cross' },
};

const SYNC_HOP: Record<Sync['state'], HopLook> = {
  ok: { tone: 'ok', icon: 'check' },
  pending: { tone: 'pending', icon: 'up' },
  stuck: { tone: 'failed', icon: 'warning' },
  off: { tone: 'off', icon: 'cross' },
};

const INTAKE_TONE: Record<Intake['state'], string> = { open: 'ok', paused: 'pending', closed: 'off' };

export function TopBar({
  queue,
  connection,
  onIntake,
  onConnection,
}: {
  queue: Queue | null;
  connection: ConnectionState;
  onIntake(): void;
  onConnection(): void;
}) {
  return (
    <header class="top-bar">
      <h1 class="sr-only">{queue?.booth.name ?? document.title}</h1>
      {queue && (
        <button class="booth" onClick={onIntake}>
          <b>{queue.booth.name}</b>
          <span class={INTAKE_TONE[queue.intake.state]}>
            {t.intake[queue.intake.state]} <Icon name="down" />
          </span>
        </button>
      )}
      <button class="connection" onClick={onConnection}>
        <span class="hop">
          <Icon name="device" label={t.device} />
          <b class={CONNECTION_HOP[connection].tone}>
            <Icon name={CONNECTION_HOP[connection].icon} label={t.connectionState[connection]} />
          </b>
          <span class="hop-name">{t.booth}</span>
        </span>
        <span class="hop">
          <HubState sync={queue?.sync ?? null} connected={connection === 'live'} />
          <span class="hop-name">{t.hub}</span>
        </span>
      </button>
    </header>
  );
}

function HubState({ sync, connected }: { sync: Sync | null; connected: boolean }) {
  if (!sync || !connected)
    return (
      <b class="off" role="img" aria-label={t.unknown}>
        ?
      </b>
    );
  const hop = SYNC_HOP[sync.state];
  return (
    <b class={hop.tone}>
      <Icon name={hop.icon} label={t.sync[sync.state]} />
      {sync.state !== 'off' && sync.pending > 0 && sync.pending}
    </b>
  );
}
