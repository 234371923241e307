// Text at 200 %, as chosen in the browser's settings, on phones of 320 and 390 px; a phone that lies; a tablet: nothing
// is cut or lies on anything else, every control can be reached, and axe finds nothing in the large text.
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from '../lib/test.mjs';
import { Browser } from '../lib/browser.mjs';
import { OUT, clean, fits, readable, wholeWords } from './drawn.mjs';
import { walk } from './stage.mjs';

const SHAPES = [
  { name: '200-320', text: 32, width: 320, height: 640, language: 'en-US', look: 'dark' },
  { name: '200-320', text: 32, width: 320, height: 640, language: 'ko-KR', look: 'light' },
  { name: '200-390', text: 32, width: 390, height: 844, language: 'en-US', look: 'light' },
  { name: 'lying', text: 16, width: 844, height: 390, language: 'ko-KR', look: 'dark' },
  { name: '768', text: 16, width: 768, height: 1024, language: 'en-US', look: 'dark' },
];
const browsers = new Map();
before(async () => {
  fs.mkdirSync(OUT, { recursive: true });
  for (const text of [16, 32]) browsers.set(text, await Browser.open({ text }));
});
after(async () => {
  for (const browser of browsers.values()) await browser.close();
});

describe('every state of the staff page', { concurrency: 2 }, () => {
  for (const { name: shape, text, ...look } of SHAPES) {
    const name = `staff-${shape}-${look.language.slice(0, 2)}-${look.look}`;
    test(name, async () => {
      const show = async (state, page) => {
        const what = `${name} ${state}`;
        await page.screenshot({ path: path.join(OUT, `${name}-${state}.png`) });
        await fits(page, what);
        await wholeWords(page, what);
        await readable(page, what);
        if (text > 16) await clean(what, page);
      };
      await walk({ browser: browsers.get(text), show, ...look });
    });
  }
});
