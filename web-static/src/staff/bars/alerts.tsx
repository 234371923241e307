// What everybody at the booth must know, between the top bar and the list, the most severe first.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { boothNow } from '../../state/clock';
import { clockTime } from '../../text/format';
import { getPref, setPref } from '../../state/prefs';
import type { Queue } from '../../state/queue';
import type { Warning } from '../../state/types';
import { Icon } from '../icon';
import type { Model, State } from '../model';
import { language, t } from '../text';

const EXTEND_S = 600;
/** Stored under this name by the pages of 0.1.0. */
const READ_MESSAGE_KEY = 'heard';

export function Alerts({
  model,
  state,
  queue,
  onRefused,
  onForeign,
}: {
  model: Model;
  state: State;
  queue: Queue | null;
  onRefused(): void;
  onForeign(): void;
}) {
  const [readEpoch, setReadEpoch] = useState('');
  const [readMessage, setReadMessage] = useState(getPref(READ_MESSAGE_KEY));
  const { connection, unanswered, persistent, refused, foreign } = state;
  const pendingHint = [t.lostPending(unanswered), !persistent && unanswered > 0 && t.lostUnsaved]
    .filter(Boolean)
    .join(' ');
  const unsentAlerts = queue && (
    <>
      {refused.length > 0 && (
        <Alert title={t.refusedCount(refused.length)} hint={t.refusedHint} severe>
          <button class="btn" onClick={onRefused}>
            {t.showThem}
          </button>
        </Alert>
      )}
      {foreign.length > 0 && (
        <Alert title={t.foreignCount(foreign.length)} hint={t.foreignHint}>
          <button class="btn" onClick={onForeign}>
            {t.showThem}
          </button>
        </Alert>
      )}
    </>
  );
  if (connection === 'lost')
    return (
      <>
        <Alert title={t.lostTitle} hint={pendingHint} />
        {unsentAlerts}
      </>
    );
  if (!queue) return null;
  const { intake, banner, booth, clock, message, storage, warnings } = queue;
  const restored = banner?.code === 'restored' && readEpoch !== booth.epoch;
  return (
    <>
      {unsentAlerts}
      {!storage.ok && <Alert title={t.storageTitle} hint={t.storageHint} severe />}
      {restored && (
        <Alert title={t.restoredTitle} hint={t.restoredHint} severe>
          <button class="btn" onClick={() => setReadEpoch(booth.epoch)}>
            {t.confirm}
          </button>
        </Alert>
      )}
      {message && message.at !== readMessage && (
        <Alert title={t.messageTitle(clockTime(message.at, language))} hint={message.text}>
          <button
            class="btn"
            onClick={() => {
              setPref(READ_MESSAGE_KEY, message.at);
              setReadMessage(message.at);
            }}
          >
            {t.confirm}
          </button>
        </Alert>
      )}
      {!clock.trusted && (
        <Alert title={t.clockTitle} hint={t.clockHint}>
          <button class="btn" onClick={model.setClock}>
            {t.clockSet}
          </button>
        </Alert>
      )}
      {intake.state === 'paused' && (
        <Alert title={t.pausedTitle} hint={resumeText(intake.resume_at)} wide>
          <button class="btn" onClick={() => model.setIntake('open')}>
            {t.openNow}
          </button>
          {intake.resume_at && (
            <button class="btn" onClick={() => model.setIntake('paused', pauseLeft_s(intake.resume_at!) + EXTEND_S)}>
              {t.tenMore}
            </button>
          )}
        </Alert>
      )}
      {intake.state === 'closed' && (
        <Alert title={t.closedTitle} hint={t.closedHint}>
          <button class="btn" onClick={() => model.setIntake('open')}>
            {t.openNow}
          </button>
        </Alert>
      )}
      <Warnings warnings={warnings} />
    </>
  );
}

/** Troubles of the machine in one quiet line, with advice for the first. A newer booth may send codes unknown here. */
function Warnings({ warnings }: { warnings: Warning[] }) {
  const [worst, ...others] = warnings.map((code) => t.warnings[code]).filter(Boolean);
  return (
    worst && (
      <p class="warnings" role="status">
        <span class="failed">
          <Icon name="warning" />
        </span>
        <span>
          <b>{worst[0]}</b> {worst[1]} {others.map(([title]) => title).join(' ')}
        </span>
      </p>
    )
  );
}

function Alert({
  title,
  hint,
  severe,
  wide,
  children,
}: {
  title: string;
  hint: string;
  severe?: boolean;
  /** One short line with the buttons below it. */
  wide?: boolean;
  children?: ComponentChildren;
}) {
  return (
    <div class={`alert${severe ? ' severe' : ''}${wide ? ' wide' : ''}`}>
      <p role="status">
        <b>{title}</b>
        {wide ? ' ' : <br />}
        {hint}
      </p>
      {children && <div class="buttons">{children}</div>}
    </div>
  );
}

function pauseLeft_s(resume_at: string): number {
  return Math.max(0, Math.round((Date.parse(resume_at) - boothNow()) / 1000));
}

function resumeText(resume_at: string | null): string {
  return resume_at
    ? t.resumesIn(Math.round(pauseLeft_s(resume_at) / 60), clockTime(resume_at, language))
    : t.resumesByHand;
}
