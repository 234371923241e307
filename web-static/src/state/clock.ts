// The booth's clock, estimated from the Date header of its answers.  All times on the screens (waiting, time since a
// call) are by that clock; the phone's own may be minutes off.

let offset_ms = 0;
let uncertainty_ms = Infinity;

/** The header has whole seconds, and the quicker the answer, the more precise the estimate. */
export function syncClock(header: string | null, sent_ms: number, received_ms: number) {
  const date = Date.parse(header ?? '');
  if (Number.isNaN(date)) return;
  const uncertainty = received_ms - sent_ms + 1000;
  const measured_ms = date + 500 - (sent_ms + received_ms) / 2;
  const stepped = Math.abs(measured_ms - offset_ms) > uncertainty + uncertainty_ms;
  if (uncertainty > uncertainty_ms && !stepped) return;
  offset_ms = measured_ms;
  uncertainty_ms = uncertainty;
}

export function boothNow(): number {
  return Date.now() + offset_ms;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls `listener` every second, all listeners at the same moment, so that all times in a list change together. */
export function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((each) => each()), 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) timer = void clearInterval(timer);
  };
}

/** Hidden pages get no frames, so this is the longest wait for one. */
const UNSEEN_MS = 250;

/** Calls `run` once, before the next frame is drawn. */
export function beforeNextFrame(run: () => void) {
  const once = () => {
    cancelAnimationFrame(frame);
    clearTimeout(late);
    run();
  };
  const frame = requestAnimationFrame(once);
  const late = setTimeout(once, UNSEEN_MS);
}
