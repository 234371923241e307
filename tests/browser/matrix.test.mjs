// The states of the staff page on all those screens that states.test.mjs does not draw; for the long run.
import { after, before, describe, test } from '../lib/test.mjs';
import { Browser } from '../lib/browser.mjs';
import { draw, REST, WALK } from './shapes.mjs';

let browser;
before(async () => {
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});

describe('every state of the staff page, also while the booth is out of reach', { concurrency: 2 }, () => {
  for (const name of [...REST.here, ...REST.away]) test(name, WALK, () => draw(browser, name));
});
