// Every screen in every state, drawn: nothing is wider than its screen, cut or out of reach, axe finds nothing, and there
// are pictures for people to look at in build/screenshots.  UPDATE_SCREENSHOTS=1 puts three of them into docs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from '../lib/test.mjs';
import { Booth, root } from '../lib/boothd.mjs';
import { Browser, startBooth } from '../lib/browser.mjs';
import { boardFits, clean, fileOf, fits, picture, wholeWords } from './drawn.mjs';
import { draw, QUICK, WALK } from './shapes.mjs';
import { evening, stage } from './stage.mjs';

const DOCS_LIMIT = 120 * 1024;
let browser;
before(async () => {
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});

function publish(name, from) {
  if (!process.env.UPDATE_SCREENSHOTS) return;
  const file = fileOf(from);
  const { size } = fs.statSync(file);
  assert.ok(size < DOCS_LIMIT, `${file} has ${size} bytes`);
  fs.mkdirSync(path.join(root, 'docs/screenshots'), { recursive: true });
  fs.copyFileSync(file, path.join(root, 'docs/screenshots', name));
}

describe('every state of the staff page: everything fits, is readable and reachable; axe finds nothing', { concurrency: 2 }, () => {
  for (const name of QUICK.here) test(name, WALK, () => draw(browser, name));
});
describe('the same while the booth is out of reach', { concurrency: 2 }, () => {
  for (const name of QUICK.away) test(name, WALK, () => draw(browser, name));
});

describe('empty lists say what to do', { concurrency: 2 }, () => {
  for (const { width, height, language, theme, hint } of [
    { width: 320, height: 640, language: 'ko-KR', theme: 'light', hint: /접수를 누르고/ },
    { width: 390, height: 844, language: 'en-US', theme: 'dark', hint: /Press Add below/ },
  ]) {
    const name = `staff-${width}-${language.slice(0, 2)}-${theme}-empty`;
    test(name, async () => {
      const booth = await startBooth();
      try {
        const phone = await browser.phone(booth, { width, height, language, theme });
        await phone.page.locator('.hint', { hasText: hint }).waitFor();
        for (const tab of ['waiting', 'called', 'done']) {
          await phone.tab(tab);
          assert.ok((await phone.page.locator('.hint').innerText()).length > 20);
          await picture(phone.page, `${name}-${tab}`);
          await fits(phone.page, `${name} ${tab}`);
          await wholeWords(phone.page, `${name} ${tab}`);
          await clean(`${name} ${tab}`, phone.page);
        }
        await phone.page.context().close();
      } finally {
        await booth.stop();
      }
    });
  }
});

test('the picture of the README', async () => {
  const { booth } = await evening();
  const screen = { width: 390, height: 844, language: 'ko-KR', theme: 'dark' };
  const phone = await browser.phone(booth, { ...screen, stage: stage({}, true) });
  try {
    await phone.row(20).waitFor();
    await phone.callNext(12);
    await phone.said(/12/);
    await phone.row(12).waitFor({ state: 'detached' });
    await picture(phone.page, 'readme-staff');
    publish('staff.png', 'readme-staff');
  } finally {
    await phone.page.context().close();
    await booth.stop();
  }
});

test('the label that is stuck on the box', async () => {
  const booth = await Booth.start({
    set: { booth_name: '컴퓨터공학과 주점', wifi_ssid: 'booth-cse', wifi_passphrase: 'lantern-7-river', staff_pin: '481516' },
  });
  try {
    const { status, text } = await booth.cli().get('/api/v1/system/label');
    assert.equal(status, 200);
    const page = await browser.page(booth, '/healthz', { width: 512, height: 330, scale: 1.5, theme: 'light' });
    await page.setContent(text.replace(booth.address.port === 80 ? /$^/ : `:${booth.address.port}`, ''));
    assert.match(await page.textContent('svg'), /481516[^]*booth-cse[^]*lantern-7-river/);
    await fits(page, 'label');
    await picture(page, 'label');
    publish('label.png', 'label');
  } finally {
    await booth.stop();
  }
});

test('the board in landscape and portrait, with one called, with many, with nobody, closed', async () => {
  const { booth, staff, ids } = await evening();
  try {
    const boards = [];
    for (const [width, height] of [
      [1920, 1080],
      [1280, 720],
      [1080, 1920],
      [1024, 768],
      [768, 1024],
    ]) {
      boards.push([`board-${width}x${height}`, await browser.board(booth, { width, height, stage: stage() })]);
    }
    const show = async (state) => {
      for (const [name, page] of boards) {
        await page.locator(`body:has(${state.has})`).waitFor();
        await picture(page, `${name}-${state.name}`);
        await boardFits(page, `${name} ${state.name}`);
      }
    };
    await show({ name: 'several', has: '.expected' });
    for (const [, page] of boards) {
      await page.click('.sound');
      await page.keyboard.press('Escape');
      await page.locator('.controls').waitFor({ state: 'detached' });
    }
    for (const number of [12, 13, 14, 15, 16, 17]) await staff.act(ids[number], 'call');
    await show({ name: 'many', has: '.crowded' });
    for (const number of [9, 10, 11, 13, 14, 15, 16, 17]) await staff.act(ids[number], 'seat');
    await show({ name: 'one', has: '.numbers:not(.shared) .number' });
    publish('board.png', 'board-1280x720-one');
    await staff.act(ids[12], 'no-show');
    await show({ name: 'nobody', has: '.idle' });
    await staff.intake('closed');
    await show({ name: 'closed', has: '.idle .number:has-text("접수 마감")' });
    await staff.settings({
      lines: [
        { id: 'a', name: '2인석', prefix: 'A' },
        { id: 'b', name: '단체 예약석', prefix: '가나다라' },
      ],
      texts: { closed: '내일 또 만나요' },
    });
    await staff.intake('open');
    for (let i = 0; i < 8; i++) await staff.act((await staff.issue({ line: 'ab'[i % 2] })).ticket.id, 'call');
    await show({ name: 'long', has: '.number:has-text("가나다라-4")' });
    booth.child.kill('SIGSTOP');
    await show({ name: 'lost', has: 'header .lost' });
    booth.child.kill('SIGCONT');
  } finally {
    booth.child.kill('SIGCONT');
    await booth.stop();
    await browser.closePages();
  }
});
