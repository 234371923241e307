// A board that nobody looks after: the booth goes away and comes back, as another, with another page; a night goes by.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from '../lib/test.mjs';
import { Browser, within } from '../lib/browser.mjs';
import { waitFor } from '../lib/wait.mjs';
import { atBooth, flashes, listening, tones } from './boards.mjs';

let browser;
before(async () => {
  browser = await Browser.open();
});
after(async () => {
  await browser?.close();
});
const test = (name, work) => it(name, atBooth(() => browser, work));
const lost = (page) => page.locator('header .lost').waitFor();
const live = (page) => page.locator('header .lost').waitFor({ state: 'detached' });
const counted = (page) => {
  const seen = { loads: 0 };
  page.on('load', () => seen.loads++);
  return seen;
};

// The folder of pages as a new version has it: another script and style, under the names of their content.
function newerPages(booth) {
  const from = booth.options.set.web_dir;
  const to = path.join(booth.dir, 'newer');
  fs.mkdirSync(to);
  let html = fs.readFileSync(path.join(from, 'board.html'), 'utf8');
  for (const name of html.match(/board[\w-]*\.(js|css)/g)) {
    const content = `${fs.readFileSync(path.join(from, name), 'utf8')}\n/* newer */\n`;
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const renamed = name.replace(/-[0-9a-f]+\./, `-${hash}.`);
    assert.notEqual(renamed, name);
    fs.writeFileSync(path.join(to, renamed), content);
    html = html.replace(name, renamed);
  }
  fs.writeFileSync(path.join(to, 'board.html'), html);
  fs.copyFileSync(path.join(from, 'index.html'), path.join(to, 'index.html'));
  return { to, script: /\/(board-[\w-]+\.js)/.exec(html)[1] };
}

// At once: most of their time is waiting.
describe('a board on its own', { concurrency: 3 }, () => {
  test('a restart: the same page stays, and only later calls are new, once, on every board', async ({ booth, open, call, calling }) => {
    const boards = [await open({ stage: listening }), await open({ stage: listening })];
    const loads = boards.map(counted);
    for (const board of boards) {
      await board.click('.sound');
      await board.locator('.sound').waitFor({ state: 'detached' });
    }
    await call(1);
    for (const board of boards) await calling(board, 1);
    await booth.restart();
    for (const board of boards) {
      await live(board);
      await calling(board, 1);
      assert.equal(await tones(board), 2);
    }
    await booth.halt();
    for (const board of boards) await lost(board);
    await booth.launch();
    await call(2);
    for (const board of boards) {
      await calling(board, 2);
      assert.equal(await flashes(board), 1, 'nobody has seen it');
      assert.equal(await tones(board), 4);
      await board.reload();
      await calling(board, 2);
      assert.equal(await flashes(board), 0, 'a page that is reloaded looks for the first time');
    }
    assert.deepEqual(loads, [{ loads: 1 }, { loads: 1 }]);
  });

  test('another epoch: its numbers are not new, the next call is', async ({ booth, open, begin, call, calling }) => {
    const board = await open();
    await board.locator('.idle').waitFor();
    await call(1);
    await calling(board, 1);
    assert.equal(await flashes(board), 1);
    await booth.halt();
    for (const name of fs.readdirSync(booth.state).filter((each) => /^booth\.db/.test(each)))
      fs.rmSync(path.join(booth.state, name));
    fs.rmSync(path.join(booth.state, 'snapshots'), { recursive: true, force: true });
    await lost(board);
    await booth.launch();
    await begin();
    await call(1);
    await call(2);
    await calling(board, 2);
    await call(3);
    await calling(board, 3);
    assert.equal(await flashes(board), 1);
  });

  test('a booth that hangs and a network that is gone: it says so within seconds, and reconnects', async ({ booth, open, call, calling }) => {
    const board = await open();
    await call(1);
    await calling(board, 1);
    booth.child.kill('SIGSTOP');
    assert.ok(await within(8, board, 'header .lost', ''));
    assert.equal(await board.locator('header time').count(), 0, 'no clock that looks alive');
    await calling(board, 1);
    booth.child.kill('SIGCONT');
    await live(board);
    assert.equal(await flashes(board), 1);

    await board.context().setOffline(true);
    await lost(board);
    await call(2);
    await board.context().setOffline(false);
    await calling(board, 2);
    await live(board);
    assert.equal(await flashes(board), 1);
  });

  test('a new version of the booth: the board reloads once, and remembers which calls were shown', async ({ booth, open, call, calling }) => {
    const kept = { script: () => void (window.kept = sessionStorage.getItem('seen')), argument: null };
    const board = await open({ stage: kept });
    const seen = counted(board);
    await call(1);
    await calling(board, 1);
    const { to, script } = newerPages(booth);
    booth.options.set.web_dir = to;
    await booth.halt();
    await lost(board);
    await booth.launch();
    await waitFor(() => seen.loads === 1, { what: 'the newer page' });
    await calling(board, 1);
    assert.equal(await board.locator(`script[src="/${script}"]`).count(), 1);
    assert.equal(await flashes(board), 0);
    const { call_seq } = JSON.parse(await board.evaluate(() => window.kept));
    assert.ok(call_seq > 0);
    await call(2);
    await calling(board, 2);
    assert.equal(await flashes(board), 1);

    await board.evaluate((seq) => {
      const epoch = JSON.parse(window.kept).epoch;
      sessionStorage.setItem('seen', JSON.stringify({ epoch, call_seq: seq }));
    }, call_seq);
    await board.reload();
    await calling(board, 2);
    assert.equal(await flashes(board), 1, 'a call between two pages is new to the second');
    await booth.restart();
    await live(board);
    await call(3);
    await calling(board, 3);
    assert.equal(seen.loads, 2, 'the same page again is no reason to load it');
  });

  test('a night: thousands of events and eight hours leave no node, listener or memory behind', async ({ booth, open, call, calling }) => {
    const grab = {
      script: () => {
        const add = EventSource.prototype.addEventListener;
        EventSource.prototype.addEventListener = function listen(name, listener) {
          window.tell = (board) => listener({ data: JSON.stringify(board) });
          add.call(this, name, listener);
        };
      },
      argument: null,
    };
    const board = await open({ stage: grab });
    await board.clock.install();
    await board.reload();
    await call(1);
    await calling(board, 1);
    await board.click('.sound');
    const snapshot = await booth.client().board();
    const devtools = await board.context().newCDPSession(board);
    await devtools.send('Performance.enable');
    const measure = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      const { metrics } = await devtools.send('Performance.getMetrics');
      const of = (name) => metrics.find((metric) => metric.name === name).value;
      return { nodes: of('Nodes'), listeners: of('JSEventListeners'), heap: of('JSHeapUsedSize') };
    };
    // Calls, re-calls, arrivals and missing ones; every hundredth is drawn as a person would see it.
    const busy = (rounds) =>
      board.evaluate(
        ([first, count]) => {
          const ticket = (n) => ({ ...first.calling[0], id: n, number: String(n), call_seq: first.seq + n });
          window.told ??= 0;
          for (let i = 0; i < count; i++) {
            const n = ++window.told;
            const list = (from, length) => Array.from({ length }, (_, k) => ticket(Math.max(1, from - k)));
            window.tell({
              ...first,
              seq: first.seq + n,
              calling: list(n, n % 12),
              recent: list(n - 12, 8),
              missed: list(n - 20, n % 12),
              waiting: n % 1300,
            });
          }
        },
        [snapshot, rounds],
      );
    // The clock leaps by three minutes: each timer that is due in between fires once.
    const night = async (events, hours) => {
      await busy(events);
      for (let i = 0; i < hours * 20; i++) await board.clock.fastForward(180_000);
      await busy(12);
      return measure();
    };
    await night(600, 0.5);
    const evening = await night(600, 0.5);
    const morning = await night(6000, 8);
    assert.ok(morning.nodes <= evening.nodes + 50, JSON.stringify({ evening, morning }));
    assert.ok(morning.listeners <= evening.listeners + 5, JSON.stringify({ evening, morning }));
    assert.ok(morning.heap <= evening.heap + 1_000_000, JSON.stringify({ evening, morning }));
    assert.ok((await board.locator('body *').count()) < 150);
  });
});
