// Phones and boards: pages in Debian's Chromium, opened by the booth's name.
import assert from 'node:assert/strict';
import path from 'node:path';
import { Booth, PINS, root } from './boothd.mjs';
import * as chromium from './chromium.mjs';
import { scaled } from './pace.mjs';
import { waitFor } from './wait.mjs';
import { noonZone } from './zone.mjs';

/** The time limit for a page, in milliseconds: it ends a hang and says nothing about speed. */
const HANG_MS = 30_000;
const TEXT_PX = 16;
// Console errors that tests expect: refusals, and a booth out of reach.
const EXPECTED = /Failed to load resource: (the server responded with a status of (401|404|409|412|429|503)|net::ERR_)/;

// A booth that serves the pages of build/web (or BOOTHD_WEB) and keeps its port over restarts, as a box does. port: the
// port of an earlier booth; a phone opens all of them as http://booth.internal.
export async function startBooth({ port = 0 } = {}) {
  const web_dir = path.resolve(root, process.env.BOOTHD_WEB ?? 'build/web');
  const booth = await Booth.start({ set: { web_dir, listen: `127.0.0.1:${port}` } });
  booth.options.set.listen = `127.0.0.1:${booth.address.port}`;
  return booth;
}

export class Browser {
  static async open() {
    return Object.assign(new Browser(), { own: await chromium.open(), complaints: [], contexts: [] });
  }

  // stage: {script, argument}, run before the page's own script; text: the font size in px that the person has chosen in
  // the browser's settings.
  async page(booth, url, { width, height, language = 'ko-KR', theme = 'dark', scale = 1, touch = false, motion = 'reduce', text = TEXT_PX, stage } = {}) {
    const context = await this.own.chromium.newContext({
      viewport: { width, height },
      locale: language,
      timezoneId: noonZone,
      deviceScaleFactor: scale,
      hasTouch: touch,
      reducedMotion: motion,
    });
    this.contexts.push(context);
    await context.addInitScript((chosen) => localStorage.getItem('look') ?? localStorage.setItem('look', chosen), theme);
    if (stage) await context.addInitScript(stage.script, stage.argument);
    context.setDefaultTimeout(scaled(HANG_MS));
    const page = await context.newPage();
    if (text !== TEXT_PX) await chooseText(page, text);
    page.on(
      'console',
      (said) => said.type() === 'error' && !EXPECTED.test(said.text()) && this.complaints.push(said.text()),
    );
    page.on('pageerror', (error) => this.complaints.push(error.stack));
    await page.goto(`http://booth.internal:${booth.address.port}${url}`);
    assert.equal(await page.evaluate(() => isSecureContext), false);
    return page;
  }
  async phone(booth, { name = '민아', width = 390, height = 844, signIn = true, ...more } = {}) {
    const phone = new Phone(await this.page(booth, '/', { width, height, touch: true, ...more }), name);
    if (signIn) await phone.signIn();
    return phone;
  }
  // A board that has drawn the present state: later calls are new to it.
  async board(booth, { width = 1920, height = 1080, ...more } = {}) {
    const page = await this.page(booth, '/board', { width, height, ...more });
    await page.locator('.now').waitFor();
    return page;
  }

  async closePages() {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
  }
  async close() {
    await this.own.close();
    assert.deepEqual(this.complaints, [], 'errors of the pages');
  }
}

// True if the text appears within so many seconds of the page's own timers: a machine that delays the page's timer delays
// each of these as well.
export function within(seconds, page, selector, words) {
  return page.evaluate(
    async ([tenths, selector, words]) => {
      const there = () => [...document.querySelectorAll(selector)].some(({ textContent }) => textContent.match(words));
      for (let i = 0; i < tenths && !there(); i++) await new Promise((done) => setTimeout(done, 100));
      return there();
    },
    [seconds * 10, selector, words],
  );
}

// Listens to the stream of a page; the function that it returns waits until the page has received and drawn so many changes.
export async function countChanges(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  let received = 0;
  devtools.on('Network.eventSourceMessageReceived', ({ eventName }) => (received += eventName === 'change'));
  return async (changes) => {
    await waitFor(() => received >= changes, { what: `${changes} changes` });
    await drawn(page);
  };
}

// Waits until the page has drawn its present state.
export const drawn = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function chooseText(page, px) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Page.enable');
  await devtools.send('Page.setFontSizes', { fontSizes: { standard: px } });
}

// A phone with the staff page, and the person who uses it.
export class Phone {
  constructor(page, name) {
    Object.assign(this, { page, name });
  }

  async signIn(pin = PINS.staff) {
    await this.page.fill('[name=pin]', pin);
    await this.page.fill('[name=device]', this.name);
    await this.page.click('.submit');
    await this.page.waitForSelector('.action-bar');
  }

  // Closes the tab and opens a new one in the same browser.
  async reopen() {
    const url = this.page.url();
    const context = this.page.context();
    await this.page.close();
    this.page = await context.newPage();
    await this.page.goto(url);
  }

  row(number) {
    return this.page.locator('.row', { has: this.page.locator('.number', { hasText: new RegExp(`^${number}$`) }) });
  }
  numbers() {
    return this.page.locator('.row[data-id] .number').allInnerTexts();
  }
  async tab(name) {
    await this.page.click(`#tab-${name}`);
  }
  async count(name) {
    return (await this.page.innerText(`#tab-${name} b`)).trim();
  }
  async add(size) {
    await this.page.click('.side.add');
    await this.page
      .locator('.sizes button')
      .nth(size - 1)
      .click();
    await this.said(/접수함|Added/);
  }
  // The big button counts a press once it has named its guest for 0.6 s.
  settle() {
    return this.page.waitForTimeout(650);
  }
  // Presses the big button once it has named this ticket for 0.6 s.
  async callNext(number) {
    await this.page.waitForFunction(
      (wanted) => document.querySelector('.call b')?.textContent.replace(/\D+$|^#/g, '') === wanted,
      String(number),
    );
    await this.settle();
    await this.page.click('.call');
  }
  // An action of a row, which is opened if necessary.
  async act(number, action) {
    const button = this.row(number).locator(`[data-action="${action}"]`);
    if (!(await button.count())) await this.row(number).locator('.head').click();
    await button.click();
  }
  said(words) {
    return this.page.locator('.notice p', { hasText: words }).waitFor();
  }
  async undo() {
    await this.page.locator('.notice:not(.saving) button').click();
    await this.said(/되돌림|Undone/);
  }
  button(words) {
    return this.page.locator('button', { hasText: words });
  }
  async see(number, state, what = `${number} ${state} on the phone of ${this.name}`) {
    await this.tab(state === 'waiting' || state === 'called' ? state : 'done');
    await this.page
      .locator(`.row[data-state=${state}]:not(.saving)`, {
        has: this.page.locator('.number', { hasText: new RegExp(`^${number}$`) }),
      })
      .waitFor()
      .catch((cause) => {
        throw new Error(`waited for ${what}`, { cause });
      });
  }
  async order(expected) {
    await waitFor(async () => (await this.numbers()).join() === expected.join(), {
      what: `the order ${expected}`,
    }).catch(async () => assert.deepEqual(await this.numbers(), expected.map(String)));
  }
}
