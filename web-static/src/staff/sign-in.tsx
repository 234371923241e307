// Signing in: the PIN from the booth's label, and a name for this device, so that others see who called.

import { useEffect, useState } from 'preact/hooks';
import { request } from '../state/api';
import { getPref, setPref } from '../state/prefs';
import type { Board } from '../state/types';
import { Icon } from './icon';
import type { Model } from './model';
import { LANGUAGE_NAMES, language, setLanguage, t } from './text';

export function SignIn({ model, sessionEnded, onChange }: { model: Model; sessionEnded: boolean; onChange(): void }) {
  const [booth, setBooth] = useState('');
  const [pin, setPin] = useState('');
  const [device, setDevice] = useState(getPref('device') ?? '');
  const [message, setMessage] = useState(sessionEnded ? t.signedOut : '');
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.title = 'boothd';
    void request<Board>('GET', 'board').then((reply) => reply.ok && setBooth(reply.value.booth.name));
  }, []);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setPref('device', device.trim());
    const problem = await model.signIn(pin.trim(), device.trim());
    if (!problem) return;
    setBusy(false);
    if (problem === 'no_answer') return setMessage(t.boothUnreachable);
    setMessage(
      problem.code === 'rate_limited'
        ? t.tooManyTries(problem.retry_after_s ?? 10)
        : problem.code === 'wrong_pin'
          ? t.wrongPin
          : t.otherProblem,
    );
  };

  return (
    <main class="sign-in">
      <form class="form" onSubmit={(event) => void submit(event)}>
        <h1>{booth || 'boothd'}</h1>
        <p class="off">{t.welcome}</p>
        <label class="labelled">
          <b>{t.pin}</b>
          <small>{t.pinHint}</small>
          <input
            class="btn pin"
            name="pin"
            inputMode="numeric"
            pattern="[0-9]*"
            maxLength={12}
            autoComplete="off"
            required
            value={pin}
            onInput={(event) => setPin(event.currentTarget.value)}
          />
        </label>
        <label class="labelled">
          <b>{t.deviceName}</b>
          <small>{t.deviceHint}</small>
          <input
            class="btn"
            name="device"
            maxLength={40}
            autoComplete="nickname"
            required
            value={device}
            onInput={(event) => setDevice(event.currentTarget.value)}
          />
        </label>
        <p role="status" class="error">
          {message && (
            <>
              <Icon name="warning" /> {message}
            </>
          )}
        </p>
        <button class="submit">{busy ? t.signingIn : t.signIn}</button>
      </form>
      <div class="buttons languages">
        {LANGUAGE_NAMES.map(([id, name]) => (
          <button
            key={id}
            class="btn"
            lang={id}
            aria-pressed={id === language}
            onClick={() => (setLanguage(id), onChange())}
          >
            {name}
          </button>
        ))}
      </div>
    </main>
  );
}
