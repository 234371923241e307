// What a board sounds like: the chime, and the voices that are on its machine; each can be had without the other.
import assert from 'node:assert/strict';
import { after, before, describe, it } from '../lib/test.mjs';
import { Browser } from '../lib/browser.mjs';
import { waitFor } from '../lib/wait.mjs';
import { atBooth, attend, choose, listening, said, speaking, tones } from './boards.mjs';

const HERE = [
  ['ko-KR', true],
  ['en_US', true],
];
const FAR = [
  ['ko-KR', false],
  ['en-US', false],
];
const SAMPLES = ['음성으로 불러 드려요.', 'Numbers are called out now.'];

let browser;
before(async () => {
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});
const test = (name, work) => it(name, atBooth(() => browser, work));
const spoken = (page, expected) =>
  waitFor(async () => (await said(page)).length >= expected.length, { what: `${expected}` })
    .catch(() => {})
    .then(async () => assert.deepEqual(await said(page), expected));
const ko = (words) => `${words} 번 고객님, 부스 앞으로 와 주세요.`;
const en = (words) => `Number ${words}, please come to the booth.`;

// At once: most of their time is waiting.
describe('the sound of a board', { concurrency: 3 }, () => {
  test('no voice on this machine: it says so, and the chime works without', async ({ open, call, calling, staff }) => {
    for (const stage of [listening, speaking(...FAR)]) {
      const board = await open({ stage });
      await attend(board);
      assert.deepEqual(await board.locator('.controls button').allInnerTexts(), ['알림음', '밝은 화면']);
      assert.deepEqual(await board.locator('.controls span').allInnerTexts(), [
        '이 기기에는 한국어 음성이 없어요',
        '이 기기에는 English 음성이 없어요',
      ]);
      await board.evaluate(() => localStorage.setItem('voice', 'ko,en'));
      await board.reload();
      await board.locator('.idle').waitFor();
      await board.click('.sound');
      await board.locator('.sound').waitFor({ state: 'detached' });
      const { seq } = await call(1);
      await calling(board, 1);
      await waitFor(async () => (await tones(board)) === 2, { what: 'the chime' });
      assert.equal(await board.evaluate(() => window.said?.length ?? 0), 0);
      await staff.undo(seq);
    }
  });

  test('voices are off until somebody turns them on, speak in the order of the booth, and are remembered', async ({ open, call, calling, staff }) => {
    const board = await open({ stage: speaking(...HERE, ...FAR) });
    await call(1);
    await calling(board, 1);
    assert.deepEqual(await said(board), []);
    await choose(board, '한국어 음성');
    await spoken(board, [SAMPLES[0]]);
    await choose(board, 'English 음성');
    await spoken(board, SAMPLES);
    await call(2);
    await spoken(board, [...SAMPLES, ko('이'), en('two')]);
    assert.deepEqual(new Set(await board.evaluate(() => window.said.map(([voice]) => voice))), new Set(['ko-KR true', 'en_US true']));
    await call(1);
    await spoken(board, [...SAMPLES, ko('이'), en('two'), ko('일'), en('one')]);

    await board.reload();
    await calling(board, 1);
    await staff.settings({ languages: ['en', 'ko'] });
    await board.locator('.now h2', { hasText: /^Now calling/ }).waitFor();
    assert.deepEqual(await said(board), [], 'nothing is said of what was there');
    await call(3);
    await spoken(board, [en('three'), ko('삼')]);
  });

  test('turning the voice off ends it at once and leaves the chime; turning the chime off leaves the voice', async ({ open, call, calling }) => {
    const board = await open({ stage: speaking(...HERE) });
    await choose(board, '한국어 음성');
    await spoken(board, [SAMPLES[0]]);
    await board.evaluate(() => void (window.held = true));
    await call(1);
    await call(2);
    await spoken(board, [SAMPLES[0], ko('일')]);
    await choose(board, '한국어 음성');
    await board.evaluate(() => void (window.held = false));
    assert.equal(await board.evaluate(() => window.speaking.length), 0, 'it was cut short');
    const before = await tones(board);
    assert.ok(before >= 2);
    await call(3);
    await calling(board, 3);
    await waitFor(async () => (await tones(board)) === before + 2, { what: 'the chime' });
    await choose(board, '알림음');
    await choose(board, 'English 음성');
    await call(4);
    await spoken(board, [SAMPLES[0], ko('일'), SAMPLES[1], en('four')]);
    assert.equal(await tones(board), before + 2);
    await board.reload();
    await calling(board, 4);
    assert.equal(await board.locator('.sound').count(), 0, 'nobody is asked for a sound that nobody wants');
  });

  test('a burst is announced in order, each once, bounded; not guests who arrived meanwhile; a missing end event does not stop it', async ({ open, act, call, calling }) => {
    const board = await open({ stage: speaking(HERE[0]) });
    await choose(board, '알림음');
    await choose(board, '한국어 음성');
    await spoken(board, [SAMPLES[0]]);
    await board.evaluate(() => void (window.held = true));
    await call(1);
    await spoken(board, [SAMPLES[0], ko('일')]);
    for (const number of [2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      await call(number);
      await calling(board, number);
    }
    await act(8, 'seat');
    await call(9);
    await board.locator('.recent li', { hasText: '8' }).waitFor();
    await calling(board, 9);
    await board.evaluate(() => {
      window.held = false;
      window.finish();
    });
    await spoken(board, [SAMPLES[0], ...['일', '오', '육', '칠', '십', '구'].map(ko)]);

    await board.clock.install();
    await board.evaluate(() => void (window.held = true));
    await call(11);
    await calling(board, 11);
    await call(12);
    await calling(board, 12);
    await waitFor(async () => (await said(board)).at(-1) === ko('십일'), { what: '11' });
    await board.clock.runFor(13_000);
    await waitFor(async () => (await said(board)).at(-1) === ko('십이'), { what: '12' });
  });

  test('one touch or one key turns the sound on; a browser that refuses to speak also shows the prompt', async ({ open, call }) => {
    const finger = await open({ stage: listening, touch: true });
    const keys = await open({ stage: listening });
    const voice = await open({ stage: speaking(HERE[0]) });
    for (const board of [finger, keys, voice]) await board.locator('.sound').waitFor();
    await finger.tap('.sound');
    await keys.keyboard.press('Tab');
    for (const board of [finger, keys]) await board.locator('.sound').waitFor({ state: 'detached' });
    await call(1);
    for (const board of [finger, keys]) await waitFor(async () => (await tones(board)) === 2, { what: 'the chime' });

    await choose(voice, '알림음');
    await choose(voice, '한국어 음성');
    await voice.locator('.sound').waitFor({ state: 'detached' });
    await voice.evaluate(() => void (window.held = true));
    await call(2);
    await waitFor(() => voice.evaluate(() => window.speaking.length === 1), { what: 'the second call' });
    await voice.evaluate(() => window.speaking.shift().onerror({ error: 'not-allowed' }));
    await voice.locator('.sound').waitFor();
    await voice.evaluate(() => void (window.held = false));
    await voice.click('.sound');
    await voice.locator('.sound').waitFor({ state: 'detached' });
  });
});
