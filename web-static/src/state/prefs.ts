// What this browser remembers: the language, the theme, the name of the device, the settings of a board.

import type { Language } from './types';

export type Theme = 'dark' | 'light';

const LANGUAGES: readonly Language[] = ['ko', 'en'];
/** Stored under this name by the pages of 0.1.0. */
const THEME_KEY = 'look';

export function preferredLanguage(): Language {
  return (
    LANGUAGES.find((language) => language === getPref('language')) ?? (/^ko\b/i.test(navigator.language) ? 'ko' : 'en')
  );
}

export function preferredTheme(): Theme {
  return getPref(THEME_KEY) === 'light' ? 'light' : 'dark';
}

/** The theme that the page shows now. */
export function currentTheme(): Theme {
  return document.documentElement.dataset['theme'] === 'light' ? 'light' : 'dark';
}

export function showTheme(theme: Theme) {
  document.documentElement.dataset['theme'] = theme;
}

/** Shows the theme and remembers it. */
export function setTheme(theme: Theme) {
  showTheme(theme);
  setPref(THEME_KEY, theme);
}

export function getPref(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** A private window may forbid storage: then a setting lasts as long as the page. */
export function setPref(name: string, value: string) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // nothing to do
  }
}
