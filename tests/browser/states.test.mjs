// Every screen in every state, drawn: nothing is wider than its screen, and pictures for people to look at in
// build/screenshots.  UPDATE_SCREENSHOTS=1 puts two of them into docs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../lib/boothd.mjs';
import { Browser } from '../lib/browser.mjs';
import { evening, stage, walk } from './stage.mjs';

const OUT = path.join(root, 'build/screenshots');
const DOCS_LIMIT = 120 * 1024;
let browser;
before(async () => {
  fs.mkdirSync(OUT, { recursive: true });
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});

async function fits(page, what) {
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { right, left, width } = element.getBoundingClientRect();
        return width > 2 && (right > innerWidth + 1 || left < -1) && !element.closest('.chips');
      })
      .map((element) => element.outerHTML.slice(0, 100)),
  );
  assert.deepEqual(wide, [], `${what} is wider than the screen`);
}

function publish(name, from) {
  if (!process.env.UPDATE_SCREENSHOTS) return;
  const picture = fs.readFileSync(path.join(OUT, from));
  assert.ok(picture.length < DOCS_LIMIT, `${from} has ${picture.length} bytes`);
  fs.mkdirSync(path.join(root, 'docs/screenshots'), { recursive: true });
  fs.writeFileSync(path.join(root, 'docs/screenshots', name), picture);
}

describe('nothing sticks out of any state of the staff page', { concurrency: 2 }, () => {
  for (const { width, height, language, look } of [
    { width: 390, height: 844, language: 'ko-KR', look: 'dark' },
    { width: 390, height: 844, language: 'en-US', look: 'light' },
    { width: 320, height: 640, language: 'ko-KR', look: 'light' },
    { width: 320, height: 640, language: 'en-US', look: 'dark' },
  ]) {
    const name = `staff-${width}-${language.slice(0, 2)}-${look}`;
    test(name, async () => {
      const show = async (state, page) => {
        await page.screenshot({ path: path.join(OUT, `${name}-${state}.png`) });
        await fits(page, `${name} ${state}`);
      };
      await walk({ browser, show, width, height, language, look });
    });
  }
});

test('the picture of the README', async () => {
  const { booth } = await evening();
  const look = { width: 390, height: 844, language: 'ko-KR', look: 'dark' };
  const phone = await browser.phone(booth, { ...look, stage: stage({}, true) });
  try {
    await phone.row(20).waitFor();
    await phone.callNext(12);
    await phone.said(/12/);
    await phone.row(12).waitFor({ state: 'detached' });
    await phone.page.screenshot({ path: path.join(OUT, 'readme-staff.png') });
    publish('staff.png', 'readme-staff.png');
  } finally {
    await phone.page.context().close();
    await booth.stop();
  }
});

test('the board, lying and standing, with one called, with many, with nobody, closed', async () => {
  const { booth, staff, ids } = await evening();
  try {
    const boards = [];
    for (const [width, height] of [
      [1920, 1080],
      [1280, 720],
      [1080, 1920],
      [1024, 768],
    ]) {
      boards.push([`board-${width}x${height}`, await browser.board(booth, { width, height, stage: stage() })]);
    }
    const show = async (state) => {
      for (const [name, page] of boards) {
        await page.locator(`body:has(${state.has})`).waitFor();
        await page.screenshot({ path: path.join(OUT, `${name}-${state.name}.png`) });
        await fits(page, `${name} ${state.name}`);
        const overlap = await page.evaluate(() => {
          const box = (element) => element?.getBoundingClientRect();
          const [rest, foot, say, now] = ['.rest > :last-child', 'footer', '.say', '.now'].map((each) =>
            box(document.querySelector(each)),
          );
          return { rest: rest ? rest.bottom - foot.top : 0, say: say.bottom - now.bottom };
        });
        assert.ok(overlap.rest <= 1 && overlap.say <= 1, `${name} ${state.name}: ${JSON.stringify(overlap)}`);
      }
    };
    await show({ name: 'several', has: '.expected' });
    for (const [, page] of boards) await page.click('.sound');
    for (const number of [12, 13, 14, 15, 16, 17]) await staff.act(ids[number], 'call');
    await show({ name: 'many', has: '.crowded' });
    for (const number of [9, 10, 11, 13, 14, 15, 16, 17]) await staff.act(ids[number], 'seat');
    await show({ name: 'one', has: '.numbers:not(.shared) .num' });
    publish('board.png', 'board-1280x720-one.png');
    await staff.act(ids[12], 'no-show');
    await show({ name: 'nobody', has: '.shut' });
    await staff.intake('closed');
    await show({ name: 'closed', has: '.shut .num:has-text("접수 마감")' });
    await staff.settings({
      lines: [
        { id: 'a', name: '2인석', prefix: 'A' },
        { id: 'b', name: '단체 예약석', prefix: '가나다라' },
      ],
      texts: { closed: '내일 또 만나요' },
    });
    await staff.intake('open');
    for (let i = 0; i < 8; i++) await staff.act((await staff.issue({ line: 'ab'[i % 2] })).ticket.id, 'call');
    await show({ name: 'long', has: '.num:has-text("가나다라-4")' });
    booth.child.kill('SIGSTOP');
    await show({ name: 'lost', has: 'header .lost' });
    booth.child.kill('SIGCONT');
  } finally {
    booth.child.kill('SIGCONT');
    await booth.stop();
    await browser.closePages();
  }
});
