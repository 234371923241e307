// The board looks after itself all night: it mends its connection, shows and says a call once, and when the booth comes
// back with another page it loads that.

import { render } from 'preact';
import { isReachable } from '../state/api';
import { everySecond } from '../state/clock';
import { openConnection, type ConnectionState } from '../state/connection';
import type { Board, BoardTicket, Language } from '../state/types';
import { BoardPage } from './board';
import { look, newCalls, recallSeen, rememberSeen, type Seen } from './new-calls';
import { CHIME_MS, createChime } from './chime';
import { Controls, CONTROLS_MS, recallChoices, rememberChoices, type Choices } from './controls';
import { watchPage } from './page-version';
import { createVoice, type Announcement } from './voice';
import { TEXTS } from './text';

const PROBE_EVERY_MS = 3000;
const TOUCHES = ['pointermove', 'click', 'keydown'];

let board: Board | null = null;
let connection: ConnectionState = 'connecting';
let seen: Seen | null = recallSeen();
/** The newest call, if it came while the page was looking. */
let fresh_seq = 0;
let choices = recallChoices();
let touched_at = -CONTROLS_MS;
/** The browser has heard a voice while somebody touched the page. */
let voice_tried = false;

const chime = createChime(draw);
const voice = createVoice({ languages: spokenLanguages, changed: draw });
const page = watchPage(() => {
  rememberSeen(seen);
  location.reload();
});

function languages(): readonly Language[] {
  return board?.languages.length ? board.languages : ['ko', 'en'];
}

function spokenLanguages(): readonly Language[] {
  return languages().filter((language) => choices.voice.includes(language));
}

function receive(next: Board) {
  const calls = newCalls(seen, next);
  if (board?.booth.epoch !== next.booth.epoch) fresh_seq = 0;
  seen = look(seen, next);
  board = next;
  if (calls.length > 0) {
    fresh_seq = calls[calls.length - 1]!.call_seq;
    if (choices.chime) chime.play();
    voice.announce(calls.map(announcement), choices.chime ? CHIME_MS : 0);
  }
  const [main = 'ko'] = languages();
  document.documentElement.lang = main;
  document.title = TEXTS[main].title(next.booth.name);
  draw();
}

function announcement(call: BoardTicket): Announcement {
  return {
    due: () => board?.calling.some(({ call_seq }) => call_seq === call.call_seq) ?? false,
    words: (language) => TEXTS[language].announce(call.number),
  };
}

/** Tells that a voice is on in its own words, which also makes the browser let it speak later. */
function tryVoice(tried: readonly Language[]) {
  const words = (language: Language) => (tried.includes(language) ? TEXTS[language].voiceOn : '');
  if (tried.length === 0) return;
  voice_tried = true;
  voice.announce([{ due: () => true, words }], 0);
}

function choose(next: Choices) {
  const before = spokenLanguages();
  choices = next;
  rememberChoices(choices);
  dress();
  if (spokenLanguages().length < before.length) voice.hush();
  tryVoice(spokenLanguages().filter((language) => !before.includes(language)));
  draw();
}

function dress() {
  document.documentElement.dataset['theme'] = choices.light ? 'light' : 'dark';
}

/** Sound is off because nobody has touched the page, not because nobody wants it. */
function waitsForTouch(): boolean {
  return (choices.chime && chime.allowed() === false) || (spokenLanguages().length > 0 && voice.blocked());
}

function touched(event: Event) {
  const before = attended();
  const leave = event instanceof KeyboardEvent && event.key === 'Escape';
  touched_at = leave ? -CONTROLS_MS : performance.now();
  if (event.type !== 'pointermove') {
    if (waitsForTouch() && (!voice_tried || voice.blocked())) tryVoice(spokenLanguages());
    chime.resume();
  }
  if (before !== attended()) draw();
}

/** Somebody is at the screen. */
function attended(): boolean {
  return performance.now() - touched_at < CONTROLS_MS;
}

function draw() {
  document.documentElement.classList.toggle('alone', !attended());
  render(
    <BoardPage
      board={board}
      connection={connection}
      fresh={board?.calling[0]?.call_seq === fresh_seq}
      askForSound={waitsForTouch()}
    >
      {attended() && (
        <Controls texts={TEXTS} languages={languages()} choices={choices} has={voice.has} choose={choose} />
      )}
    </BoardPage>,
    document.body,
  );
}

dress();
draw();
for (const each of TOUCHES) addEventListener(each, touched, true);
everySecond(() => {
  draw();
  page.check();
});
openConnection({
  url: '/api/v1/board/stream',
  events: { snapshot: receive },
  probe: async (timeout_ms) => ((await isReachable('/healthz', timeout_ms)) ? 'ok' : 'no_answer'),
  probe_every_ms: PROBE_EVERY_MS,
  onState(state) {
    if (state === 'live' && connection === 'lost') page.suspect();
    connection = state;
    draw();
  },
});
