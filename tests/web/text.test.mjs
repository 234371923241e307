// Numbers, times and sentences as a person reads them.
import assert from 'node:assert/strict';
import { describe, test } from '../lib/test.mjs';
import { load } from './load.mjs';

globalThis.document = { documentElement: {} };
if (!globalThis.navigator) globalThis.navigator = { language: 'ko-KR' };

const { waited, stopwatch, estimate, range, dayName, daysBetween, clockTime } = await load('text/format.ts');
const { newCalls, markSeen, numberStep } = await load('board/new-calls.ts', 'board/number-size.ts');
const { noticeText, setLanguage, maskPhone, actionsOf } = await load(
  'staff/command-text.ts',
  'staff/text.ts',
  'staff/list/highlight.tsx',
  'staff/list/actions.ts',
);
const { staff: ko } = await load('text/ko.ts');
const { staff: en } = await load('text/en.ts');

describe('format', () => {
  test('waiting time', () => {
    const min = (minutes) => minutes * 60_000;
    assert.deepEqual(
      [-5000, 59_000, min(1), min(99), min(125)].map((ms) => waited(ms, ko.units)),
      ['방금', '방금', '1분', '99분', '2시간 5분'],
    );
    assert.equal(waited(min(125), en.units), '2 h 5 min');
  });
  test('time since a call', () => {
    assert.deepEqual([-1, 8000, 401_000, 3_723_000].map(stopwatch), ['0:00', '0:08', '6:41', '1:02:03']);
  });
  test('estimates', () => {
    assert.equal(estimate({ low_s: 1500, high_s: 2100 }, ko.units), '25–35분');
    assert.equal(estimate({ low_s: 600, high_s: 600 }, en.units), '10 min');
    assert.equal(estimate({ low_s: 0, high_s: 300 }, ko.units), '5분 이내');
    assert.equal(estimate({ low_s: 0, high_s: 0 }, en.units), 'under 1 min');
    assert.equal(range({ low_s: 0, high_s: 0 }), null);
  });
  test('days and times', () => {
    assert.equal(dayName('2026-09-10', 'ko'), '9월 10일');
    assert.equal(dayName('2026-09-10', 'en'), 'September 10');
    assert.equal(daysBetween('2026-08-31', '2026-09-01'), 1);
    assert.match(clockTime('2026-09-11T00:05:00Z', 'en'), /^\d\d:\d5$/);
  });
  test('a phone number shows only its first and last digits', () => {
    assert.equal(maskPhone('010-2345-3412'), '010-••••-3412');
    assert.equal(maskPhone('3412'), '3412');
  });
});

describe('the board', () => {
  const board = (calling, epoch = 'e') => ({
    booth: { epoch },
    calling: calling.map((call_seq) => ({ call_seq })),
    recent: [],
    missed: [],
  });
  const watch = (...boards) => {
    let seen = null;
    return boards.map((each) => {
      const calls = newCalls(seen, each).map(({ call_seq }) => call_seq);
      seen = markSeen(seen, each);
      return calls;
    });
  };
  test('new calls and re-calls are new once, in the order in which they were made', () => {
    assert.deepEqual(watch(board([5]), board([5]), board([7, 5]), board([7, 5]), board([11, 10, 9, 7])), [
      [],
      [],
      [7],
      [],
      [9, 10, 11],
    ]);
  });
  test('an undo that shows an older call again makes nothing new, nor does the first state of another epoch', () => {
    assert.deepEqual(watch(board([5, 3]), board([3]), board([3, 2]), board([1], 'e2'), board([2, 1], 'e2')), [
      [],
      [],
      [],
      [],
      [2],
    ]);
  });
  test('the first call of the evening is new', () => {
    assert.deepEqual(watch(board([]), board([4])), [[], [4]]);
  });
  test('longer numbers take smaller steps', () => {
    assert.deepEqual(
      ['1', '123', 'A-12', '1234', 'A-123', '가-123', '포장-12', '가나다라-123'].map(numberStep),
      [0, 0, 1, 1, 2, 2, 3, 4],
    );
  });
});

describe('words of the bar', () => {
  const now = Date.parse('2026-09-11T10:00:10.000Z');
  const at = (second) => `2026-09-11T10:00:0${second}.000Z`;
  const seen = {
    id: 12,
    number: '12',
    state: 'waiting',
    version: 3,
    calls: 0,
    actor: 'device:1',
    by: null,
    called_at: null,
    closed_at: null,
  };
  const called = { ...seen, state: 'called', version: 4, calls: 1, called_at: at(8), by: '민아' };
  const queue = (...tickets) => ({ tickets: new Map(tickets.map((ticket) => [ticket.id, ticket])) });
  const say = (notice, of = queue(seen), lost = false) => {
    const { text, hint, action } = noticeText(notice, of, lost, now);
    return [text.join(''), hint, action === 'undo' ? 'undo' : action?.show.number];
  };
  const command = { key: 'k', verb: 'call-next', ticket: seen };

  test('done, on its way, kept while the booth is out of reach', () => {
    setLanguage('ko');
    assert.deepEqual(say({ command, outcome: { seq: 9, ticket: called } }), ['12번 호출함', undefined, 'undo']);
    assert.deepEqual(say({ command, outcome: null }), ['12번 호출 저장 중…', undefined, 'undo']);
    assert.deepEqual(say({ command, outcome: null }, queue(seen), true), [
      '12번 호출, 이 폰에 저장함',
      undefined,
      'undo',
    ]);
    assert.deepEqual(say({ command: { ...command, verb: 'edit' }, outcome: { seq: 9, ticket: seen } }), [
      '12번 고침',
      undefined,
      undefined,
    ]);
    setLanguage('en');
    assert.deepEqual(say({ command, outcome: { seq: 9, ticket: called } }), ['Called 12', undefined, 'undo']);
    assert.deepEqual(say({ command, outcome: null }, queue(seen), true), [
      'Call 12, kept on this phone',
      undefined,
      'undo',
    ]);
  });

  test('another device was first: who, when, and that the command was done once', () => {
    setLanguage('ko');
    const stale = { status: 412, code: 'stale_version', ticket: { ...seen, id: 13, number: '13' } };
    assert.deepEqual(say({ command, outcome: stale }, queue(called)), [
      '이미 호출됨 · 민아 2초 전',
      '12번은 한 번만 불렀어요.',
      '12',
    ]);
    assert.deepEqual(say({ command, outcome: stale }), ['이제 13번이 먼저예요. 다시 눌러 주세요.', undefined, '13']);
    const gone = { ...called, state: 'cancelled', version: 5, by: null, actor: 'hub', closed_at: at(9) };
    assert.deepEqual(
      say({ command: { ...command, verb: 'call' }, outcome: { status: 412, code: 'stale_version', ticket: gone } }),
      ['이미 취소됨 · 손님 1초 전', undefined, '12'],
    );
    setLanguage('en');
    assert.deepEqual(say({ command, outcome: stale }, queue(called)), [
      'Already called · 민아, 2 s ago',
      '#12 was called only once.',
      '12',
    ]);
  });

  test('every refusal says what to do', () => {
    for (const language of ['ko', 'en']) {
      setLanguage(language);
      for (const code of [...Object.keys(ko.problems), 'something_new'])
        assert.ok(say({ command: { ...command, ticket: null }, outcome: { status: 409, code } })[0].length > 8, code);
    }
  });

  test('a command’s name fits into a sentence, a guest without a number is described', () => {
    for (const verb of Object.values(en.verbs)) assert.doesNotMatch(en.dependencyRefused(verb), /:/);
    for (const say of [en.historyOf, en.bringBackTitle, en.editTitle, en.moveTitle]) assert.match(say('–'), /new guest/);
    for (const say of [ko.historyOf, ko.bringBackTitle, ko.editTitle, ko.moveTitle]) assert.match(say('–'), /새 손님/);
  });
});

test('only what the state allows is offered', () => {
  const allowed = {
    call: ['waiting', 'called', 'no_show'],
    seat: ['waiting', 'called', 'no_show'],
    'no-show': ['called'],
    cancel: ['waiting', 'called', 'no_show'],
    phoned: ['called'],
  };
  for (const state of ['waiting', 'called', 'seated', 'no_show', 'cancelled']) {
    const { always, opened } = actionsOf({ state });
    const offered = [...always, ...opened.flat()];
    for (const { does } of offered)
      if ('verb' in does) assert.ok(allowed[does.verb].includes(state), `${does.verb} from ${state}`);
    for (const verb of Object.keys(allowed))
      if (allowed[verb].includes(state))
        assert.ok(
          offered.some(({ does }) => does.verb === verb),
          `${verb} is missing for ${state}`,
        );
    assert.ok(offered.some(({ does }) => does.sheet === 'move') && offered.some(({ does }) => does.sheet === 'edit'));
  }
});
