// What a voice is given to say: words that it can, in the way a person says them.
import assert from 'node:assert/strict';
import { describe, test } from '../lib/test.mjs';
import { load } from './load.mjs';

globalThis.document ??= { documentElement: {} };

const { spokenKo, spokenEn } = await load('text/spoken.ts');
const { board: ko } = await load('text/ko.ts');
const { board: en } = await load('text/en.ts');

describe('numbers as they are spoken', () => {
  for (const [number, korean, english] of [
    ['1', '일', 'one'],
    ['10', '십', 'ten'],
    ['11', '십일', 'eleven'],
    ['12', '십이', 'twelve'],
    ['20', '이십', 'twenty'],
    ['21', '이십일', 'twenty-one'],
    ['99', '구십구', 'ninety-nine'],
    ['100', '백', 'one hundred'],
    ['105', '백오', 'one hundred five'],
    ['110', '백십', 'one hundred ten'],
    ['111', '백십일', 'one hundred eleven'],
    ['342', '삼백사십이', 'three hundred forty-two'],
    ['1000', '천', 'one thousand'],
    ['1016', '천십육', 'one thousand sixteen'],
    ['2345', '이천삼백사십오', 'two thousand three hundred forty-five'],
    ['10000', '만', 'ten thousand'],
    ['12030', '만 이천삼십', 'twelve thousand thirty'],
    ['110000', '십일만', 'one hundred ten thousand'],
    ['1234567', '백이십삼만 사천오백육십칠', 'one two three four five six seven'],
    ['0', '영', 'zero'],
    ['007', '영영칠', 'zero zero seven'],
    ['A-12', '에이 십이', 'A twelve'],
    ['a-105', '에이 백오', 'A one hundred five'],
    ['W-8', '더블유 팔', 'W eight'],
    ['VIP-3', '브이 아이 피 삼', 'V I P three'],
    ['가-3', '가 삼', 'ga three'],
    ['포장-12', '포장 십이', 'pojang twelve'],
    ['단체석-1', '단체석 일', 'dancheseok one'],
    ['2-15', '이 다시 십오', 'two dash fifteen'],
    ['B2-15', '비 이 다시 십오', 'B two dash fifteen'],
    ['-', '', ''],
  ]) {
    test(number, () => assert.deepEqual([spokenKo(number), spokenEn(number)], [korean, english]));
  }

  test('every letter has a name, and all differ', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const names = letters.map(spokenKo);
    assert.equal(new Set(names).size, 26);
    assert.ok(names.every((name) => /^[가-힣]+$/.test(name)));
    assert.deepEqual(letters.map(spokenEn), letters);
  });
  test('every number up to 9999 is only words, and all differ', () => {
    for (const [say, words] of [
      [spokenKo, /^[가-힣]+$/],
      [spokenEn, /^[a-z]+([ -][a-z]+)*$/],
    ]) {
      const all = Array.from({ length: 10_000 }, (_, value) => say(String(value)));
      assert.deepEqual(
        all.filter((each) => !words.test(each)),
        [],
      );
      assert.equal(new Set(all).size, all.length);
    }
  });
});

test('the sentence around a number', () => {
  assert.equal(ko.announce('12'), '십이 번 고객님, 부스 앞으로 와 주세요.');
  assert.equal(en.announce('A-12'), 'Number A twelve, please come to the booth.');
});
