// The board runs unattended all night: it restores its connection, shows and announces each call once, and loads a new
// page when the booth has one.

import { render } from 'preact';
import { isReachable } from '../state/api';
import { everySecond } from '../state/clock';
import { openConnection, type ConnectionState } from '../state/connection';
import { showTheme } from '../state/prefs';
import type { Board, BoardTicket, Language } from '../state/types';
import { BoardPage } from './board';
import { markSeen, newCalls, restoreSeen, saveSeen, type Seen } from './new-calls';
import { CHIME_MS, createChime } from './chime';
import { Controls, CONTROLS_MS, loadSettings, saveSettings, type Settings } from './controls';
import { watchPageVersion } from './page-version';
import { createVoice, type Announcement } from './voice';
import { TEXTS } from './text';

const PROBE_EVERY_MS = 3000;
const TOUCHES = ['pointermove', 'click', 'keydown'];

let board: Board | null = null;
let connection: ConnectionState = 'connecting';
let seen: Seen | null = restoreSeen();
/** The newest call that came while this page was open. */
let newest_seq = 0;
let settings = loadSettings();
let lastTouch_ms = -CONTROLS_MS;
/** The page has spoken right after a touch, as browsers demand before they let it speak by itself. */
let voiceTried = false;

const chime = createChime(draw);
const voice = createVoice({ languages: spokenLanguages, onChange: draw });
const pageVersion = watchPageVersion(() => {
  saveSeen(seen);
  location.reload();
});

function languages(): readonly Language[] {
  return board?.languages.length ? board.languages : ['ko', 'en'];
}

function spokenLanguages(): readonly Language[] {
  return languages().filter((language) => settings.voice.includes(language));
}

function receive(next: Board) {
  const calls = newCalls(seen, next);
  if (board?.booth.epoch !== next.booth.epoch) newest_seq = 0;
  seen = markSeen(seen, next);
  board = next;
  if (calls.length > 0) {
    newest_seq = calls[calls.length - 1]!.call_seq;
    if (settings.chime) chime.play();
    voice.announce(calls.map(announcement), settings.chime ? CHIME_MS : 0);
  }
  const [main = 'ko'] = languages();
  document.documentElement.lang = main;
  document.title = TEXTS[main].title(next.booth.name);
  draw();
}

function announcement(call: BoardTicket): Announcement {
  return {
    isCurrent: () => board?.calling.some(({ call_seq }) => call_seq === call.call_seq) ?? false,
    text: (language) => TEXTS[language].announce(call.number),
  };
}

/** Lets each voice say that it is on, which also makes the browser allow it to speak later. */
function announceVoices(tried: readonly Language[]) {
  const text = (language: Language) => (tried.includes(language) ? TEXTS[language].voiceOn : '');
  if (tried.length === 0) return;
  voiceTried = true;
  voice.announce([{ isCurrent: () => true, text }], 0);
}

function changeSettings(next: Settings) {
  const before = spokenLanguages();
  settings = next;
  saveSettings(settings);
  if (spokenLanguages().length < before.length) voice.stop();
  announceVoices(spokenLanguages().filter((language) => !before.includes(language)));
  draw();
}

/** Sound is wanted, but blocked until somebody touches the page. */
function needsTouch(): boolean {
  return (settings.chime && chime.allowed() === false) || (spokenLanguages().length > 0 && voice.isBlocked());
}

function onTouch(event: Event) {
  const before = isAttended();
  const escaped = event instanceof KeyboardEvent && event.key === 'Escape';
  lastTouch_ms = escaped ? -CONTROLS_MS : performance.now();
  if (event.type !== 'pointermove') {
    if (needsTouch() && (!voiceTried || voice.isBlocked())) announceVoices(spokenLanguages());
    chime.resume();
  }
  if (before !== isAttended()) draw();
}

/** Whether somebody is using the screen. */
function isAttended(): boolean {
  return performance.now() - lastTouch_ms < CONTROLS_MS;
}

function draw() {
  document.documentElement.classList.toggle('unattended', !isAttended());
  render(
    <BoardPage
      board={board}
      connection={connection}
      isNew={board?.calling[0]?.call_seq === newest_seq}
      needsTouch={needsTouch()}
    >
      {isAttended() && (
        <Controls
          texts={TEXTS}
          languages={languages()}
          settings={settings}
          hasVoice={voice.isAvailable}
          onChange={changeSettings}
        />
      )}
    </BoardPage>,
    document.body,
  );
}

showTheme(settings.theme);
draw();
for (const each of TOUCHES) addEventListener(each, onTouch, true);
everySecond(() => {
  draw();
  pageVersion.check();
});
openConnection({
  url: '/api/v1/board/stream',
  events: { snapshot: receive },
  probe: async (timeout_ms) => ((await isReachable('/healthz', timeout_ms)) ? 'ok' : 'no_answer'),
  probe_every_ms: PROBE_EVERY_MS,
  onState(state) {
    if (state === 'live' && connection === 'lost') pageVersion.invalidate();
    connection = state;
    draw();
  },
});
