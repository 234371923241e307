// The board's texts in each language that a booth may have.

import type { Language } from '../state/types';
import { board as en } from '../text/en';
import { board as ko, type BoardText } from '../text/ko';

export const TEXTS: Record<Language, BoardText> = { ko, en };
