// The screens that staff hold, and the walks through the states of their page: each is drawn once, and all that is asked
// of a state is asked in that visit.
import { clean, fits, picture, readable, wholeWords } from './drawn.mjs';
import { walk, walkAway } from './stage.mjs';

const SHAPES = {
  390: { width: 390, height: 844 },
  320: { width: 320, height: 640 },
  '200-390': { width: 390, height: 844, text: 32 }, // text at 200 %, as chosen in the browser's settings
  '200-320': { width: 320, height: 640, text: 32 },
  lying: { width: 844, height: 390 },
  768: { width: 768, height: 1024 },
};
const LANGUAGES = { ko: 'ko-KR', en: 'en-US' };

/** WAY-SHAPE-LANGUAGE-THEME. Each width of a phone, language, theme and size of text is among the quick ones. */
export const QUICK = {
  here: ['staff-390-ko-dark', 'staff-320-ko-light', 'staff-200-390-en-light'],
  away: ['away-320-ko-light'],
};
export const REST = {
  here: ['staff-390-en-light', 'staff-320-en-dark', 'staff-200-320-en-dark', 'staff-200-320-ko-light', 'staff-lying-ko-dark', 'staff-768-en-dark'],
  away: ['away-390-ko-dark', 'away-390-en-light'],
};
/** A walk has thirty states. */
export const WALK = { timeout: 120_000 };

export async function draw(browser, name) {
  const [, way, shape, language, theme] = /^(staff|away)-(.*)-(ko|en)-(dark|light)$/.exec(name);
  const show = async (state, page) => {
    const what = `${name} ${state}`;
    await picture(page, `${name}-${state}`);
    for (const ask of [fits, wholeWords, readable]) await ask(page, what);
    await clean(what, page);
  };
  const walks = { staff: walk, away: walkAway };
  await walks[way]({ browser, show, ...SHAPES[shape], language: LANGUAGES[language], theme });
}
