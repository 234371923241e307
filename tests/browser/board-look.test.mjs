// How a board looks where the evening is not as usual: in daylight, with all the lines and the longest texts there can
// be, with texts that would rather be markup, while somebody is at it; and what moves.
import assert from 'node:assert/strict';
import { after, before, describe, it } from '../lib/test.mjs';
import { Browser, drawn } from '../lib/browser.mjs';
import { atBooth, attend, choose, flashes } from './boards.mjs';
import { boardFits, clean, picture } from './drawn.mjs';

const SIZES = [
  [1920, 1080],
  [1080, 1920],
  [1024, 768],
  [768, 1024],
];
const MARKUP = '<img src=x onerror="window.hit=1"><b>&amp;';

let browser;
before(async () => {
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});
const test = (name, work) => it(name, atBooth(() => browser, work));

describe('the look of a board', { concurrency: 2 }, () => {
  test('in every size, dark and bright, with and without its settings: nothing overflows, axe finds nothing', async (at) => {
    const { open, call, calling, act, staff } = at;
    await staff.settings({ name: '한국대학교 공과대학 컴퓨터공학부 학생회 해오름 주막 본점 야외 무대 옆 부스' });
    for (const guest of [1, 2, 3, 4, 5]) {
      await call(guest);
      await act(guest, 'seat');
    }
    await call(6);
    await act(6, 'no-show');
    await call(7);
    const boards = [];
    for (const [i, [width, height]] of SIZES.entries())
      boards.push([`board-${width}x${height}`, await open({ width, height, theme: i % 2 ? 'dark' : 'light' })]);
    const show = async (state, inspect = boards) => {
      for (const [name, page] of inspect) {
        await picture(page, `${name}-${state}`);
        await boardFits(page, `${name} ${state}`);
        await clean(`${name} ${state}`, page);
      }
    };
    for (const [, page] of boards) await calling(page, 7);
    await show('asking');
    for (const [name, page] of boards) {
      await attend(page);
      const heights = await page.locator('button').evaluateAll((all) => all.map((each) => each.offsetHeight));
      assert.ok(Math.min(...heights) >= 48, `${name}: ${heights}`);
    }
    for (const board of boards.slice(0, 2)) {
      await attend(board[1]);
      await show('attended', [board]);
    }
    for (const [, page] of boards) await choose(page, '밝은 화면');
    const grounds = await Promise.all(
      boards.map(([, page]) => page.evaluate(() => getComputedStyle(document.body).backgroundColor)),
    );
    const [dark, light] = ['rgb(11, 14, 18)', 'rgb(246, 242, 233)'];
    assert.deepEqual(grounds, [dark, light, dark, light]);
    await boards[1][1].reload();
    await calling(boards[1][1], 7);
    assert.equal(await boards[1][1].evaluate(() => getComputedStyle(document.body).backgroundColor), light);

    await staff.intake('paused');
    for (const [, page] of boards) {
      await page.locator('header', { hasText: '잠시 멈춤' }).waitFor();
      await page.keyboard.press('Escape');
      await page.locator('.controls').waitFor({ state: 'detached' });
    }
    await show('paused', boards.slice(1, 3));
  });

  test('eight lines with the longest names and numbers, and texts that are markup', async ({ open, call, staff, booth }) => {
    await call(1);
    await staff.settings({
      name: `${MARKUP} 주막`,
      texts: { welcome: MARKUP, closed: `${MARKUP} ${'가나다라마 '.repeat(24)}` },
      lines: Array.from({ length: 8 }, (_, i) => ({
        id: 'abcdefgh'[i],
        name: i === 0 ? MARKUP.slice(0, 30) : `${'긴이름'.repeat(9)}${i}호줄`,
        prefix: ['WWWW', '가나다라', 'A', 'B', 'C', 'D', 'E', '7'][i],
      })),
    });
    const boards = [];
    for (const [i, [width, height]] of SIZES.entries())
      boards.push([`board-${width}x${height}`, await open({ width, height, theme: i % 2 ? 'light' : 'dark' })]);
    const show = async (state, has) => {
      for (const [name, page] of boards) {
        await page.locator(has).waitFor();
        await picture(page, `${name}-${state}`);
        await boardFits(page, `${name} ${state}`);
        assert.equal(await page.evaluate(() => window.hit), undefined);
        assert.equal(await page.locator('img').count(), 0);
        assert.equal(await page.locator('h1').innerText(), `${MARKUP} 주막`);
      }
    };
    for (let i = 0; i < 16; i++) {
      const { ticket } = await staff.issue({ line: 'cdefghab'[i % 8] });
      if (i > 3) await staff.act(ticket.id, 'call');
    }
    await show('lines', '.number:has-text("가나다라-2")');
    assert.match(await boards[0][1].innerText('.lines'), /<img src=x/);
    const { calling } = await booth.client().board();
    for (const { id } of calling) await staff.act(id, id % 2 ? 'no-show' : 'seat');
    for (const { id } of (await booth.client().board()).calling) await staff.act(id, 'seat');
    await staff.intake('closed');
    await show('markup', '.idle .number:has-text("접수 마감")');
    assert.match(await boards[0][1].innerText('.hint'), /^<img src=x onerror="window.hit=1"><b>&amp;/);
  });

  test('five flashes of a second for the newest only, none with reduced motion', async ({ open, call, calling }) => {
    // All that moves at the moment when something begins to.
    const watch = () => {
      window.flashing = [];
      addEventListener('animationstart', () =>
        window.flashing.push(
          document.getAnimations().map(({ effect }) => {
            const { duration, iterations } = effect.getTiming();
            return [effect.target.querySelector('.number').textContent, duration, iterations];
          }),
        ),
      );
    };
    const of = (motion) => open({ motion, stage: { script: watch, argument: null } });
    const [moving, still] = [await of('no-preference'), await of('reduce')];
    const flashing = async (page) => {
      await drawn(page);
      return page.evaluate(() => window.flashing);
    };
    const flash = (number) => [[`${number}번`, 1000, 5]];
    await call(1);
    for (const page of [moving, still]) await calling(page, 1);
    assert.deepEqual(await flashing(moving), [flash(1)]);
    assert.equal(await flashes(still), 1);
    await call(2);
    for (const page of [moving, still]) await calling(page, 2);
    assert.deepEqual(await flashing(moving), [flash(1), flash(2)]);
    assert.deepEqual((await flashing(still)).flat(), []);
    assert.equal(await still.evaluate(() => document.getAnimations().length), 0);
    await moving.reload();
    await calling(moving, 2);
    assert.deepEqual(await flashing(moving), []);
  });

  test('a new day: yesterday’s numbers leave the lists, called ones stay; large counts are grouped', async (at) => {
    const { open, call, calling, act, staff } = at;
    const board = await open();
    for (const guest of [1, 2, 3]) await call(guest);
    await act(1, 'seat');
    await act(2, 'no-show');
    await calling(board, 3);
    await board.locator('.recent').waitFor();
    await board.locator('.missed').waitFor();
    assert.equal((await staff.post('/api/v1/days')).status, 200);
    await board.locator('.recent').waitFor({ state: 'detached' });
    await board.locator('.missed').waitFor({ state: 'detached' });
    await calling(board, 3);
    assert.equal(await flashes(board), 1, 'it is still the newest');
    await Promise.all(Array.from({ length: 1000 }, () => staff.issue()));
    await board.locator('.total b', { hasText: /^1,009팀$/ }).waitFor();
  });
});
