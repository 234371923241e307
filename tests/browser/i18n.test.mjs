// Both languages are complete, and no word stands outside their tables.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from '../lib/test.mjs';
import { root } from '../lib/boothd.mjs';
import { Browser, startBooth } from '../lib/browser.mjs';
import { load, webRequire } from '../web/load.mjs';

const SOURCES = path.join(root, 'web-static/src');
const sources = fs
  .readdirSync(SOURCES, { recursive: true })
  .filter((file) => /\.tsx?$/.test(file) && !/^text.(ko|en|spoken)\.ts$/.test(file));
const SPOKEN_ATTRIBUTES = ['aria-label', 'title', 'alt', 'placeholder', 'label'];
const LETTERS = /\p{L}{2,}/u;

const ko = await load('text/ko.ts');
const en = await load('text/en.ts');

describe('the tables', () => {
  const shape = (value, at = '') =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, each]) => shape(each, `${at}.${key}`))
      : [`${at}: ${Array.isArray(value) ? 'list' : typeof value}`];

  for (const table of ['staff', 'board']) {
    test(`${table}: the same keys of the same kinds`, () =>
      assert.deepEqual(shape(en[table]).sort(), shape(ko[table]).sort()));
  }
  test('English texts have no Korean, except the link to Korean', () => {
    const { languageTitle, ...rest } = en.staff;
    assert.equal(languageTitle, '언어');
    assert.doesNotMatch(JSON.stringify([rest, en.board]), /[가-힣]/);
  });
  test('every entry is used', () => {
    const code = sources.map((file) => fs.readFileSync(path.join(SOURCES, file), 'utf8')).join('\n');
    for (const table of ['staff', 'board']) {
      for (const key of Object.keys(ko[table]))
        assert.match(code, new RegExp(`\\.${key}\\b`), `${table}.${key} is not used`);
    }
  });
});

test('only Intl writes dates and numbers, and no text becomes markup', () => {
  const byHand = /\.(to(Fixed|Precision|(Date|Time|UTC)String)|get(UTC)?(FullYear|Month|Date|Day|Hours|Minutes|Seconds))\(/;
  const markup = /dangerouslySet|(inner|outer)HTML\s*\+?=|insertAdjacentHTML|document\.write/;
  for (const file of sources) {
    const code = fs.readFileSync(path.join(SOURCES, file), 'utf8');
    for (const wrong of [byHand, markup]) assert.doesNotMatch(code, wrong, file);
  }
});

test('no literal text in the sources', () => {
  const ts = webRequire('typescript');
  const found = [];
  for (const file of sources) {
    const text = fs.readFileSync(path.join(SOURCES, file), 'utf8');
    const tree = ts.createSourceFile(
      file,
      text,
      ts.ScriptTarget.Latest,
      true,
      file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
    );
    const note = (node) =>
      found.push(
        `${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.getText().slice(0, 60)}`,
      );
    const visit = (node) => {
      if (ts.isJsxText(node) && LETTERS.test(node.text)) note(node);
      if (
        ts.isJsxAttribute(node) &&
        SPOKEN_ATTRIBUTES.includes(node.name.getText()) &&
        node.initializer &&
        ts.isStringLiteral(node.initializer)
      )
        note(node);
      if ((ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) && /[가-힣]/.test(node.getText())) note(node);
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  assert.deepEqual(found, []);
});

describe('the page', () => {
  let booth;
  let browser;
  before(async () => {
    booth = await startBooth();
    browser = await Browser.open();
  });
  after(async () => {
    await browser?.close();
    await booth?.stop();
  });

  test('speaks the language of its browser, changes it at once, and remembers', async () => {
    const phone = await browser.phone(booth, { language: 'en-GB', name: 'Mina' });
    const { page } = phone;
    await page.locator('#tab-waiting', { hasText: 'Waiting' }).waitFor();
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    assert.doesNotMatch(await page.innerText('body'), /[가-힣]|undefined/);
    await page.click('.connection');
    await page.getByRole('button', { name: '한국어' }).click();
    await page.locator('#tab-waiting', { hasText: '대기' }).waitFor();
    await page.reload();
    await page.locator('#tab-waiting', { hasText: '대기' }).waitFor();
    assert.equal(await page.getAttribute('html', 'lang'), 'ko');
  });

  test('an unknown language gets English', async () => {
    const phone = await browser.phone(booth, { language: 'fr-FR', signIn: false });
    await phone.page.locator('.submit', { hasText: 'Start' }).waitFor();
  });
});
