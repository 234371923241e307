// What happens on a screen while others change the list.
import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from '../lib/test.mjs';
import { Browser, countChanges, startBooth, within } from '../lib/browser.mjs';
import { waitFor } from '../lib/wait.mjs';
import { fits, picture } from './drawn.mjs';
import { stage } from './stage.mjs';

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
  staff = await booth.signIn('manager', '준');
  ids = [null];
  for (let i = 0; i < 12; i++) ids.push((await staff.issue({ party_size: 2 })).ticket.id);
});
afterEach(async () => {
  await browser.closePages();
  booth.child.kill('SIGCONT'); // a test that failed may have left it hanging
  await booth.stop();
});

test('rows do not move under a pressed finger, but after it is lifted', async () => {
  const phone = await browser.phone(booth);
  await phone.order(ids.slice(1).map((_, i) => i + 1));
  const heard = await countChanges(phone.page);
  const box = await phone.row(3).boundingBox();
  await phone.page.mouse.move(box.x + 100, box.y + 20);
  await phone.page.mouse.down();
  for (const number of [1, 2]) await staff.act(ids[number], 'call');
  await heard(2);
  assert.equal((await phone.row(3).boundingBox()).y, box.y);
  assert.equal(await phone.row(1).count(), 1);
  await phone.page.mouse.up();
  await phone.row(1).waitFor({ state: 'detached' });
  assert.equal(
    await phone.row(3).locator('.head').getAttribute('aria-expanded'),
    'true',
    'the press met the row that was under it',
  );
});

test('nor under a finger that was lifted for a moment', async () => {
  const phone = await browser.phone(booth);
  const { mouse } = phone.page;
  const heard = await countChanges(phone.page);
  const box = await phone.row(3).boundingBox();
  await mouse.move(box.x + 100, box.y + 20);
  await mouse.down();
  await mouse.up();
  await mouse.down();
  for (const number of [1, 2]) await staff.act(ids[number], 'call');
  await heard(2);
  assert.equal((await phone.row(3).boundingBox()).y, box.y);
  await mouse.up();
  await phone.row(1).waitFor({ state: 'detached' });
});

test('a press is answered at once: the old undo button disappears before the new one comes', async () => {
  const phone = await browser.phone(booth);
  await phone.act(1, 'cancel');
  await phone.said('1번 취소함');
  await phone.row(2).locator('.head').click();
  await phone.page.evaluate(() =>
    addEventListener('click', () => setTimeout(() => (window.bar = document.querySelector('.notice p').textContent)), true),
  );
  await phone.row(2).locator('[data-action=cancel]').click();
  assert.match(await phone.page.evaluate(() => window.bar), /^2번/);
  await phone.undo();
  await phone.see(2, 'waiting');
});

test('the right mouse button, whose release a menu may swallow, does not freeze the list', async () => {
  const phone = await browser.phone(booth);
  await phone.row(3).hover();
  await phone.page.mouse.down({ button: 'right' });
  await staff.act(ids[1], 'call');
  await phone.row(1).waitFor({ state: 'detached' });
});

test('undo is offered for eight seconds', async () => {
  const phone = await browser.phone(booth);
  const { page } = phone;
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 1000);
  const now = () => page.evaluate(() => performance.now());
  const offered = () => page.locator('.notice:not(.saving) button').count();
  const pressed = await now();
  await phone.act(1, 'cancel');
  await waitFor(() => page.clock.runFor(20).then(offered), { what: 'the way back' });
  await phone.said('1번 취소함');
  const bars = await page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ animationName }) => animationName === 'run-out')
      .map(({ effect }) => [effect.getTiming().duration, 'transform' in effect.getKeyframes()[0]]),
  );
  assert.deepEqual(bars, [[8000, true]], 'what runs out with it is moved, not drawn frame by frame');
  const seen = await now();
  await page.clock.runFor(7900 - (seen - pressed));
  assert.equal(await offered(), 1);
  await page.clock.runFor(200 + (seen - pressed));
  assert.equal(await offered(), 0);
});

test('each line has its own rows, next ticket and guests', async () => {
  await staff.settings({
    lines: [
      { id: 'a', name: '2인석', prefix: '' },
      { id: 'b', name: '단체', prefix: 'B' },
    ],
  });
  for (let i = 0; i < 2; i++) await staff.issue({ party_size: 5, line: 'b' });
  const phone = await browser.phone(booth);
  const { page } = phone;
  const chip = (name) => page.locator('.chips button', { hasText: name });
  await chip('전체 14').waitFor();
  await chip('단체 2').click();
  await phone.order(['B-1', 'B-2']);
  await page.locator('.call b', { hasText: 'B-1' }).waitFor();
  await page.click('.side.add');
  await page.locator('.sheet [aria-pressed=true]', { hasText: '단체' }).waitFor();
  await page.locator('.sizes button').nth(3).click();
  await phone.order(['B-1', 'B-2', 'B-3']);
  await phone.callNext('B-1');
  await phone.order(['B-2', 'B-3']);
  assert.equal((await staff.ticket(ids[1])).state, 'waiting');
  await chip('2인석 12').click();
  await phone.order(ids.slice(1).map((_, i) => i + 1));
});

test('guests who wait since yesterday are marked with the date', async () => {
  const phone = await browser.phone(booth, { stage: stage() });
  await phone.row(7).locator('small', { hasText: /어제 \d{1,2}월 \d{1,2}일/ }).waitFor();
  assert.doesNotMatch(await phone.row(6).innerText(), /어제/);
});

test('the focus stays with its row, and moves to the next one when the row leaves', async () => {
  const phone = await browser.phone(booth);
  await phone.row(4).waitFor();
  await phone.row(4).locator('.head').focus();
  const focused = () =>
    phone.page.evaluate(
      () =>
        document.activeElement.closest('.row')?.querySelector('.number').textContent ?? document.activeElement.className,
    );
  await staff.act(ids[1], 'call');
  await phone.row(1).waitFor({ state: 'detached' });
  assert.equal(await focused(), '4');
  await staff.act(ids[4], 'call');
  await phone.row(4).waitFor({ state: 'detached' });
  assert.equal(await focused(), '5');
});

test('a number that changed under the finger is not called', async () => {
  const phone = await browser.phone(booth);
  const { page } = phone;
  await page.waitForFunction(() => document.querySelector('.call b')?.textContent === '1번');
  await phone.settle();
  // As soon as there is another number, in the same moment of the page.
  await page.evaluate(() => {
    new MutationObserver((_, changes) => {
      if (document.querySelector('.call b').textContent !== '2번') return;
      changes.disconnect();
      for (let i = 0; i < 2; i++) document.querySelector('.call').click();
      window.pressed = true;
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await staff.callNext({});
  await page.waitForFunction(() => window.pressed);
  await phone.act(5, 'cancel'); // what was pressed before it would be done before it
  await waitFor(async () => (await staff.ticket(ids[5])).state === 'cancelled', { what: '5 to be cancelled' });
  assert.equal((await staff.queue()).tickets.filter((ticket) => ticket.state === 'called').length, 1);
});

test('history undoes a command hours later, from any phone', async () => {
  for (const verb of ['call', 'seat']) await staff.act(ids[1], verb);
  await staff.act(ids[2], 'cancel');
  await staff.edit(ids[3], { party_size: 7 });
  const phone = await browser.phone(booth);
  const { page } = phone;
  const plain = (text) => text.replace(/\s+/g, ' ').trim();
  const events = async () => (await page.locator('.event').allInnerTexts()).map(plain);
  await page.click('.recent');
  await page.locator('.event .undo').nth(11).waitFor();
  assert.match((await events())[0], /^2 취소 \d\d:\d\d · 준/);
  assert.match((await events())[1], /^1 입장 \d\d:\d\d · 준/);
  await page.getByRole('button', { name: '1번 입장 되돌리기' }).click();
  await phone.said('1번 되돌림');
  assert.equal((await staff.ticket(ids[1])).state, 'called');

  await page.click('.recent');
  await page.locator('.event .undo').nth(11).waitFor();
  assert.match((await events())[1], /^1 호출/, 'what came before can be taken back next');
  await page.keyboard.press('Escape');

  await phone.act(3, 'history');
  await page.locator('.event .undo').first().waitFor();
  assert.deepEqual((await events()).map((text) => text.split(' ')[0]), ['고침', '접수']);
  await page.getByRole('button', { name: '3번 고침 되돌리기' }).click();
  await phone.said('3번 되돌림');
  assert.equal((await staff.ticket(ids[3])).party_size, 2);
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY');

  await phone.tab('called');
  await phone.act(1, 'history');
  await page.locator('.event .undo').first().waitFor();
  assert.deepEqual((await events()).map((text) => text.split(' ')[0]), ['되돌림', '입장', '호출', '접수']);
  assert.equal(await page.locator('.event .struck').count(), 1);
  assert.equal(await page.locator('.event .undo').count(), 1, 'only the latest that is left');
  booth.child.kill('SIGSTOP');
  await page.locator('.sheet', { hasText: '기록은 부스에 있어요' }).waitFor();
  booth.child.kill('SIGCONT');
  await page.locator('.event .undo').first().waitFor();
});

test('a booth that hangs is shown within three seconds; commands given meanwhile are done once, in order', async () => {
  const phone = await browser.phone(booth);
  await phone.row(1).waitFor();
  await phone.settle();
  const { seq } = await staff.queue();
  await phone.page.waitForResponse('**/api/v1/session'); // the longest way: just now all was well
  booth.child.kill('SIGSTOP');
  assert.ok(await within(3, phone.page, '.alert', '부스와 끊겼어요'));
  assert.equal(await phone.row(2).count(), 1, 'the list stays readable');

  await phone.callNext(1);
  await phone.row(1).locator('small', { hasText: '호출 저장 중…' }).waitFor();
  await phone.said('1번 호출, 이 폰에 저장함');
  await phone.callNext(2);
  await phone.act(3, 'call');
  await phone.act(3, 'seat');
  await phone.act(5, 'cancel');
  await phone.page.locator('.notice button').click();
  await phone.row(5).locator('small').waitFor({ state: 'detached' });
  await phone.page.click('.side.add');
  await phone.page.locator('.sizes button').nth(5).click();
  await phone.page.locator('.alert', { hasText: '5건' }).waitFor();

  booth.child.kill('SIGCONT');
  await phone.page.locator('.alert').waitFor({ state: 'detached' });
  await phone.order([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  await phone.see(3, 'seated');
  const { tickets, ...after } = await staff.queue();
  assert.deepEqual(
    tickets
      .filter((ticket) => ticket.state === 'called')
      .map((ticket) => ticket.number)
      .sort(),
    ['1', '2'],
  );
  assert.equal(after.seq - seq, 5);
});

test('a booth that dies between a press and its answer does it once', async () => {
  const phone = await browser.phone(booth);
  await phone.settle();
  booth.child.kill('SIGSTOP');
  await phone.callNext(1);
  await booth.kill();
  await booth.launch();
  await phone.see(1, 'called');
  assert.equal((await staff.ticket(ids[1])).calls, 1);
  assert.equal(await phone.count('called'), '1');
});

test('a signed-out device says so, and asks for a PIN', async () => {
  const phone = await browser.phone(booth);
  await phone.row(1).waitFor();
  const { devices } = (await staff.get('/api/v1/system/devices')).json;
  const mine = devices.find((device) => device.name === '민아');
  await staff.delete(`/api/v1/system/devices/${mine.id}`);
  await phone.page.locator('.error', { hasText: '로그인이 끝났어요' }).waitFor();
  await phone.signIn();
  await phone.row(1).waitFor();
});

test('names with markup are text, everywhere', async () => {
  const name = '<img src=x onerror="window.hit=1">"\'&amp;';
  const note = '</li><script>window.hit=2</script>';
  await staff.edit(ids[1], { name, note, phone: '<b>1</b>' });
  await staff.settings({ name: '<i>주막</i>' });
  await staff.settings({
    lines: [
      { id: 'a', name: '<i>줄</i>', prefix: '' },
      { id: 'b', name: '<b>줄', prefix: 'B' },
    ],
  });
  const phone = await browser.phone(booth, { name: '<i>폰</i>' });
  await phone.row(1).waitFor();
  const row = await phone.row(1).innerText();
  assert.ok(row.includes(name) && row.includes(note), row);
  assert.ok((await phone.page.innerText('.chips')).includes('<i>줄</i>'));
  const sheet = phone.page.locator('.sheet');
  const sheetSays = async (text) => {
    await sheet.locator(`:text("${text}")`).first().waitFor();
    assert.equal(await sheet.locator('img, i, script').count(), 0);
    await phone.page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
  };
  await phone.page.click('.side.add');
  await sheetSays('<i>줄</i>');
  await phone.page.click('.connection');
  await sheetSays('<i>폰</i>');
  await phone.act(1, 'edit');
  assert.equal(await sheet.locator('[name=name]').inputValue(), name);
  await phone.page.fill('.sheet [name=note]', `${note}!`);
  await phone.page.locator('.sheet .primary').click();
  await phone.said('1번 고침');
  await phone.act(1, 'history');
  await sheetSays('<i>폰</i>');
  await phone.row(1).locator('.head').click();
  assert.equal(await phone.row(1).locator('a.tel').getAttribute('href'), 'tel:1');
  await phone.page.click('.side.find');
  await phone.page.fill('[type=search]', '<img');
  await phone.order([1]);
  assert.equal(await phone.row(1).locator('mark').innerText(), '<img');
  const board = await browser.board(booth);
  await board.locator('h1', { hasText: '<i>주막</i>' }).waitFor();
  for (const page of [phone.page, board]) {
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.equal(await page.locator('img, i, .row script').count(), 0);
  }
});

test('after the page at most a script and a style are fetched, then one stream', async () => {
  const { page } = await browser.phone(booth);
  const board = await browser.board(booth);
  for (const [of, expected] of [
    [page, ['/', '/api/v1/stream', '/staff.css', '/staff.js']],
    [board, ['/api/v1/board/stream', '/board', '/board.css', '/board.js']],
  ]) {
    const asked = [];
    const alive = /^\/(api\/v1\/session|healthz)$/;
    of.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await of.reload();
    await waitFor(() => asked.length > expected.length, { what: 'all of it, and a question' });
    const own = asked.filter((path) => !alive.test(path)).map((path) => path.replace(/-[0-9a-f]{12}/, ''));
    assert.deepEqual(own.sort(), expected);
  }
});

test('a fault of the machine is one quiet line, as long as it lasts', async () => {
  const phone = await browser.phone(booth, { width: 320, height: 640, stage: stage({ warnings: ['under_voltage', 'hot', 'of_a_newer_booth'] }, true) });
  const line = phone.page.locator('.warnings');
  await line.waitFor();
  assert.equal((await line.innerText()).trim(), '부스 상자의 전원이 약해요. 케이블이나 보조 배터리를 바꾸세요. 부스 상자가 뜨거워요.');
  assert.equal(await phone.page.locator('.alert').count(), 0);
  await picture(phone.page, 'warnings');
  await fits(phone.page, 'warnings');
  await phone.page.evaluate(() => localStorage.setItem('stage', JSON.stringify({ warnings: [] })));
  await staff.intake('paused'); // the next status
  await line.waitFor({ state: 'detached' });
});
