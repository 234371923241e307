// Times that run.  Each is drawn again by itself, and only when its text changes: a list of hundreds stays still.

import { useEffect, useState } from 'preact/hooks';
import { boothNow, everySecond } from '../../state/clock';
import { stopwatch, waited } from '../../text/format';
import { t } from '../text';

function useClockText(read: () => string): string {
  const [, setText] = useState('');
  useEffect(() => everySecond(() => setText(read())));
  return read();
}

export function WaitingTime({ since }: { since: string }) {
  return <>{useClockText(() => waited(boothNow() - Date.parse(since), t.units))}</>;
}

export function Stopwatch({ since }: { since: string }) {
  return <b>{useClockText(() => stopwatch(boothNow() - Date.parse(since)))}</b>;
}
