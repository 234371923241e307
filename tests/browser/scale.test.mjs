// Two thousand parties and fifty changes a second: the page keeps a part of the list in the document, answers the
// finger between two frames, and what somebody looks at, has under the finger or the focus on stays where it is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from '../lib/test.mjs';
import { Browser, drawn, countChanges, startBooth } from '../lib/browser.mjs';
import { pause, waitFor } from '../lib/wait.mjs';
import { clean } from './drawn.mjs';

const PARTIES = 2000;
const BURST = { changes: 150, every_ms: 20 };
/** A phone is slower than what tests run on. */
const SLOWER = 2;
/** The longest that a finger may wait, in pieces of work of watchTasks(): 100 ms where nothing else runs. */
const TASK_PIECES = 16;
/** Shorter tasks the browser does not tell of; nobody feels twice as much. */
const UNNOTICED_MS = 100;
/** What holds up the machine adds to a task and never takes away: the quietest of these is the page's own. */
const ROUNDS = 5;
/** As many rows as a phone shows, as many again on either side, and one that has the focus. */
const ROWS = 45;

let browser;
let booth;
let staff;
let phone;
let page;
const ids = [null];
before(async () => {
  booth = await startBooth();
  staff = await booth.signIn('manager', '준', { connections: 32 });
  const guests = Array.from({ length: PARTIES }, (_, i) => ({ party_size: 1 + (i % 8), name: `손님 ${i + 1}` }));
  const issue = async () => {
    for (let guest; (guest = guests.shift()); ) {
      const { ticket } = await staff.issue(guest, { contract: false });
      ids[Number(ticket.number)] = ticket.id;
    }
  };
  await Promise.all(Array.from({ length: 32 }, issue));
  browser = await Browser.open();
  phone = await browser.phone(booth);
  page = phone.page;
  await phone.row(1).waitFor();
});
after(async () => {
  await browser?.close();
  await booth?.stop();
});

// In the page: every task of more than 50 ms; and how long a piece of work takes, again and again.
function watchTasks() {
  const piece = () => {
    const began = performance.now();
    for (let i = 0, sum = 0; i < 1e6; i++) sum += Math.sqrt(i + sum);
    return performance.now() - began;
  };
  window.tasks = [];
  window.pieces = [];
  new PerformanceObserver((list) =>
    window.tasks.push(...list.getEntries().map(({ duration }) => Math.round(duration))),
  ).observe({ entryTypes: ['longtask'] });
  setInterval(() => window.pieces.push(piece()), 200);
}

// What was seen since the last time.
function takeTasks() {
  const { tasks, pieces } = window;
  window.tasks = [];
  window.pieces = [];
  return { tasks, pieces };
}

const scrollTo = async (y) => {
  await page.evaluate((top) => (document.querySelector('.ticket-list').scrollTop = top), y);
  await page.waitForFunction(() => {
    const { top, bottom } = document.querySelector('.ticket-list').getBoundingClientRect();
    const rows = [...document.querySelectorAll('.row[data-id]')].map((row) => row.getBoundingClientRect());
    return rows.some((row) => row.top <= top + 1) && rows.some((row) => row.bottom >= bottom);
  });
};
const rowsThere = () => page.locator('.row[data-id]').count();
const middle = () =>
  page.evaluate(() => {
    const { left, top, height } = document.querySelector('.ticket-list').getBoundingClientRect();
    return document.elementFromPoint(left + 200, top + height / 2).closest('.row').querySelector('.number').textContent;
  });
const yOf = async (number) => (await phone.row(number).boundingBox()).y;
const focused = () => page.evaluate(() => document.activeElement.closest('.row')?.querySelector('.number').textContent);

/** Changes all over the list: edits, moves, calls, new guests. */
async function burst({ changes, every_ms }, from = 1) {
  const asked = [];
  for (let i = 0; i < changes; i++) {
    const id = ids[from + ((i * 37) % 1200)];
    const kinds = [
      () => staff.edit(id, { name: `바뀐 손님 ${i}` }),
      () => staff.act(id, 'requeue', { after: 300 + i }),
      () => staff.callNext({}),
      () => staff.issue({ party_size: 2 }),
      () => staff.edit(id, { party_size: 1 + (i % 9) }),
    ];
    asked.push(kinds[i % kinds.length]());
    await pause(every_ms);
  }
  await Promise.all(asked);
}
const shownAll = async () => {
  const { tickets } = await staff.queue();
  const waiting = tickets.filter(({ state }) => state === 'waiting').length;
  await waitFor(async () => (await phone.count('waiting')) === String(waiting), { what: `${waiting} waiting` });
};

describe('two thousand waiting', { concurrency: 1 }, () => {
  test('the page renders a part of them, and says which; search finds all', async () => {
    assert.equal(await phone.count('waiting'), String(PARTIES));
    assert.ok((await rowsThere()) <= ROWS, `${await rowsThere()} rows`);
    const place = (row) => Promise.all(['aria-posinset', 'aria-setsize'].map((name) => row.getAttribute(name)));
    assert.deepEqual(await place(page.locator('.row[data-id]').first()), ['1', String(PARTIES)]);
    await scrollTo(60_000);
    assert.ok((await rowsThere()) <= ROWS, `${await rowsThere()} rows`);
    const number = await middle();
    assert.deepEqual(await place(phone.row(number)), [number, String(PARTIES)]);
    await clean('in the middle of the list', page);
    await page.click('.side.find');
    await page.fill('[type=search]', '1987');
    await phone.order([1987]);
    await page.locator('.main-actions .btn').last().click();
    await page.locator('.action-bar .call').waitFor();
  });

  test('Tab goes from row to row in the order of the list, without end', async () => {
    await phone.row(1).locator('.head').focus();
    const press = async (key) => {
      await page.keyboard.press(key);
      await drawn(page); // nobody presses it twice in a frame
    };
    for (let number = 1; number <= 70; number++) {
      assert.equal(await focused(), String(number));
      await press('Tab');
    }
    for (let number = 71; number >= 40; number--) {
      assert.equal(await focused(), String(number));
      await press('Shift+Tab');
    }
  });

  test('while others change the list, the visible rows and the focus stay', async () => {
    await scrollTo(60_000);
    const number = await middle();
    const y = await yOf(number);
    const far = String(Number(number) - 300);
    for (let i = 0; i < 5; i++) await staff.callNext({});
    await staff.edit(ids[Number(number) - 9], { note: '한 줄이 더 생긴다 '.repeat(9) });
    await staff.act(ids[Number(number) - 7], 'cancel');
    await shownAll();
    assert.ok(Math.abs((await yOf(number)) - y) <= 1, `moved by ${(await yOf(number)) - y}`);

    await phone.row(number).locator('.head').focus();
    await scrollTo(0);
    await staff.act(ids[Number(far)], 'cancel');
    await shownAll();
    assert.equal(await focused(), number, 'out of view, not out of the document');
    await staff.act(ids[Number(number)], 'cancel');
    await shownAll();
    assert.ok(await focused(), 'some row has it');
  });

  test('a row under a finger is not moved by a burst', async () => {
    await scrollTo(30_000);
    const number = await middle();
    const box = await phone.row(number).boundingBox();
    await page.mouse.move(box.x + 100, box.y + 20);
    await page.mouse.down();
    const heard = await countChanges(page);
    await burst({ changes: 25, every_ms: 10 });
    await heard(25);
    assert.equal(await yOf(number), box.y);
    await page.mouse.up();
    await phone.row(number).locator('.head[aria-expanded=true]').waitFor();
    await shownAll();
    assert.ok(Math.abs((await yOf(number)) - box.y) <= 1, 'nor when it is gone');
    await phone.row(number).locator('.head').click();
  });

  test('fifty changes a second, and no long task', async (t) => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.evaluate(watchTasks);
    await scrollTo(30_000);
    let noticed;
    for (let round = 0; round < ROUNDS && noticed !== 0; round++) {
      await burst(BURST, 40 + round * BURST.changes);
      await shownAll();
      const { tasks, pieces } = await page.evaluate(takeTasks);
      assert.ok(pieces.length > 0);
      pieces.sort((a, b) => a - b);
      const limit = Math.max(UNNOTICED_MS, TASK_PIECES * pieces[Math.floor(pieces.length * 0.9)]);
      t.diagnostic(`tasks over 50 ms: ${tasks.join(' ') || 'none'}; limit ${Math.round(limit)} ms`);
      noticed = tasks.filter((task) => task > limit).length;
    }
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    assert.equal(noticed, 0);
  });

  test('the list of done tickets says that it is incomplete', async () => {
    const { tickets } = await staff.queue();
    const waiting = tickets.filter(({ state }) => state === 'waiting');
    await Promise.all(waiting.slice(0, 60).map(({ id }) => staff.act(id, 'seat')));
    await page.reload();
    await phone.tab('done');
    await page.locator('.hint', { hasText: '마지막 50팀이에요.' }).waitFor();
    assert.equal(await phone.count('done'), '50+');
    await clean('the last fifty', page);
  });
});
