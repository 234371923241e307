// What this browser remembers: language, look, the name of the device.

import type { Language } from './types';

export const LANGUAGES: readonly Language[] = ['ko', 'en'];

export function preferredLanguage(): Language {
  return (
    LANGUAGES.find((language) => language === getPref('language')) ?? (/^ko\b/i.test(navigator.language) ? 'ko' : 'en')
  );
}

/** Storage may be forbidden in a private window: then a choice lasts as long as the page. */
export function getPref(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function setPref(name: string, value: string) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // lasts as long as the page
  }
}
