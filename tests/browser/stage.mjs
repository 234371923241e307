// A booth in the middle of its evening, and the way to each state of the staff page.  What a booth alone cannot show
// (an hour of waiting, a hub's answers, a broken disk) is put into the events on their way into the page.
import { startBooth } from '../lib/browser.mjs';
import { appeared } from './drawn.mjs';

const GUESTS = [
  ['서지우', 2],
  ['문가은', 3],
  ['한지민', 2],
  ['Luca Rossi', 5],
  ['강태오', 4],
  ['김나래', 2],
  ['송하윤', 3],
  [null, 2],
  ['오지안', 2, null, '010-2345-5678'],
  ['Emma Schulz', 3],
  ['박지훈', 4],
  ['이서연', 4, '유모차'],
  ['정우진', 2],
  ['Chloé Martin', 3],
  ['최민준', 6, '테이블 붙여 주세요'],
  [null, 2],
  ['정하은', 5],
  ['김도윤', 2],
  ['한소율', 4],
  ['컴공 23학번', 8],
];
const CALLED_S = { 9: 401, 10: 192, 11: 8 };

export async function evening() {
  const booth = await startBooth();
  const staff = await booth.signIn('manager', '민아');
  await staff.settings({ name: '해오름 주막' });
  const ids = [null];
  for (const [name, party_size, note, phone] of GUESTS) {
    const guest = Object.fromEntries(Object.entries({ name, note, phone }).filter(([, value]) => value));
    ids.push((await staff.issue({ party_size, ...guest })).ticket.id);
  }
  for (let number = 1; number <= 11; number++) await staff.act(ids[number], 'call');
  for (const number of [1, 2, 3, 4, 5]) await staff.act(ids[number], 'seat');
  await staff.act(ids[7], 'no-show');
  await staff.act(ids[6], 'cancel');
  await staff.act(ids[8], 'seat');
  await staff.act(ids[9], 'call');
  return { booth, staff, ids };
}

// Runs in the page.  alone: as the booth is without a hub.
function script({ called_s, more, alone }) {
  const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
  const delivery = { 9: 'failed', 10: 'delivered', 11: 'pending' };
  const touch = (ticket) => {
    const number = Number(ticket.number);
    if (number <= 20) ticket.issued_at = ago(60 * (24 - (number - 12) * 2.4));
    if (ticket.state === 'called' && called_s[number])
      Object.assign(ticket, { called_at: ago(called_s[number]), delivery: alone ? null : delivery[number] });
    if (ticket.closed_at) ticket.closed_at = ago(120 + (9 - number) * 300);
    if (!alone && [14, 18].includes(number)) ticket.source = 'hub';
    if (number === 7) ticket.day = new Date(Date.parse(ticket.day) - 86_400_000).toISOString().slice(0, 10);
  };
  const lineTouch = (line) => {
    line.estimate = { low_s: 1500, high_s: 2100 };
  };
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function listen(name, listener) {
    add.call(this, name, (event) => {
      const data = JSON.parse(event.data);
      const part = JSON.parse(localStorage.getItem('stage') ?? '{}');
      (data.tickets ?? [data.ticket]).filter(Boolean).forEach(touch);
      (data.lines ?? [data.line]).filter((line) => line?.gap_s !== undefined).forEach(lineTouch);
      if (data.sync && !alone) data.sync = { state: 'pending', pending: 34, last_ok_at: ago(120), reason: null };
      if ('estimate' in data) data.estimate = { low_s: 1500, high_s: 2100 };
      listener({ data: JSON.stringify({ ...data, ...(data.storage ? { ...more, ...part } : {}) }) });
    });
  };
}
export const stage = (more = {}, alone = false) => ({ script, argument: { called_s: CALLED_S, more, alone } });

// Every state of the page: from one to the next, each with a name.  show(name) looks at what is there now.
export async function walk({ browser, show, ...screen }) {
  const words = screen.language.startsWith('ko')
    ? { pause: '10분 정지', open: '지금 열기', close: '마감', more: '9명 이상', name: '＋ 이름' }
    : { pause: 'Pause 10 min', open: 'Open now', close: 'Close intake', more: '9 or more', name: '+ Name' };
  const { booth, staff, ids } = await evening();
  const phone = await browser.phone(booth, { ...screen, signIn: false, stage: stage() });
  const { page } = phone;
  try {
    const escape = () => page.keyboard.press('Escape');
    await page.locator('h1', { hasText: '해오름 주막' }).waitFor();
    await show('signin', page);
    await phone.signIn();
    await phone.row(20).waitFor();
    await show('waiting', page);
    await phone.row(14).locator('.head').click();
    await show('opened', page);
    await phone.act(14, 'move');
    await show('move', page);
    await escape();
    await phone.act(12, 'edit');
    await show('edit', page);
    await escape();
    await phone.tab('called');
    await show('called', page);
    await phone.row(9).locator('.head').click();
    await show('called-opened', page);
    await phone.tab('done');
    await show('done', page);
    await phone.row(7).locator('.head').click();
    await show('done-opened', page);
    await phone.act(7, 'move');
    await show('bring-back', page);
    await escape();
    await page.click('.recent');
    await page.locator('.event .undo').nth(11).waitFor();
    await show('recent', page);
    await page.locator('.event-ticket', { has: page.locator('.event-number', { hasText: /^9$/ }) }).click();
    await page.locator('.event .undo').first().waitFor();
    await show('history', page);
    await escape();

    await phone.tab('waiting');
    await phone.callNext(12);
    await phone.said(/12/);
    await phone.row(12).waitFor({ state: 'detached' });
    await show('undo', page);
    await page.click('.side.add');
    await show('add', page);
    await phone.button(words.name).click();
    await phone.button(words.more).click();
    await show('add-more', page);
    await escape();

    await phone.settle();
    await page.dispatchEvent('.ticket-list', 'pointerdown');
    await staff.act(ids[13], 'call');
    await page.evaluate(() => document.querySelector('.call').click());
    await page.evaluate(() => window.dispatchEvent(new PointerEvent('pointerup')));
    await phone.said(/이미 호출됨|Already called/);
    await show('conflict', page);

    await page.click('.booth');
    await show('intake', page);
    await phone.button(words.pause).click();
    await page.locator('.alert').waitFor();
    await show('paused', page);
    await phone.button(words.open).click();
    await page.locator('.alert').waitFor({ state: 'detached' });
    await page.click('.booth');
    await phone.button(words.close).click();
    await page.locator('.alert').waitFor();
    await show('closed', page);
    await phone.button(words.open).click();
    await page.locator('.alert').waitFor({ state: 'detached' });
    await page.click('.connection');
    await show('path', page);
    await escape();

    await page.click('.side.find');
    await show('search-empty', page);
    await page.fill('[type=search]', '1');
    await show('search', page);
    await page.keyboard.press('Escape');
    await phone.tab('waiting');

    await page.evaluate(() =>
      localStorage.setItem(
        'stage',
        JSON.stringify({
          storage: { ok: false },
          clock: { trusted: false },
          warnings: ['under_voltage', 'hot'],
          banner: { code: 'restored', detail: '' },
          sync: { state: 'stuck', pending: 210, last_ok_at: null, reason: 'credentials' },
          message: { at: '2026-09-11T10:03:07.250Z', text: '불꽃놀이가 20:30으로 늦춰졌어요. 그 전에 새 손님을 받지 마세요.' },
        }),
      ),
    );
    await page.reload();
    await page.locator('.alert.severe').first().waitFor();
    await show('notes', page);
    await page.evaluate(() => localStorage.removeItem('stage'));
    await staff.settings({
      lines: [
        { id: 'a', name: '2인석', prefix: 'A' },
        { id: 'b', name: '단체', prefix: '가' },
        { id: 'c', name: '포장', prefix: 'P' },
      ],
    });
    for (let i = 0; i < 7; i++) await staff.issue({ party_size: 3, line: 'abc'[i % 3] });
    await page.reload();
    await page.locator('.chips').waitFor();
    await show('lines', page);
    await page.click('.side.add');
    await show('add-lines', page);
    await escape();
    booth.child.kill('SIGSTOP');
    await page.locator('.alert').waitFor();
    await phone.settle();
    await page.click('.call');
    await page.click('.side.add');
    await page.locator('.sizes button').nth(1).click();
    await page.locator('.row .saving').last().waitFor();
    await appeared(page);
    await show('lost', page);
    booth.child.kill('SIGCONT');
  } finally {
    booth.child.kill('SIGCONT');
    await booth.stop();
    await page.context().close();
  }
}

// The booth is away for a while, then a phone finds what was not saved; then it comes to another booth.
export async function walkAway({ browser, show, ...screen }) {
  const { booth, staff, ids } = await evening();
  const phone = await browser.phone(booth, { ...screen, stage: stage({}, true) });
  const { page } = phone;
  let other;
  try {
    const offline = (lost) => page.context().setOffline(lost);
    const add = async (size) => {
      const before = await phone.row('–').count();
      await page.click('.side.add');
      await page.locator('.sizes button').nth(size - 1).click();
      await phone.row('–').nth(before).waitFor();
    };
    await phone.row(20).waitFor();
    await offline(true);
    await page.locator('.alert').waitFor();
    await show('offline', page);
    await phone.callNext(12);
    await phone.act(13, 'call');
    await phone.row(13).locator('.head').click();
    await phone.act(13, 'seat');
    await phone.act(16, 'edit');
    await page.fill('[name=note]', '창가 자리');
    await page.locator('.sheet .primary').click();
    await add(4);
    await page.locator('.ticket-list').evaluate((list) => list.scrollTo(0, 0));
    await appeared(page);
    await show('saving', page);
    await phone.row('–').locator('.head').click();
    await appeared(page);
    await show('saving-opened', page);
    await phone.row('–').locator('[data-action=call]').click();
    await add(2);

    await staff.act(ids[13], 'call');
    await staff.edit(ids[16], { party_size: 3 });
    await staff.intake('closed');
    await offline(false);
    await page.locator('.alert.severe').waitFor();
    await show('refused-note', page);
    await page.locator('.alert.severe button').click();
    await show('refused', page);
    await page.keyboard.press('Escape');

    await offline(true);
    await page.locator('.alert', { hasText: /부스와 끊겼어요|Lost the booth/ }).waitFor();
    await phone.act(14, 'call');
    await phone.act(15, 'cancel');
    await booth.halt();
    other = await startBooth({ port: booth.address.port });
    const strange = await other.signIn('manager', '준');
    await strange.settings({ name: '달빛 주막' });
    for (const size of [2, 4, 3]) await strange.issue({ party_size: size });
    await offline(false);
    await page.locator('.sign-in').waitFor();
    await phone.signIn();
    await page.locator('.alert:not(.severe) button').waitFor();
    await show('other-booth-note', page);
    await page.locator('.alert:not(.severe) button').click();
    await show('other-booth', page);
  } finally {
    await page.context().close();
    await other?.stop();
    await booth.stop();
  }
}
