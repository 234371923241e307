// The live connection to the booth: one event stream, and a small question again and again.
//
// A stream over a Wi-Fi that is out of reach stays silent and looks well for minutes, and heartbeats are comments that
// a page cannot see.  So the link asks: no answer in time means lost, within three seconds; the first answer after that
// opens the stream anew, which begins with a snapshot.  A stream that ends with an error mends itself
// (with Last-Event-ID) unless the booth refused it.

/** With the pause between two questions this keeps "lost" under three seconds. */
const ASK_MS = 1500;

export type LinkState = 'connecting' | 'live' | 'lost';

export interface Link {
  /** Ask and reconnect now. */
  retry(): void;
  close(): void;
}

export function openLink(options: {
  url: string;
  events: Record<string, (data: never) => void>;
  /** Something small; refused = signed out, the link closes itself. */
  ask(timeout_ms: number): Promise<'answered' | 'silent' | 'refused'>;
  ask_every_ms: number;
  changed(state: LinkState): void;
}): Link {
  let state: LinkState = 'connecting';
  let stream: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silent = false;
  let closed = false;

  function become(next: LinkState) {
    if (next === state || closed) return;
    state = next;
    options.changed(state);
  }

  function open() {
    stream?.close();
    stream = new EventSource(options.url);
    stream.onopen = () => become('live');
    stream.onerror = () => become('lost');
    for (const [name, listener] of Object.entries(options.events)) {
      stream.addEventListener(name, (event) => listener(JSON.parse((event as MessageEvent<string>).data) as never));
    }
  }

  async function ask() {
    clearTimeout(timer);
    const answer = await options.ask(ASK_MS);
    if (closed) return;
    if (answer === 'refused') return close();
    const silentBefore = silent;
    silent = answer === 'silent';
    if (silent) become('lost');
    else if (silentBefore || stream?.readyState === EventSource.CLOSED) open();
    timer = setTimeout(ask, options.ask_every_ms);
  }

  function close() {
    closed = true;
    clearTimeout(timer);
    stream?.close();
  }

  open();
  void ask();
  return { retry: ask, close };
}
