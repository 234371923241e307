// The texts of the staff page in the language chosen now.

import { preferredLanguage, setPref } from '../state/prefs';
import type { Language } from '../state/types';
import { staff as en } from '../text/en';
import { staff as ko, type StaffText } from '../text/ko';

const TABLES: Record<Language, StaffText> = { ko, en };

export const LANGUAGE_NAMES = Object.entries(TABLES).map(([id, table]) => [id as Language, table.language] as const);

export let language: Language;
export let t: StaffText;

export function setLanguage(next: Language) {
  language = next;
  t = TABLES[next];
  document.documentElement.lang = next;
  setPref('language', next);
}

export function initLanguage() {
  language = preferredLanguage();
  t = TABLES[language];
  document.documentElement.lang = language;
}
