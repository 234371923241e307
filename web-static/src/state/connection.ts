// The live connection to the booth: one event stream, and a small request (the probe) at short intervals.
//
// When the Wi-Fi drops, an event stream stays open and silent for minutes, and a page cannot see its heartbeats, which
// are comments.  So the page probes: no answer in time means that the booth is lost, which takes at most three seconds.
// The next answer opens a new stream, which begins with a snapshot and so shows whether it is still the same booth.  A
// stream that the browser reopens by itself would skip that check.
//
// A hidden page can suspend itself: it closes the stream, stops probing, and connects anew when it is visible again.

/** Together with the interval between two probes this keeps the time until "lost" under three seconds. */
const PROBE_MS = 1500;

export type ConnectionState = 'connecting' | 'live' | 'lost';

export interface Connection {
  close(): void;
}

export function openConnection(options: {
  url: string;
  events: Record<string, (data: never) => void>;
  /** A small request. After 'signed_out' the connection closes itself. */
  probe(timeout_ms: number): Promise<'ok' | 'no_answer' | 'signed_out'>;
  probe_every_ms: number;
  /** A page that is hidden for so long suspends itself; without this, never. */
  suspend_after_ms?: number;
  onState(state: ConnectionState): void;
}): Connection {
  let state: ConnectionState = 'connecting';
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unanswered = false;
  let closed = false;
  let hidden_at = 0;
  let suspended = false;
  let suspendTimer: ReturnType<typeof setTimeout> | undefined;

  function setState(next: ConnectionState) {
    if (next === state || closed) return;
    state = next;
    options.onState(state);
  }

  function openStream() {
    stream?.close();
    const opened = (stream = new EventSource(options.url));
    stream.onopen = () => setState('live');
    stream.onerror = () => {
      opened.close();
      setState('lost');
    };
    for (const [name, listener] of Object.entries(options.events)) {
      stream.addEventListener(name, (event) => listener(JSON.parse((event as MessageEvent<string>).data) as never));
    }
  }

  async function probe() {
    clearTimeout(timer);
    const answer = await options.probe(PROBE_MS);
    if (closed || suspended) return;
    if (answer === 'signed_out') return close();
    const unansweredBefore = unanswered;
    unanswered = answer === 'no_answer';
    if (unanswered) setState('lost');
    else if (unansweredBefore || stream?.readyState === EventSource.CLOSED) openStream();
    timer = setTimeout(probe, options.probe_every_ms);
  }

  function suspend() {
    suspended = true;
    clearTimeout(timer);
    stream?.close();
  }

  /** Browsers may stop the timers of a hidden page, so the time it was hidden is measured by the clock. */
  function onVisibility() {
    clearTimeout(suspendTimer);
    const { suspend_after_ms } = options;
    if (!suspend_after_ms) return;
    if (document.hidden) {
      hidden_at = Date.now();
      suspendTimer = setTimeout(suspend, suspend_after_ms);
    } else if (suspended || Math.abs(Date.now() - hidden_at) >= suspend_after_ms) {
      suspended = false;
      unanswered = false;
      setState('connecting');
      openStream();
      void probe();
    }
  }

  function close() {
    closed = true;
    clearTimeout(timer);
    clearTimeout(suspendTimer);
    document.removeEventListener('visibilitychange', onVisibility);
    stream?.close();
  }

  document.addEventListener('visibilitychange', onVisibility);
  openStream();
  void probe();
  if (document.hidden) onVisibility();
  return { close };
}
