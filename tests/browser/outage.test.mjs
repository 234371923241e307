// The booth's Wi-Fi drops out, the booth is restarted, the tab is closed: nothing that was pressed is lost, done twice
// or done out of order, and what cannot be done any more says why.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from '../lib/test.mjs';
import { Browser, startBooth, within } from '../lib/browser.mjs';
import { pause, waitFor } from '../lib/wait.mjs';

const LOST = '부스와 끊겼어요|Lost the booth';
const STALL_MS = 10_000;

let browser;
before(async () => {
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});

// A booth with guests, a phone that looks at it, and all commands that leave the phone.
async function evening(t, guests, { name = '민아', ...more } = {}) {
  const booth = await startBooth();
  t.after(async () => {
    booth.child.kill('SIGCONT');
    await booth.stop();
  });
  const staff = await booth.signIn('manager', '준');
  const ids = [null];
  for (let i = 0; i < guests; i++) ids.push((await staff.issue({ party_size: 2 })).ticket.id);
  const phone = await browser.phone(booth, { name, ...more });
  t.after(() => phone.page.context().close());
  if (guests) await phone.row(guests).waitFor();
  const sent = [];
  phone.page.context().on('request', (request) => {
    const key = request.headers()['idempotency-key'];
    if (key) sent.push({ key, path: new URL(request.url()).pathname.replace('/api/v1/', '') });
  });
  const lose = async (lost = true) => {
    await phone.page.context().setOffline(lost);
    const note = phone.page.locator('.alert', { hasText: new RegExp(LOST) });
    await note.waitFor({ state: lost ? 'visible' : 'detached' });
  };
  return { booth, staff, ids, phone, sent, lose };
}

// A guest for whom the booth has no number yet.
async function add(phone, size) {
  const before = await phone.row('–').count();
  await phone.page.click('.side.add');
  await phone.page
    .locator('.sizes button')
    .nth(size - 1)
    .click();
  await waitFor(async () => (await phone.row('–').count()) > before, { what: 'the new row' });
}
const newest = (phone) => phone.row('–').last();
async function actNew(phone, action) {
  const button = newest(phone).locator(`[data-action="${action}"]`);
  if (!(await button.count())) await newest(phone).locator('.head').click();
  await button.click();
}
// Sends what the page wanted to send.
async function forward(booth, request) {
  const { pathname } = new URL(request.url());
  const options = { ...booth.address, path: pathname, method: request.method(), headers: await request.allHeaders() };
  const asked = http.request(options).end(request.postData());
  const [answer] = await once(asked, 'response');
  answer.resume();
}
// What the booth did, in its order.
const journal = (booth) =>
  booth
    .query('SELECT text FROM event ORDER BY id')
    .map(({ text }) => JSON.parse(text))
    .map(({ type, ticket }) => `${type.replace('ticket.', '')} ${ticket?.number ?? ''}`.trim());

describe('the booth is out of reach', { concurrency: 3 }, () => {
  test('work goes on, also for guests without a number, through a restart of the booth and a closed tab', async (t) => {
    const { booth, staff, ids, phone, sent, lose } = await evening(t, 5);
    const { page } = phone;
    assert.equal(await page.evaluate(() => isSecureContext), false);
    const { seq } = await staff.queue();
    await page.context().setOffline(true);
    assert.ok(await within(3, page, '.alert', LOST));

    await phone.callNext(1);
    await phone.row(1).locator('small', { hasText: '호출 저장 중…' }).waitFor();
    await phone.said('1번 호출, 이 폰에 저장함');
    await add(phone, 4);
    await newest(phone).locator('small', { hasText: '접수 저장 중…' }).waitFor();
    await actNew(phone, 'call');
    await newest(phone).locator('small', { hasText: '호출 저장 중…' }).waitFor();
    await newest(phone).locator('.head').click();
    await actNew(phone, 'edit');
    await page.fill('[name=name]', '김도윤');
    await page.locator('.stepper button').last().click();
    await page.locator('.sheet .primary').click();
    await newest(phone).locator('.name', { hasText: '김도윤' }).waitFor();
    await phone.act(3, 'cancel');
    await add(phone, 7);
    await actNew(phone, 'cancel');
    await page.locator('.alert', { hasText: '7건' }).waitFor();
    assert.deepEqual(sent, [], 'nothing is sent into the void');

    await booth.restart();
    await phone.page.context().setOffline(false);
    await phone.reopen();
    await phone.row(4).waitFor();
    await waitFor(async () => (await staff.queue()).seq >= seq + 8, { what: 'the replay' });
    await phone.see(6, 'called');
    assert.match(await phone.row(6).innerText(), /5명 김도윤/);
    await phone.see(7, 'cancelled');
    await phone.see(3, 'cancelled');
    assert.deepEqual(journal(booth).slice(seq).filter((event) => event !== 'booth.started'), [
      'called 1',
      'issued 6',
      'called 6',
      'edited 6',
      'cancelled 3',
      'issued 7',
      'cancelled 7',
    ]);
    const once = [...new Map(sent.map(({ key, path }) => [key, path])).values()]; // without an answer it leaves again
    assert.deepEqual(
      once.map((path) => path.replace(/\d+/, (id) => (ids.includes(Number(id)) ? ids.indexOf(Number(id)) : 'new'))),
      [
        'tickets/1/call',
        'tickets',
        'tickets/new/call',
        'tickets/new',
        'tickets/3/cancel',
        'tickets',
        'tickets/new/cancel',
      ],
    );
  });

  test('the last list is shown while the booth does not answer', async (t) => {
    const { phone } = await evening(t, 3);
    const kept = () =>
      phone.page.evaluate(
        () =>
          new Promise((resolve) => {
            indexedDB.open('boothd').onsuccess = ({ target: { result } }) => {
              result.transaction('list').objectStore('list').getAll().onsuccess = ({ target }) =>
                resolve(target.result[0]?.tickets.length);
            };
          }),
      );
    await waitFor(async () => (await kept()) === 3);
    await phone.page.context().route('**/api/v1/**', (route) => route.abort());
    await phone.reopen();
    await phone.order([1, 2, 3]);
    await phone.act(2, 'call');
    await phone.row(2).locator('small', { hasText: '호출 저장 중…' }).waitFor();
    await phone.page.context().unroute('**/api/v1/**');
    await phone.see(2, 'called');
    await phone.page.click('.connection');
    await phone.button('로그아웃').click();
    await phone.page.locator('.sign-in').waitFor();
    await waitFor(async () => (await kept()) === undefined, { what: 'the guests to leave the phone' });
  });

  test('a booth that stalls for ten seconds does everything once', async (t) => {
    const { booth, staff, ids, phone, sent } = await evening(t, 3);
    const { seq } = await staff.queue();
    await phone.settle();
    booth.child.kill('SIGSTOP');
    await phone.callNext(1);
    await add(phone, 3);
    await actNew(phone, 'seat');
    await phone.page.locator('.alert', { hasText: '3건' }).waitFor();
    await pause(STALL_MS);
    booth.child.kill('SIGCONT');
    await phone.page.locator('.alert').waitFor({ state: 'detached' });
    await phone.see(4, 'seated');
    assert.deepEqual(journal(booth).slice(seq), ['called 1', 'issued 4', 'seated 4']);
    assert.equal((await staff.ticket(ids[1])).calls, 1);
    assert.equal(new Set(sent.map(({ key }) => key)).size, 3);
    assert.ok(sent.filter(({ key }) => key === sent[0].key).length <= 2, 'no storm');
  });

  test('a command with unknown outcome is repeated with the same key', async (t) => {
    const { booth, staff, phone, sent } = await evening(t, 2);
    const { seq } = await staff.queue();
    let times = 0;
    await phone.page.context().route('**/call-next', async (route) => {
      times++;
      if (times === 1) await forward(booth, route.request()); // done, and nobody hears of it
      if (times > 2) return route.continue();
      const problem = { status: 503, code: 'storage_unavailable', title: '', detail: '', type: 'about:blank' };
      await route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) });
    });
    await phone.callNext(1);
    await phone.see(1, 'called');
    assert.deepEqual(journal(booth).slice(seq), ['called 1']);
    assert.deepEqual([sent.length, new Set(sent.map(({ key }) => key)).size], [3, 1]);
  });

  test('without storage the page goes on and says so', async (t) => {
    const forbid = () => {
      IDBFactory.prototype.open = () => {
        throw new Error('forbidden');
      };
    };
    const { phone, lose } = await evening(t, 2, { stage: { script: forbid } });
    await lose();
    await phone.act(1, 'call');
    await phone.page.locator('.alert', { hasText: '이 창을 닫으면 사라지니' }).waitFor();
    await lose(false);
    await phone.see(1, 'called');
  });

  test('two tabs of a phone: everything once, in order, shown in both', async (t) => {
    const { booth, staff, phone, lose } = await evening(t, 4);
    const { seq } = await staff.queue();
    const page = await phone.page.context().newPage();
    const second = Object.assign(Object.create(Object.getPrototypeOf(phone)), { page, name: '민아' });
    await page.goto(phone.page.url());
    await second.row(4).waitFor();
    await lose();
    await page.locator('.alert').waitFor();
    await phone.act(1, 'call');
    await phone.act(1, 'seat');
    await second.row(1).locator('small', { hasText: '입장 저장 중…' }).waitFor();
    await second.act(2, 'call');
    await second.act(2, 'no-show');
    await phone.row(2).locator('small', { hasText: '부재 저장 중…' }).waitFor();
    await phone.page.close();
    await page.context().setOffline(false);
    await second.see(1, 'seated');
    await second.see(2, 'no_show');
    assert.deepEqual(journal(booth).slice(seq), ['called 1', 'seated 1', 'called 2', 'no_show 2']);
  });

  test('a hidden page closes its stream, still sends, and catches up', async (t) => {
    const watch = () => {
      const streams = [];
      window.streams = () => streams.filter(({ readyState }) => readyState !== EventSource.CLOSED).length;
      const Real = window.EventSource;
      window.EventSource = class extends Real {
        constructor(url) {
          super(url);
          streams.push(this);
        }
      };
    };
    const { booth, staff, ids, phone } = await evening(t, 4, { stage: { script: watch } });
    const { page } = phone;
    const hide = (...hidden) =>
      page.evaluate((values) => {
        for (const value of values) {
          Object.defineProperty(document, 'hidden', { value, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }
      }, hidden);
    await hide(true, false);
    assert.equal(await page.evaluate(() => window.streams()), 1, 'a glance at another app costs nothing');
    await phone.settle();
    booth.child.kill('SIGSTOP');
    await phone.callNext(1);
    await hide(true);
    await page.waitForFunction(() => window.streams() === 0);
    booth.child.kill('SIGCONT');
    await waitFor(async () => (await staff.ticket(ids[1])).state === 'called');
    await staff.act(ids[2], 'call');
    assert.equal(await phone.row(2).count(), 1);
    await hide(false);
    await phone.row(2).waitFor({ state: 'detached' });
    await phone.order([3, 4]);
    assert.equal(await page.evaluate(() => window.streams()), 1);
    assert.equal((await staff.ticket(ids[1])).calls, 1);

    const unseen = () => Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    const behind = await page.context().newPage();
    await behind.addInitScript(unseen);
    await behind.goto(page.url());
    await behind.locator('.action-bar').waitFor();
    await behind.waitForFunction(() => window.streams() === 0);
  });

  test('somebody else signs in and decides whether earlier commands are sent', async (t) => {
    const { staff, ids, phone, lose } = await evening(t, 3);
    await lose();
    await phone.act(1, 'call');
    await phone.act(2, 'cancel');
    await phone.page.click('.connection');
    await phone.page.locator('.facts', { hasText: '2건은 이 폰에 남아요' }).waitFor();
    await phone.button('로그아웃').click();
    await phone.page.locator('.sheet', { hasText: '끊겨서 지금은 로그아웃할 수 없어요' }).waitFor();
    const { devices } = (await staff.get('/api/v1/system/devices')).json;
    await staff.delete(`/api/v1/system/devices/${devices.find(({ name }) => name === '민아').id}`);
    await phone.page.context().setOffline(false);
    await phone.page.locator('.sign-in').waitFor();
    phone.name = '지우';
    await phone.signIn();
    await phone.page.locator('.alert', { hasText: '2건을 보내지 않았어요' }).locator('button').click();
    const sheet = phone.page.locator('.sheet');
    await sheet.locator('li', { hasText: '‘민아’ 이름으로' }).waitFor();
    assert.match(await sheet.innerText(), /1번 호출 .*2번 취소/);
    assert.equal((await staff.ticket(ids[1])).state, 'waiting', 'not by itself');
    await phone.button('지금 이름으로 보내기').click();
    await phone.see(1, 'called');
    await phone.see(2, 'cancelled');
    assert.equal((await staff.ticket(ids[1])).by, '지우');
    await phone.page.locator('.alert').waitFor({ state: 'detached' });
  });
});

const WORDS = {
  'ko-KR': {
    note: '9건이 저장되지 않았어요.',
    list: [
      [/^1번 호출/, /이미 호출됨 · 준 (방금|\d+초 전) 1번은 한 번만 불렀어요\./],
      [/^1번 입장/, /먼저 누른 것\(호출\)이 저장되지 않아서/],
      [/^2번 고치기/, /2번이 그새 바뀌었어요\. 보고 다시 눌러 주세요\./],
      [/^3번 취소/, /그 번호가 더는 없어요\. 목록에서 다시 골라 주세요\./],
      [/^4번 호출/, /이미 취소됨 · 준 (방금|\d+초 전) 이대로 맞으면 두고/],
      [/^접수 · 2명/, /대기가 가득 찼어요\. 먼저 몇 팀을 불러 주세요\./],
      [/^접수 · 3명/, /접수가 닫혀 있어요\. 위에서 접수를 열어 주세요\./],
      [/^새 손님 호출 · 3명/, /먼저 누른 것\(접수\)이 저장되지 않아서/],
      [/^접수 · 4명/, /접수가 닫혀 있어요/],
    ],
    understood: '확인',
    all: '모두 확인',
    again: '다시 접수',
    booth: ['2건을 보내지 않았어요', /‘1번 주막’에서 누름/, /다른 부스의 목록에서 누른 것이라 여기로는 보내지 않아요/, '지우기'],
    restored: [/부스가 복구되기 전에 누름/, /그때 목록과 지금 목록이 달라서/],
  },
  'en-US': {
    note: '9 were not saved.',
    list: [
      [/^Call 1/, /Already called · 준, (just now|now|\d+ s ago).* #1 was called only once\./],
      [/^Seat 1/, /Not sent, because “Call” before it was not saved\./],
      [/^Edit 2/, /#2 has changed\. Look and press again\./],
      [/^Cancel 3/, /That number is gone\. Choose from the list again\./],
      [/^Call 4/, /Already cancelled · 준, .* Leave it if this is right/],
      [/^New guest · 2 people/, /The list is full\. Call some parties first\./],
      [/^New guest · 3 people/, /Intake is closed\. Open it at the top first\./],
      [/^Call new guest · 3 people/, /Not sent, because “New guest” before it/],
      [/^New guest · 4 people/, /Intake is closed/],
    ],
    understood: 'OK',
    all: 'OK to all',
    again: 'Add again',
    booth: ['2 were not sent', /Pressed at “1번 주막”/, /belongs to the list of another booth/, 'Delete'],
    restored: [/before the booth was restored/, /The list has changed since/],
  },
};

describe('refused commands say why', { concurrency: 2 }, () => {
  for (const [language, words] of Object.entries(WORDS)) {
    test(`refused after the outage, kept until it is read (${language})`, async (t) => {
      const { staff, ids, phone, lose } = await evening(t, 5, { language });
      await lose();
      await phone.act(1, 'call');
      await phone.row(1).locator('.head').click();
      await phone.act(1, 'seat');
      await phone.act(2, 'edit');
      await phone.page.locator('.stepper button').last().click();
      await phone.page.locator('.sheet .primary').click();
      await phone.act(3, 'cancel');
      await phone.act(4, 'call');
      await add(phone, 2);
      await add(phone, 3);
      await actNew(phone, 'call');
      await add(phone, 4);
      await phone.act(5, 'call');

      await staff.act(ids[1], 'call');
      await staff.edit(ids[2], { note: '창가' });
      await staff.act(ids[4], 'cancel');
      await staff.intake('closed');
      const problem = (status, code) => ({
        status,
        contentType: 'application/problem+json',
        body: JSON.stringify({ type: 'about:blank', title: '', detail: '', status, code }),
      });
      const context = phone.page.context();
      await context.route(`**/tickets/${ids[3]}/cancel`, (route) => route.fulfill(problem(404, 'not_found')));
      await context.route('**/tickets', (route) => route.fulfill(problem(409, 'queue_full')), { times: 1 });
      await lose(false);
      await phone.page.locator('.alert', { hasText: words.note }).waitFor();
      await phone.see(5, 'called');
      await phone.reopen();
      await phone.page.locator('.alert', { hasText: words.note }).locator('button').click();
      const items = phone.page.locator('.commands li');
      const texts = (await items.allInnerTexts()).map((text) => text.split('\n').filter(Boolean));
      assert.equal(texts.length, words.list.length, JSON.stringify(texts));
      words.list.forEach(([what, why], i) => {
        assert.match(texts[i][0], what);
        assert.match(texts[i][1], /^\d\d:\d\d$/);
        assert.match(texts[i].slice(2).join(' '), why);
      });
      const press = (i, name) => items.nth(i).getByText(name, { exact: true }).click();
      await press(0, words.understood);
      await items.nth(8).waitFor({ state: 'detached' });
      await staff.intake('open');
      await phone.page.waitForFunction(() => !document.querySelector('.alert:not(.severe)'));
      await press(4, words.again);
      await waitFor(async () => (await staff.queue()).tickets.some(({ number }) => number === '6'));
      await items.nth(7).waitFor({ state: 'detached' });
      await phone.page.getByText(words.all, { exact: true }).click();
      await phone.page.locator('.sheet').waitFor({ state: 'detached' });
      await phone.page.locator('.alert').waitFor({ state: 'detached' });
      await phone.reopen();
      await phone.row(6).waitFor();
      assert.equal(await phone.page.locator('.alert').count(), 0, 'read is read');
    });

    test(`another booth never gets the commands (${language})`, async (t) => {
      const { booth, staff, phone, sent, lose } = await evening(t, 3, { language });
      await staff.settings({ name: '1번 주막' });
      await phone.page.locator('.booth', { hasText: '1번 주막' }).waitFor();
      await lose();
      await phone.act(1, 'call');
      await phone.act(2, 'cancel');
      const { port } = booth.address;
      await booth.halt();
      const other = await startBooth({ port });
      t.after(() => other.stop());
      const strange = await other.signIn('manager', '준');
      for (let i = 0; i < 3; i++) await strange.issue({ party_size: 2 });
      await phone.page.context().setOffline(false);
      await phone.page.locator('.sign-in').waitFor();
      await phone.signIn();
      const [note, title, why, remove] = words.booth;
      await phone.page.locator('.alert', { hasText: note }).locator('button').click();
      const item = () => phone.page.locator('.commands li');
      assert.match(await item().innerText(), title);
      assert.match(await item().innerText(), why);
      assert.deepEqual(await phone.numbers(), ['1', '2', '3']);
      assert.equal(await phone.page.locator('small.saving').count(), 0, 'ids of another booth mean nothing here');

      await item().getByText(remove, { exact: true }).click();
      await phone.page.locator('.alert').waitFor({ state: 'detached' });
      await phone.reopen();
      await phone.row(3).waitFor();
      assert.equal(await phone.page.locator('.alert').count(), 0, 'deleted is deleted');

      // the same booth with another history
      await lose();
      await phone.act(3, 'call');
      await other.halt();
      for (const name of fs.readdirSync(other.state))
        if (name.startsWith('booth.db')) fs.rmSync(path.join(other.state, name));
      await other.launch();
      await phone.page.context().setOffline(false);
      await phone.page.locator('.sign-in').waitFor();
      await phone.signIn();
      await phone.page.locator('.alert:not(.severe) button').click();
      for (const said of words.restored) assert.match(await item().innerText(), said);
      assert.deepEqual(sent, []);
    });
  }
});
