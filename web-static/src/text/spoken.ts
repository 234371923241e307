// Numbers of tickets as a person says them.  A voice that reads "A-105" by itself may spell it, say "minus" for the
// dash or fall silent at letters of another script.  These are words that each voice can say.

const KO_DIGITS = '영일이삼사오육칠팔구';
const KO_PLACES = ['', '십', '백', '천'];
const KO_LETTERS = /* @__PURE__ */ list(
  '에이 비 씨 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 제트',
);
/** Said between two numbers; a dash after letters is silent. */
const KO_DASH = '다시';

const EN_SMALL = /* @__PURE__ */ list(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
    'eighteen nineteen',
);
const EN_TENS = /* @__PURE__ */ list('twenty thirty forty fifty sixty seventy eighty ninety');
const EN_DASH = 'dash';

/** The sounds of the three parts of a Hangul syllable, in the order of Unicode: an English voice cannot read Hangul. */
const FIRST = /* @__PURE__ */ list('g kk n d tt r m b pp s ss _ j jj ch k t p h');
const MIDDLE = /* @__PURE__ */ list('a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i');
const LAST = /* @__PURE__ */ list('_ k k k n n n t l k m l l l p l m p p t t ng t t k t p t');
const HANGUL_START = 0xac00;

/** "A-105": "에이 백오". */
export function spokenKo(number: string): string {
  return spoken(number, {
    number: (digits) => (readable(digits, 8) ? koNumber(Number(digits)) : digitByDigit(digits, KO_DIGITS, '')),
    letter: (letter) => KO_LETTERS[letter.charCodeAt(0) - 65]!,
    hangul: (syllables) => syllables,
    dash: KO_DASH,
  });
}

/** "A-105": "A one hundred five". */
export function spokenEn(number: string): string {
  return spoken(number, {
    number: (digits) => (readable(digits, 6) ? enNumber(Number(digits)) : digitByDigit(digits, EN_SMALL, ' ')),
    letter: (letter) => letter,
    hangul: romanized,
    dash: EN_DASH,
  });
}

interface Words {
  number(digits: string): string;
  /** `letter` is a capital. */
  letter(letter: string): string;
  hangul(syllables: string): string;
  dash: string;
}

function spoken(number: string, words: Words): string {
  const parts = number.match(/\d+-(?=\d)|\d+|[A-Za-z]|[가-힣]+/g) ?? [];
  return parts
    .map((part) => {
      if (/^\d/.test(part)) return words.number(part.replace('-', '')) + (part.endsWith('-') ? ` ${words.dash}` : '');
      return /^[A-Za-z]/.test(part) ? words.letter(part.toUpperCase()) : words.hangul(part);
    })
    .join(' ');
}

/** Calls are marked as pure, so that the tables are left out of a page that speaks no numbers. */
function list(words: string): string[] {
  return words.split(' ');
}

/** Whether it can be said as one number: not "007", and not longer than there are words for. */
function readable(digits: string, most: number): boolean {
  return digits.length <= most && (digits === '0' || digits[0] !== '0');
}

function digitByDigit(digits: string, names: ArrayLike<string>, between: string): string {
  return [...digits].map((digit) => names[Number(digit)]).join(between);
}

function koNumber(value: number): string {
  if (value === 0) return KO_DIGITS[0]!;
  const [tenThousands, rest] = [Math.floor(value / 10_000), value % 10_000];
  const high = tenThousands === 0 ? '' : `${tenThousands === 1 ? '' : koBelowTenThousand(tenThousands)}만`;
  return [high, koBelowTenThousand(rest)].filter(Boolean).join(' ');
}

/** A one is said only in the last place: 115 is "백십오". */
function koBelowTenThousand(value: number): string {
  return [...String(value)]
    .map((digit, i, all) => {
      const place = KO_PLACES[all.length - 1 - i]!;
      if (digit === '0') return '';
      return (digit === '1' && place ? '' : KO_DIGITS[Number(digit)]) + place;
    })
    .join('');
}

function enNumber(value: number): string {
  if (value < 20) return EN_SMALL[value]!;
  if (value < 100) return EN_TENS[Math.floor(value / 10) - 2]! + (value % 10 ? `-${EN_SMALL[value % 10]}` : '');
  const [unit, name] = value < 1000 ? [100, 'hundred'] : [1000, 'thousand'];
  const rest = value % unit;
  return `${enNumber(Math.floor(value / unit))} ${name}${rest ? ` ${enNumber(rest)}` : ''}`;
}

function romanized(syllables: string): string {
  return [...syllables]
    .map((syllable) => {
      const index = syllable.charCodeAt(0) - HANGUL_START;
      const parts = [FIRST[Math.floor(index / 588)], MIDDLE[Math.floor(index / 28) % 21], LAST[index % 28]];
      return parts.join('').replace(/_/g, '');
    })
    .join('');
}
