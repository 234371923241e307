// What a document quotes from a screen is what the screen says.
import assert from 'node:assert/strict';
import { test } from '../lib/test.mjs';
import { PAGES, language, parts, read } from './pages.mjs';
import { pages, programs, quotations, says } from './screens.mjs';

const boxSays = programs();
const pagesSay = { ko: await pages('ko'), en: await pages('en') };
const FOR_PEOPLE = PAGES.filter((page) => !page.startsWith('tests/') && page !== 'docs/sync.md');
const wrong = (page, text) => {
  const { found, strange } = quotations(parts(text).prose);
  const known = [...pagesSay[language(page)], ...boxSays];
  return [...found.filter((quote) => !says(known, quote.text)).map((quote) => `${page}:${quote.line}: no screen says “${quote.text}”`),
    ...strange.map((line) => `${page}:${line}: whose words are these?`)];
};

test('every quotation in the documents is on a screen in their language', () => {
  assert.deepEqual(FOR_PEOPLE.flatMap((page) => wrong(page, read(page))), []);
  const quoted = (which) => FOR_PEOPLE.filter((page) => language(page) === which).flatMap((page) => quotations(parts(read(page)).prose).found);
  assert.ok(quoted('en').length >= 15 && quoted('ko').length >= 12);
});

test('a wrong quotation is found', () => {
  const planted = (text, page = 'README.md') => wrong(page, text).length;
  assert.equal(planted('Press “Call”, then “Turn sound\n  on”, or see “That PIN is wrong.”'), 0);
  assert.equal(planted('Press “Ring”.'), 1);
  assert.equal(planted('Press “call”.'), 1); // it has a capital
  assert.equal(planted('“That PIN is right.”\n\n“The PIN is wrong.”'), 2);
  assert.equal(planted('“소리 켜기”'), 1); // another language's
  assert.equal(planted('“소리 켜기”', 'README.ko.md'), 0);
  assert.equal(planted('“소리 끄기”', 'README.ko.md'), 1);
  assert.equal(planted('It says "Call".'), 2); // marks that would hide from this test
  assert.equal(planted('A “quotation without its end.'), 1);
  assert.equal(planted('`echo "x"` is code.\n\n```sh\necho "y"\n```'), 0);
  assert.deepEqual(wrong('README.md', 'x\n\ny “Ring”'), ['README.md:3: no screen says “Ring”']);
});

test('texts with blanks, sentences of a text, and programs', () => {
  for (const text of ['5 min', 'Voice English', 'Too many wrong tries. Try again in 9 s.', 'Look at the label and try again.', '12 h 5 min', 'Nobody is waiting.', 'Undo 12'])
    assert.ok(says(pagesSay.en, text), text);
  for (const text of ['5 max', 'Voices', 'Too many wrong tries. Try later.', 'Look at the label', 'anything at all', 'A 5', ''])
    assert.ok(!says(pagesSay.en, text), text);
  for (const text of ['no chip has a line GPIO17', 'line GPIO22 is in use by …', 'button: held down for too long, as if it were stuck']) assert.ok(says(boxSays, text), text);
  for (const text of ['no chip has line GPIO17', 'line GPIO22: anything', 'held down for too long', 'anything at all']) assert.ok(!says(boxSays, text), text);
});
