// The board: flashes and chimes for new calls alone, and says what guests need and nothing that is theirs.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from '../lib/test.mjs';
import { Browser, startBooth } from '../lib/browser.mjs';
import { attend, flashes, listening, tones } from './boards.mjs';

let browser;
let booth;
let staff;
let ids;
before(async () => {
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});
beforeEach(async () => {
  booth = await startBooth();
  staff = await booth.signIn('manager', '민아');
  ids = [null];
  for (let i = 0; i < 8; i++)
    ids.push((await staff.issue({ party_size: 2, name: '이서연', phone: '010-1234-5678', note: '유모차' })).ticket.id);
});
afterEach(async () => {
  await browser.closePages();
  await booth.stop();
});
const call = (number) => staff.act(ids[number], 'call');
const calling = (page, number) => page.locator('.number', { hasText: new RegExp(`^${number}(번)?$`) }).waitFor();

test('nothing flashes on the first state; new calls and re-calls do, on every board', async () => {
  await call(1);
  const [one, two] = [await browser.board(booth), await browser.board(booth, { width: 1080, height: 1920 })];
  for (const board of [one, two]) {
    await calling(board, 1);
    assert.equal(await flashes(board), 0);
  }
  await call(2);
  for (const board of [one, two]) {
    await calling(board, 2);
    assert.equal(await flashes(board), 1);
    assert.deepEqual(
      await board.locator('.expected li').allInnerTexts(),
      ['1'],
      'who was called before is still expected',
    );
  }
  const again = await call(1);
  await calling(one, 1);
  assert.equal(await flashes(one), 1);
  await staff.undo(again.seq);
  await calling(one, 2);
  assert.equal(await flashes(one), 0);
  await staff.act(ids[2], 'seat');
  await calling(one, 1);
  assert.equal(await flashes(one), 0);
  assert.deepEqual(await one.locator('.recent li').allInnerTexts(), ['2']);
  await staff.act(ids[1], 'no-show');
  await one.locator('.missed li', { hasText: '1' }).waitFor();
  assert.equal(await one.locator('.idle').count(), 1, 'nobody is called now');
});

test('the chime: enabled by one touch, then two tones a call, none for other events', async () => {
  const board = await browser.board(booth, { stage: listening });
  await call(1);
  await calling(board, 1);
  assert.equal(await tones(board), 0);
  await board.click('.sound');
  await board.locator('.sound').waitFor({ state: 'detached' });
  await call(2);
  await calling(board, 2);
  assert.equal(await tones(board), 2);
  await staff.act(ids[2], 'seat');
  await calling(board, 1);
  assert.equal(await tones(board), 2);
});

test('it has no name, phone or note', async () => {
  await call(1);
  const board = await browser.board(booth);
  await calling(board, 1);
  assert.doesNotMatch(await board.content(), /이서연|1234|유모차/);
});

test('waiting, an estimate when there is one, closed with a call and without', async () => {
  const board = await browser.board(booth);
  await board.locator('.total b', { hasText: '8' }).waitFor();
  assert.equal(await board.locator('.total').count(), 1);
  for (const number of [1, 2, 3, 4]) await staff.act((await call(number)).ticket.id, 'seat');
  await board.locator('.total', { hasText: '지금 오시면' }).waitFor();
  await staff.intake('closed');
  await board.locator('.idle .number', { hasText: '접수 마감' }).waitFor();
  await call(5);
  await calling(board, 5);
  assert.equal(await board.locator('.idle').count(), 0);
  await board.locator('header', { hasText: '접수 마감' }).waitFor();
});

test('long numbers take a smaller step', async () => {
  const board = await browser.board(booth);
  await staff.settings({ lines: [{ id: 'a', name: '2인석', prefix: '포장' }] });
  const { ticket } = await staff.issue({ party_size: 2 });
  await staff.act(ticket.id, 'call');
  await board.locator('.number', { hasText: ticket.number }).waitFor();
  assert.equal(await board.locator('.number').getAttribute('data-step'), '2');
});

test('English first, when the booth says so', async () => {
  await staff.settings({ languages: ['en'] });
  const board = await browser.board(booth);
  await call(1);
  await board.locator('h2', { hasText: /^Now calling$/ }).waitFor();
  assert.equal(await board.getAttribute('html', 'lang'), 'en');
  assert.match(await board.title(), /^Now calling · /);
  await attend(board);
  assert.doesNotMatch(await board.innerText('body'), /[가-힣]/);
});
