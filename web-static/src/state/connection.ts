// The live connection to the booth: one event stream, and a small question again and again.
//
// A stream over a Wi-Fi that is out of reach stays silent and looks well for minutes, and heartbeats are comments that
// a page cannot see.  So the link asks: no answer in time means lost, within three seconds; the first answer after that
// opens the stream anew.  It begins with a snapshot, which also tells whether it is still the same booth; a browser
// that mends the stream by itself would not ask.
//
// A page that nobody sees can rest: no stream, no questions.  When it is looked at again it starts over.

/** With the pause between two questions this keeps "lost" under three seconds. */
const ASK_MS = 1500;

export type LinkState = 'connecting' | 'live' | 'lost';

export interface Link {
  close(): void;
}

export function openLink(options: {
  url: string;
  events: Record<string, (data: never) => void>;
  /** Something small; refused = signed out, the link closes itself. */
  ask(timeout_ms: number): Promise<'answered' | 'silent' | 'refused'>;
  ask_every_ms: number;
  /** Hidden for so long, the page rests; without it never. */
  rest_after_ms?: number;
  changed(state: LinkState): void;
}): Link {
  let state: LinkState = 'connecting';
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silent = false;
  let closed = false;
  let hidden_at = 0;
  let resting = false;
  let bedtime: ReturnType<typeof setTimeout> | undefined;

  function become(next: LinkState) {
    if (next === state || closed) return;
    state = next;
    options.changed(state);
  }

  function open() {
    stream?.close();
    const opened = (stream = new EventSource(options.url));
    stream.onopen = () => become('live');
    stream.onerror = () => {
      opened.close();
      become('lost');
    };
    for (const [name, listener] of Object.entries(options.events)) {
      stream.addEventListener(name, (event) => listener(JSON.parse((event as MessageEvent<string>).data) as never));
    }
  }

  async function ask() {
    clearTimeout(timer);
    const answer = await options.ask(ASK_MS);
    if (closed || resting) return;
    if (answer === 'refused') return close();
    const silentBefore = silent;
    silent = answer === 'silent';
    if (silent) become('lost');
    else if (silentBefore || stream?.readyState === EventSource.CLOSED) open();
    timer = setTimeout(ask, options.ask_every_ms);
  }

  function rest() {
    resting = true;
    clearTimeout(timer);
    stream?.close();
  }

  /** Timers of a hidden page may stand still, so the clock says how long it was. */
  function look() {
    clearTimeout(bedtime);
    const { rest_after_ms } = options;
    if (!rest_after_ms) return;
    if (document.hidden) {
      hidden_at = Date.now();
      bedtime = setTimeout(rest, rest_after_ms);
    } else if (resting || Math.abs(Date.now() - hidden_at) >= rest_after_ms) {
      resting = false;
      silent = false;
      become('connecting');
      open();
      void ask();
    }
  }

  function close() {
    closed = true;
    clearTimeout(timer);
    clearTimeout(bedtime);
    document.removeEventListener('visibilitychange', look);
    stream?.close();
  }

  document.addEventListener('visibilitychange', look);
  open();
  void ask();
  if (document.hidden) look();
  return { close };
}
