// What can be wrong with a page as it is drawn, and where its pictures go.
import assert from 'node:assert/strict';
import path from 'node:path';
import { root } from '../lib/boothd.mjs';
import { webRequire } from '../web/load.mjs';

const OUT = path.join(root, 'build/screenshots');
const axe = webRequire('axe-core').source;

// What is drawn only after a moment (the style's `appear`) is there.
export const appeared = (page) =>
  page.evaluate(async () => {
    const all = document.getAnimations().filter(({ animationName }) => animationName === 'appear');
    await Promise.all(all.map(({ finished }) => finished.catch(() => {})));
  });

// A picture for people to look at.
export const fileOf = (name) => path.join(OUT, `${name}.png`);
export const picture = (page, name) => page.screenshot({ path: fileOf(name) }); // makes the folder

// Nothing is wider than the screen.
export async function fits(page, what) {
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { right, left, width } = element.getBoundingClientRect();
        return width > 2 && (right > innerWidth + 1 || left < -1) && !element.closest('.chips');
      })
      .map((element) => element.outerHTML.slice(0, 100)),
  );
  assert.deepEqual(wide, [], `${what} is wider than the screen`);
}

// Of a board: nor do its parts lie on each other, or their text be cut where nothing says so.
export async function boardFits(page, what) {
  await fits(page, what);
  const wrong = await page.evaluate(() => {
    const box = (element) => element?.getBoundingClientRect();
    const tall = ({ scrollHeight, clientHeight }) => scrollHeight - clientHeight;
    const [head, main, lists, foot, hint, now, number] = [
      'header', 'main', '.lists > :last-child', 'footer', '.hint', '.now', '.number',
    ].map((each) => box(document.querySelector(each)));
    return Object.entries({
      'header on main': head.bottom - main.top,
      'lists on footer': lists ? lists.bottom - foot.top : 0,
      'footer under the edge': foot.bottom - innerHeight,
      'number on sentence': number.bottom - hint.top,
      'sentence out of the ticket': hint.bottom - now.bottom,
      'number wider than the ticket': number.width - now.width,
      'sentence too long': tall(document.querySelector('.hint')),
    }).filter(([, by]) => by > 1);
  });
  assert.deepEqual(wrong, [], what);
}

// axe finds nothing.
export async function clean(what, page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe); // half a megabyte: once a document
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`).join('\n')}`,
    );
  });
  assert.deepEqual(found, [], what);
}

// No word of a label goes on in the next line; a number with dashes may, behind one.
export async function wholeWords(page, what) {
  const broken = await page.evaluate(() => {
    const range = document.createRange();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node; (node = walker.nextNode()); ) {
      if (node.parentElement.getBoundingClientRect().width <= 2) continue; // for screen readers
      for (const { index, 0: word } of node.data.matchAll(/[^\s(–-]+/g)) {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const drawn = [...range.getClientRects()].filter(({ width }) => width > 0);
        if (new Set(drawn.map(({ top }) => Math.round(top))).size > 1) found.push(`${word} in ${node.parentElement.outerHTML.slice(0, 80)}`);
      }
    }
    return found;
  });
  assert.deepEqual(broken, [], `${what}: broken inside a word`);
}

// No text is cut or lies under another; every control can be brought to where a finger reaches it.
export async function readable(page, what) {
  const wrong = await page.evaluate(() => {
    const layer = document.querySelector('dialog[open]') ?? document.body;
    const found = [];
    const name = (element) => `${element.className || element.tagName} "${element.textContent.slice(0, 30)}"`;
    const meets = (element, x, y) => {
      const hit = document.elementFromPoint(x, y);
      return hit && (element.contains(hit) || hit.contains(element)) ? null : hit;
    };
    const shown = (element) => element.getBoundingClientRect().width > 2;
    const texts = [...layer.querySelectorAll('*')].filter(
      (element) => shown(element) && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
    );
    for (const element of texts) {
      const { overflowX, overflowY } = getComputedStyle(element);
      const wide = element.scrollWidth - element.clientWidth > 1 && element.clientWidth > 0 && overflowX !== 'visible';
      const high = element.scrollHeight - element.clientHeight > 1 && overflowY !== 'visible' && overflowY !== 'auto';
      if (wide || high) found.push(`cut: ${name(element)}`);
      const rects = [...element.childNodes].flatMap((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return node.nodeType === 3 ? [...range.getClientRects()] : [];
      });
      const list = element.closest('.ticket-list')?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
      for (const { left, top, width, height } of rects) {
        const [x, y] = [left + width / 2, top + height / 2];
        if (width <= 2 || y < 0 || y >= innerHeight || x < 0 || x >= innerWidth) continue;
        if (y < list.top || y >= list.bottom) continue; // scrolled away
        const hit = meets(element, x, y);
        const band = hit?.closest('.action-bar, .top-bar, .sheet-foot'); // what lies still over what scrolls
        if (hit && (!band || band.contains(element))) found.push(`covered: ${name(element)} by ${name(hit)}`);
      }
    }
    const [before, inner] = [document.scrollingElement.scrollTop, document.querySelector('.ticket-list')?.scrollTop ?? 0];
    for (const control of layer.querySelectorAll('button, a, input')) {
      if (!shown(control)) continue;
      control.scrollIntoView({ block: 'center', inline: 'center' });
      const { left, top, width, height } = control.getBoundingClientRect();
      const hit = meets(control, left + width / 2, top + height / 2);
      const out = top + height / 2 < 0 || top + height / 2 > innerHeight;
      if (out || hit) found.push(`out of reach: ${name(control)}${hit ? ` under ${name(hit)}` : ''}`);
    }
    document.scrollingElement.scrollTop = before;
    if (document.querySelector('.ticket-list')) document.querySelector('.ticket-list').scrollTop = inner;
    return found;
  });
  assert.deepEqual(wrong, [], what);
}
