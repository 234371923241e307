// The settings of this screen: chime, voices, theme.  They lie over the foot of the board while somebody uses it, and
// are hidden again when only guests look at it.

import { getPref, preferredTheme, setPref, setTheme, type Theme } from '../state/prefs';
import type { Language } from '../state/types';
import type { BoardText } from '../text/ko';

/** How long they stay after the last touch or key. */
export const CONTROLS_MS = 20_000;

export interface Settings {
  chime: boolean;
  voice: readonly Language[];
  theme: Theme;
}

export function loadSettings(): Settings {
  const voice = getPref('voice') ?? '';
  return {
    chime: getPref('chime') !== 'off',
    voice: (['ko', 'en'] as const).filter((language) => voice.includes(language)),
    theme: preferredTheme(),
  };
}

export function saveSettings({ chime, voice, theme }: Settings) {
  setPref('chime', chime ? 'on' : 'off');
  setPref('voice', voice.join());
  setTheme(theme);
}

export function Controls({
  texts,
  languages,
  settings,
  hasVoice,
  onChange,
}: {
  texts: Record<Language, BoardText>;
  languages: readonly Language[];
  settings: Settings;
  /** Whether this machine has a voice for the language. */
  hasVoice(language: Language): boolean;
  onChange(choices: Settings): void;
}) {
  const text = texts[languages[0] ?? 'ko'];
  const { chime, voice, theme } = settings;
  const light = theme === 'light';
  const toggled = (language: Language) =>
    voice.includes(language) ? voice.filter((each) => each !== language) : [...voice, language];
  return (
    <section class="controls" aria-label={text.settings}>
      <button aria-pressed={chime} onClick={() => onChange({ ...settings, chime: !chime })}>
        {text.chime}
      </button>
      {languages.map((language) =>
        hasVoice(language) ? (
          <button
            key={language}
            aria-pressed={voice.includes(language)}
            onClick={() => onChange({ ...settings, voice: toggled(language) })}
          >
            {text.voice(texts[language].language)}
          </button>
        ) : (
          <span key={language}>{text.noVoice(texts[language].language)}</span>
        ),
      )}
      <button aria-pressed={light} onClick={() => onChange({ ...settings, theme: light ? 'dark' : 'light' })}>
        {text.lightTheme}
      </button>
    </section>
  );
}
