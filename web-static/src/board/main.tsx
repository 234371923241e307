// The board looks after itself all night: it mends its connection, shows a call once, and when the booth runs a new
// version it loads the page that belongs to it.

import { render } from 'preact';
import { reachable } from '../lib/api';
import { everySecond } from '../lib/clock';
import { openLink, type LinkState } from '../lib/link';
import type { Board } from '../lib/types';
import { board as ko } from '../text/ko';
import { BoardPage } from './board';
import { freshCall, look, type Seen } from './calls';
import { createChime } from './chime';

const ASK_EVERY_MS = 3000;

let board: Board | null = null;
let link: LinkState = 'connecting';
let seen: Seen | null = null;
/** The newest call, if it came while the page was looking. */
let fresh_seq = 0;

const chime = createChime(draw);

function receive(next: Board) {
  if (board && board.version !== next.version) return location.reload();
  if (freshCall(seen, next)) {
    fresh_seq = next.calling[0]!.call_seq;
    chime.play();
  }
  seen = look(seen, next);
  board = next;
  document.documentElement.lang = next.languages[0] ?? 'ko';
  document.title = ko.title(next.booth.name);
  draw();
}

function draw() {
  const fresh = board?.calling[0]?.call_seq === fresh_seq;
  render(<BoardPage board={board} link={link} fresh={fresh} askForSound={chime.allowed() === false} />, document.body);
}

draw();
everySecond(draw);
openLink({
  url: '/api/v1/board/stream',
  events: { snapshot: receive },
  ask: async (timeout_ms) => ((await reachable('/healthz', timeout_ms)) ? 'answered' : 'silent'),
  ask_every_ms: ASK_EVERY_MS,
  changed(state) {
    link = state;
    draw();
  },
});
