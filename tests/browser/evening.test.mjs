// The whole evening on two phones and a board, with the button beside them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from '../lib/test.mjs';
import { Browser, startBooth, within } from '../lib/browser.mjs';
import { expect } from '../lib/http.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

let booth;
let browser;
let mina;
let jun;
let board;
before(async () => {
  booth = await startBooth();
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
  await booth?.stop();
});
const both = (act) => Promise.all([act(mina), act(jun)]);
const calling = (number) => board.locator('.number', { hasText: new RegExp(`^${number}(번)?$`) }).waitFor();

describe('a whole evening', () => {
  test('signing in: a wrong PIN says so, the right one opens the list', async () => {
    mina = await browser.phone(booth, { name: '민아', signIn: false });
    await mina.page.fill('[name=pin]', '9999');
    await mina.page.fill('[name=device]', '민아');
    await mina.page.click('.submit');
    await mina.page.locator('.error', { hasText: 'PIN이 달라요' }).waitFor();
    await mina.signIn();
    jun = await browser.phone(booth, { name: 'Jun', language: 'en-US' });
    board = await browser.board(booth);
    await jun.page.locator('.row', { hasText: 'The first number.' }).waitFor();
    assert.equal(await jun.page.getAttribute('.call', 'aria-disabled'), 'true');
  });

  test('intake is closed and opened from a phone, seen on the other and on the board', async () => {
    await mina.page.click('.booth');
    await mina.button('마감').click();
    await jun.page.locator('.alert', { hasText: 'Intake is closed.' }).waitFor();
    await board.locator('header', { hasText: '접수 마감' }).waitFor();
    await jun.page.locator('.alert').getByText('Open now').click();
    await mina.page.locator('.alert').waitFor({ state: 'detached' });
    await board.locator('header', { hasText: '접수 중' }).waitFor();
  });

  test('thirty tickets, one tap each, from both phones at once', async () => {
    await both(async (phone) => {
      for (let i = 0; i < 15; i++) await phone.add(1 + (i % 8));
    });
    await both((phone) => phone.order(Array.from({ length: 30 }, (_, i) => i + 1)));
    await both(async (phone) => assert.equal(await phone.count('waiting'), '30'));
    await board.locator('.total b', { hasText: '30' }).waitFor();
  });

  test('call next: on both phones, huge on the board, and it flashes there once', async () => {
    await mina.callNext(1);
    await Promise.all([mina.said('1번 호출함'), jun.see(1, 'called'), calling(1)]);
    assert.equal(await board.locator('.now.new').count(), 1);
    await mina.undo(); // offered for eight seconds, so not much comes before it
    await both((phone) => phone.see(1, 'waiting'));
    await mina.callNext(1);
    await calling(1);
    await both((phone) => phone.see(1, 'called'));
    await both((phone) => phone.tab('waiting'));
  });

  test('two phones press for the same guest: called once, the other is told who was first', async () => {
    await jun.tab('waiting');
    await jun.page.waitForFunction(() => document.querySelector('.call b').textContent === '#2');
    await jun.settle();
    await jun.page.dispatchEvent('.ticket-list', 'pointerdown');
    await mina.callNext(2);
    await calling(2);
    await jun.page.evaluate(() => document.querySelector('.call').click());
    await jun.page.evaluate(() => window.dispatchEvent(new PointerEvent('pointerup')));
    await jun.said(/Already called · 민아, (just now|\d+ s ago)/);
    await jun.page.locator('.notice button', { hasText: 'Show 2' }).click();
    await jun.see(2, 'called');
    await jun.tab('waiting');
    assert.equal(await mina.count('called'), '2');
    await jun.callNext(3);
    await calling(3);
  });

  test('call a specific one, call again, arrived, missing, put back; each undone', async () => {
    await mina.tab('waiting');
    await mina.act(9, 'call');
    await calling(9);
    await mina.undo();
    await mina.see(9, 'waiting');
    await calling(3);
    assert.equal(await board.locator('.now.new').count(), 0, 'an older call that comes forward again is no news');

    await mina.tab('called');
    await mina.act(2, 'recall');
    await calling(2);
    await mina.row(2).locator('small', { hasText: '2회 호출' }).waitFor();

    await mina.act(2, 'seat');
    await jun.see(2, 'seated');
    await jun.row(2).locator('.undo').click();
    await jun.see(2, 'called');
    await mina.act(2, 'seat');
    await mina.see(2, 'seated');

    await mina.tab('called');
    await mina.act(3, 'no-show');
    await mina.undo();
    await mina.see(3, 'called');
    await mina.act(3, 'no-show');
    await board.locator('.missed li', { hasText: /^3$/ }).waitFor();

    await mina.see(3, 'no_show');
    await mina.act(3, 'move');
    await mina.button('앞에 2팀').click();
    await mina.see(3, 'waiting');
    assert.deepEqual((await mina.numbers()).slice(0, 4), ['4', '5', '3', '6']);
    await mina.undo();
    await mina.see(3, 'no_show');
    await mina.act(3, 'move');
    await mina.button('원래 자리').click();
    await mina.see(3, 'waiting');
    await mina.row(3).locator('small', { hasText: '불렀다 돌아온 팀' }).waitFor();
    await jun.tab('waiting');
    await jun.callNext(4);
    await calling(4);
  });

  test('postpone, to the front, cancel, edit, phoned', async () => {
    await jun.tab('waiting');
    await jun.order([3, ...Array.from({ length: 26 }, (_, i) => i + 5)]);
    await jun.act(5, 'move');
    await jun.button('2 later').click();
    await jun.order([3, 6, 7, 5, ...Array.from({ length: 23 }, (_, i) => i + 8)]);
    await jun.undo();
    await jun.order([3, ...Array.from({ length: 26 }, (_, i) => i + 5)]);
    await jun.act(30, 'move');
    await jun.button('Front').click();
    await jun.order([30, 3, ...Array.from({ length: 25 }, (_, i) => i + 5)]);

    await mina.tab('waiting');
    await mina.act(29, 'cancel');
    await mina.see(29, 'cancelled');
    await mina.undo();
    await mina.see(29, 'waiting');

    await mina.act(29, 'edit');
    await mina.page.fill('.stepper input', '12');
    await mina.page.fill('.sheet [name=name]', '컴공 23학번');
    await mina.page.fill('.sheet [name=phone]', '010-2345-5678');
    await mina.button('저장').click();
    await jun
      .row(29)
      .locator('.guest', { hasText: /12.*컴공 23학번/ })
      .waitFor();

    await jun.page.click('.side.find');
    await jun.page.fill('[type=search]', '5678');
    await jun.order([29]);
    await jun.row(29).locator('.head').click();
    assert.equal(await jun.row(29).locator('a.tel').getAttribute('href'), 'tel:01023455678');
    await jun.page.keyboard.press('Escape');
    await jun.page.locator('.main-actions .btn', { hasText: 'Close' }).click();

    await mina.tab('called');
    await mina.act(4, 'phoned');
    await jun.tab('called');
    await jun.row(4).locator('small', { hasText: 'Phoned' }).waitFor();
  });

  test('commands of the button and the terminal appear like those of a phone', async () => {
    await pause(2000); // so soon after a call on its line the button would take the press for the same wish
    await booth.ctlOk('panel', 'press', '100ms');
    await calling(30);
    await both((phone) => phone.see(30, 'called'));
    const queue = await booth.ctlJson('queue');
    assert.equal(
      queue.tickets.filter((ticket) => ticket.state === 'called').length,
      Number(await mina.count('called')),
    );
  });

  test('a pause with its end, and an early one', async () => {
    await mina.page.click('.booth');
    await mina.button('10분 정지').click();
    await mina.page.locator('.alert', { hasText: /10분 뒤\(\d\d:\d\d\) 열려요/ }).waitFor();
    await jun.page.locator('.alert', { hasText: 'Opens in 10 min' }).waitFor();
    await mina.button('10분 더').click();
    await jun.page.locator('.alert', { hasText: 'Opens in 20 min' }).waitFor();
    await mina.button('지금 열기').click();
    await jun.page.locator('.alert').waitFor({ state: 'detached' });
  });

  test('closed for the night: the board says so, waiting guests are still called', async () => {
    await mina.page.click('.booth');
    await mina.button('마감').click();
    await board.locator('header', { hasText: '접수 마감' }).waitFor();
    await mina.tab('waiting');
    await mina.callNext(3);
    await calling(3);
  });

  test('the day is exported to a file', async () => {
    const manager = await booth.signIn('manager');
    const { day } = await manager.queue();
    const csv = await manager.get(`/api/v1/days/${day}/export.csv`);
    expect({ ...csv, json: null }, 200);
    assert.equal(csv.text.trim().split('\r\n').length, 31);
  });

  test('stopped and started again: screens notice, come back, and everything is there', async () => {
    const before = await mina.numbers();
    await booth.halt();
    const noticed = await Promise.all([
      ...[mina, jun].map(({ page }) => within(3, page, '.alert', '부스와 끊겼어요|Lost the booth')),
      within(3, board, 'header .lost', ''),
    ]);
    assert.deepEqual(noticed, [true, true, true]);
    assert.deepEqual(await mina.numbers(), before, 'the last list stays readable');
    await booth.launch();
    await both((phone) => phone.page.locator('.connection .ok').first().waitFor());
    await board.locator('header .lost').waitFor({ state: 'detached' });
    await mina.order(before);
    await calling(3);
    assert.equal(await mina.count('called'), await jun.count('called'));
    await waitFor(async () => (await booth.ctlJson('queue')).intake.state === 'closed');
  });
});
