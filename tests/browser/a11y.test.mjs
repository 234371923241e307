// axe finds nothing on the board (on the staff page: states.test.mjs); the evening's work can be done with a keyboard alone.
import assert from 'node:assert/strict';
import { after, before, test } from '../lib/test.mjs';
import { Browser, startBooth } from '../lib/browser.mjs';
import { clean } from './drawn.mjs';
import { evening, stage } from './stage.mjs';

let browser;
before(async () => {
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});

test('axe: the board with some called, with nobody, closed', async () => {
  const { booth, staff } = await evening();
  try {
    const page = await browser.board(booth, { stage: stage() });
    await page.locator('.expected').waitFor();
    await clean('several', page);
    await staff.intake('closed');
    await page.locator('header', { hasText: '접수 마감' }).waitFor();
    await clean('closed', page);
  } finally {
    await booth.stop();
    await browser.closePages();
  }
});

test('with the keyboard alone: sign in, add, call, arrive, undo; focus is never lost', async () => {
  const booth = await startBooth();
  try {
    const phone = await browser.phone(booth, { signIn: false });
    const { page } = phone;
    const keys = async (...all) => {
      for (const key of all) await page.keyboard.press(key);
    };
    const focus = () =>
      page.evaluate(
        () => document.activeElement.className || document.activeElement.id || document.activeElement.textContent,
      );
    const to = async (wanted, key = 'Tab') => {
      for (let i = 0; i < 40; i++) {
        if (wanted.test(await focus())) return;
        await keys(key);
      }
      assert.fail(`no ${wanted} to be reached, only ${await focus()}`);
    };
    const somewhere = async () => assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY');
    await to(/pin/);
    await page.keyboard.type('1234');
    await keys('Tab');
    await page.keyboard.type('민아');
    await keys('Enter');
    await page.locator('.action-bar').waitFor();

    for (let i = 0; i < 2; i++) {
      await to(/side add/);
      await keys('Enter');
      await page.locator('.sheet').waitFor();
      await page
        .locator('.sizes button')
        .nth(1 + i)
        .focus();
      await keys('Enter');
      await phone.said('접수함');
      await page.locator('.sheet').waitFor({ state: 'detached' });
      await somewhere();
    }
    await phone.order([1, 2]);
    await to(/^call$/);
    await phone.settle();
    await keys('Enter');
    await phone.said('1번 호출함');
    assert.match(await focus(), /^call$/);

    await to(/tab-waiting/);
    await keys('ArrowRight');
    assert.match(await focus(), /tab-called/);
    await to(/primary/, 'Shift+Tab');
    await keys('Enter');
    await phone.said('1번 입장');
    await page.locator('.row[data-id]').waitFor({ state: 'detached' });
    await somewhere();
    await page.locator('.notice button').focus();
    await keys('Enter');
    await phone.see(1, 'called');
    await somewhere();

    await to(/^recent$/, 'Shift+Tab');
    await keys('Enter');
    await page.locator('.event .undo').nth(1).waitFor();
    await to(/btn undo/);
    await keys('Enter');
    await phone.said('1번 되돌림');
    await somewhere();
    await phone.order([]);

    await to(/side find/);
    await keys('Enter');
    await page.locator('[type=search]:focus').waitFor();
    await page.keyboard.type('2');
    await phone.order([2]);
    await to(/^head$/, 'Shift+Tab');
    await keys('Enter');
    await to(/미루기/);
    await keys('Enter');
    await page.locator('.sheet').waitFor();
    await keys('Escape');
    await page.locator('.sheet').waitFor({ state: 'detached' });
    await to(/닫기|^btn$/);
    await keys('Enter');
    await page.locator('.call').waitFor();
    await somewhere();

    await to(/^booth$/, 'Shift+Tab');
    await keys('Enter');
    await page.locator('.sheet').waitFor();
    await keys('Tab', 'Tab', 'Enter');
    await page.locator('.alert', { hasText: '10분 뒤' }).waitFor();
    await somewhere();
    await to(/^connection$/);
    await keys('Enter');
    await page.locator('.sheet').waitFor();
    await keys('Escape');
    await page.locator('.sheet').waitFor({ state: 'detached' });
    assert.match(await focus(), /^connection$/);

    await to(/^recent$/);
    await keys('Enter');
    await to(/event-ticket/);
    await keys('Enter');
    await page.locator('.sheet h2', { hasText: /\d번 기록/ }).waitFor();
    await keys('Escape');
    await page.locator('.sheet').waitFor({ state: 'detached' });
    await somewhere();
  } finally {
    await booth.stop();
    await browser.closePages();
  }
});
