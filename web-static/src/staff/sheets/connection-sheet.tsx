// The state of the connections in sentences, and what belongs to this phone: language, theme, who is signed in.

import { useState } from 'preact/hooks';
import { request } from '../../state/api';
import { clockTime } from '../../text/format';
import { currentTheme, setTheme } from '../../state/prefs';
import type { Sync } from '../../state/types';
import type { Model, State } from '../model';
import { Sheet } from './sheet';
import { LANGUAGE_NAMES, language, setLanguage, t } from '../text';

export function ConnectionSheet({
  model,
  state,
  onChange,
  onClose,
}: {
  model: Model;
  state: State;
  /** Language or theme has changed: everything must be drawn again. */
  onChange(): void;
  onClose(): void;
}) {
  const { session, connection, queue, unanswered } = state;
  const [signOutFailed, setSignOutFailed] = useState(false);
  const theme = currentTheme();
  const choose = (set: () => void) => () => {
    set();
    onChange();
  };
  return (
    <Sheet title={t.connectionTitle} onClose={onClose}>
      <ul class="facts">
        <li>{t.connection(t.device, t.booth, t.connectionState[connection])}</li>
        <li>{t.connection(t.booth, t.hub, connection === 'live' && queue ? syncFacts(queue.sync) : t.unknown)}</li>
        {session?.device && <li>{t.signedInAs(session.device)}</li>}
        {unanswered > 0 && <li>{t.signOutPending(unanswered)}</li>}
      </ul>
      {connection === 'live' && queue && (queue.sync.state === 'pending' || queue.sync.state === 'stuck') && (
        <button class="btn" onClick={() => void request('POST', 'system/sync')}>
          {t.syncNow}
        </button>
      )}
      <div class="buttons" role="group" aria-label={t.languageTitle}>
        {LANGUAGE_NAMES.map(([id, name]) => (
          <button key={id} class="btn" lang={id} aria-pressed={id === language} onClick={choose(() => setLanguage(id))}>
            {name}
          </button>
        ))}
      </div>
      <div class="buttons" role="group" aria-label={t.theme}>
        <button class="btn" aria-pressed={theme === 'dark'} onClick={choose(() => setTheme('dark'))}>
          {t.dark}
        </button>
        <button class="btn" aria-pressed={theme === 'light'} onClick={choose(() => setTheme('light'))}>
          {t.light}
        </button>
      </div>
      <div class="buttons">
        <a class="btn" href="/board" target="_blank" rel="noopener">
          {t.openBoard}
        </a>
        <button class="btn" onClick={() => void model.signOut().then((done) => setSignOutFailed(!done))}>
          {t.signOut}
        </button>
      </div>
      {signOutFailed && <p role="status">{t.signOutUnavailable}</p>}
      <button class="btn" onClick={onClose}>
        {t.close}
      </button>
    </Sheet>
  );
}

function syncFacts({ state, pending, last_ok_at, reason }: Sync): string {
  if (state === 'off') return t.sync.off;
  const facts = [
    t.sync[state],
    pending > 0 && t.pendingCount(pending),
    last_ok_at && t.lastOk(clockTime(last_ok_at, language)),
    reason && t.syncReasons[reason],
  ];
  return facts.filter(Boolean).join(' · ');
}
