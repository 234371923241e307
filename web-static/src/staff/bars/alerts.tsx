// What everybody at the booth must know, between the top bar and the roll, the worst first.

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

const MORE_S = 600;

export function Notes({
  model,
  state,
  queue,
  onRefused,
  onOthers,
}: {
  model: Model;
  state: State;
  queue: Queue | null;
  onRefused(): void;
  onOthers(): void;
}) {
  const [read, setRead] = useState('');
  const [heard, setHeard] = useState(getPref('heard'));
  const { connection, unanswered, persistent, refused, foreign } = state;
  const kept = [t.lostKept(unanswered), !persistent && unanswered > 0 && t.lostOnlyHere].filter(Boolean).join(' ');
  const unsaved = queue && (
    <>
      {refused.length > 0 && (
        <Note title={t.refusedNote(refused.length)} hint={t.refusedHint} grave>
          <button class="btn" onClick={onRefused}>
            {t.seeThem}
          </button>
        </Note>
      )}
      {foreign.length > 0 && (
        <Note title={t.othersNote(foreign.length)} hint={t.othersHint}>
          <button class="btn" onClick={onOthers}>
            {t.seeThem}
          </button>
        </Note>
      )}
    </>
  );
  if (connection === 'lost')
    return (
      <>
        <Note title={t.lostTitle} hint={kept} />
        {unsaved}
      </>
    );
  if (!queue) return null;
  const { intake, banner, booth, clock, message, storage, warnings } = queue;
  const restored = banner?.code === 'restored' && read !== booth.epoch;
  return (
    <>
      {unsaved}
      {!storage.ok && <Note title={t.storageTitle} hint={t.storageHint} grave />}
      {restored && (
        <Note title={t.restoredTitle} hint={t.restoredHint} grave>
          <button class="btn" onClick={() => setRead(booth.epoch)}>
            {t.understood}
          </button>
        </Note>
      )}
      {message && message.at !== heard && (
        <Note title={t.messageTitle(clockTime(message.at, language))} hint={message.text}>
          <button
            class="btn"
            onClick={() => {
              setPref('heard', message.at);
              setHeard(message.at);
            }}
          >
            {t.understood}
          </button>
        </Note>
      )}
      {!clock.trusted && (
        <Note title={t.clockTitle} hint={t.clockHint}>
          <button class="btn" onClick={model.setClock}>
            {t.clockSet}
          </button>
        </Note>
      )}
      {intake.state === 'paused' && (
        <Note title={t.pausedNote} hint={resumes(intake.resume_at)} wide>
          <button class="btn" onClick={() => model.setIntake('open')}>
            {t.openNow}
          </button>
          {intake.resume_at && (
            <button class="btn" onClick={() => model.setIntake('paused', rest_s(intake.resume_at!) + MORE_S)}>
              {t.tenMore}
            </button>
          )}
        </Note>
      )}
      {intake.state === 'closed' && (
        <Note title={t.closedNote} hint={t.closedHint}>
          <button class="btn" onClick={() => model.setIntake('open')}>
            {t.openNow}
          </button>
        </Note>
      )}
      <Ails warnings={warnings} />
    </>
  );
}

/** The machine's own troubles: one quiet line, with advice for the worst. A newer booth may know more of them. */
function Ails({ warnings }: { warnings: Warning[] }) {
  const [worst, ...others] = warnings.map((code) => t.warnings[code]).filter(Boolean);
  return (
    worst && (
      <p class="ails" role="status">
        <span class="failed">
          <Icon sign="warning" />
        </span>
        <span>
          <b>{worst[0]}</b> {worst[1]} {others.map(([title]) => title).join(' ')}
        </span>
      </p>
    )
  );
}

function Note({
  title,
  hint,
  grave,
  wide,
  children,
}: {
  title: string;
  hint: string;
  grave?: boolean;
  /** One short line, its buttons below. */
  wide?: boolean;
  children?: ComponentChildren;
}) {
  return (
    <div class={`note${grave ? ' grave' : ''}${wide ? ' wide' : ''}`}>
      <p role="status">
        <b>{title}</b>
        {wide ? ' ' : <br />}
        {hint}
      </p>
      {children && <div class="set">{children}</div>}
    </div>
  );
}

function rest_s(resume_at: string): number {
  return Math.max(0, Math.round((Date.parse(resume_at) - boothNow()) / 1000));
}

function resumes(resume_at: string | null): string {
  return resume_at ? t.resumesIn(Math.round(rest_s(resume_at) / 60), clockTime(resume_at, language)) : t.resumesByHand;
}
