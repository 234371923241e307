// Boards of a booth: what they show, and what they sound like.
import { startBooth } from '../lib/browser.mjs';

// A test with a booth of its own, where 12 guests wait, so that several tests can run at once.
export const atBooth = (browser, work) => async () => {
  const booth = await startBooth();
  const pages = [];
  const it = {
    booth,
    // A page of the booth; see Browser.page() for its options.
    async open(options) {
      const page = await browser().board(booth, options);
      pages.push(page);
      return page;
    },
    // Signs in and lets guests come; again for a booth that has lost its queue.
    async begin() {
      it.staff = await booth.signIn('manager', '민아');
      it.tickets = [null];
      for (let i = 0; i < 12; i++) it.tickets.push((await it.staff.issue({ party_size: 2 })).ticket);
    },
    // Guests are named by their order, from 1.
    act: (guest, verb) => it.staff.act(it.tickets[guest].id, verb),
    call: (guest) => it.act(guest, 'call'),
    calling: (page, guest) =>
      page
        .locator('.number', { hasText: new RegExp(`^${it.tickets[guest].number}(번)?$`) })
        .waitFor(),
  };
  try {
    await it.begin();
    await work(it);
  } finally {
    booth.child.kill('SIGCONT');
    await Promise.all(pages.map((page) => page.context().close()));
    await booth.stop();
  }
};
// Somebody is at the screen: what they can choose is there, for a while.
export async function attend(page) {
  await page.mouse.move(200, 200);
  await page.mouse.move(210, 210);
  await page.locator('.controls').waitFor();
}
export async function choose(page, name) {
  await attend(page);
  await page.getByRole('button', { name, exact: true }).click();
}
export const flashes = (page) => page.locator('.now.new').count();

// In the page, before its own script.  Tones that are made; only a page that was touched may make them.
function listen() {
  window.tones = 0;
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function begin(...at) {
    window.tones++;
    return start.apply(this, at);
  };
}

// voices: [lang, localService]; what was said is in window.said, and lasts until window.finish() if window.held.
function speak(voices) {
  window.said = [];
  window.speaking = [];
  window.voices = voices.map(([lang, localService]) => ({ lang, localService, name: `${lang} ${localService}` }));
  window.finish = () => window.speaking.shift()?.onend?.({});
  window.SpeechSynthesisUtterance = class {
    constructor(text) {
      this.text = text;
    }
  };
  const synth = {
    onvoiceschanged: null,
    getVoices: () => window.voices,
    speak(utterance) {
      window.said.push([utterance.voice.name, utterance.text]);
      window.speaking.push(utterance);
      if (!window.held) queueMicrotask(window.finish);
    },
    cancel() {
      for (const utterance of window.speaking.splice(0)) utterance.onerror?.({ error: 'canceled' });
    },
  };
  Object.defineProperty(window, 'speechSynthesis', { value: synth });
}

export const listening = { script: listen, argument: null };
export const speaking = (...voices) => ({
  script: `(${listen})();(${speak})(${JSON.stringify(voices)})`,
  argument: undefined,
});
export const tones = (page) => page.evaluate(() => window.tones);
export const said = (page) => page.evaluate(() => window.said.map(([, text]) => text));
