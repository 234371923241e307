// Announces numbers with the voices installed on this machine.  Voices that run on a server are never used: they would
// be silent exactly when the booth has no internet.  Without a local voice the chime remains.

import type { Language } from '../state/types';

/** Of a burst only the newest announcements are kept; the others have been on the screen for long. */
const MAX_WAITING = 6;
/** Browsers sometimes do not report the end of an utterance. */
const MAX_UTTERANCE_MS = 12_000;

export interface Announcement {
  /** Checked before each utterance: a guest who has come by then is not announced. */
  isCurrent(): boolean;
  text(language: Language): string;
}

export interface Voice {
  isAvailable(language: Language): boolean;
  /** The browser lets the page speak only after a touch. */
  isBlocked(): boolean;
  /** Appends to those that wait; nothing is said before `quiet_ms` are over. */
  announce(announcements: readonly Announcement[], quiet_ms: number): void;
  /** Drops all announcements, also the one being spoken. */
  stop(): void;
}

export function createVoice(options: {
  /** Those chosen on this screen; checked before each utterance. */
  languages(): readonly Language[];
  onChange(): void;
}): Voice {
  const synth = typeof speechSynthesis === 'undefined' ? null : speechSynthesis;
  let waiting: Announcement[] = [];
  let quiet_until = 0;
  let busy = false;
  let blocked = false;
  let finish: ((blocked: boolean) => void) | null = null;
  if (synth) synth.onvoiceschanged = options.onChange;

  function localVoice(language: Language): SpeechSynthesisVoice | undefined {
    const voices = (synth?.getVoices() ?? []).filter(
      ({ lang, localService }) => localService && lang.toLowerCase().split(/[-_]/)[0] === language,
    );
    return voices.find((voice) => voice.default) ?? voices[0];
  }

  function speak(words: string, voice: SpeechSynthesisVoice): Promise<void> {
    return new Promise((resolve) => {
      const utterance = new SpeechSynthesisUtterance(words);
      utterance.voice = voice;
      utterance.lang = voice.lang;
      const timer = setTimeout(cancel, MAX_UTTERANCE_MS);
      finish = (refused) => {
        clearTimeout(timer);
        finish = utterance.onend = utterance.onerror = null;
        if (refused !== blocked) {
          blocked = refused;
          options.onChange();
        }
        resolve();
      };
      utterance.onend = () => finish?.(false);
      utterance.onerror = ({ error }) => finish?.(error === 'not-allowed');
      synth?.speak(utterance);
    });
  }

  function cancel() {
    synth?.cancel();
    finish?.(blocked);
  }

  async function speakNext() {
    if (busy) return;
    busy = true;
    for (let next; (next = waiting.shift());) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, quiet_until - performance.now())));
      for (const language of options.languages()) {
        const voice = options.languages().includes(language) && next.isCurrent() && localVoice(language);
        const words = next.text(language);
        if (voice && words) await speak(words, voice);
      }
    }
    busy = false;
  }

  return {
    isAvailable: (language) => localVoice(language) !== undefined,
    isBlocked: () => blocked,
    announce(announcements, quiet_ms) {
      if (!options.languages().some((language) => localVoice(language))) return;
      quiet_until = performance.now() + quiet_ms;
      waiting = [...waiting.filter((each) => each.isCurrent()), ...announcements].slice(-MAX_WAITING);
      void speakNext();
    },
    stop() {
      waiting = [];
      cancel();
    },
  };
}
