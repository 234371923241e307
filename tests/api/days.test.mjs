// Business days, their numbers, and the table that a spreadsheet opens.
import assert from 'node:assert/strict';
import { after, test } from '../lib/test.mjs';
import { shared } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';

const booth = await shared(after);
const manager = await booth.signIn('manager');
const { day } = await manager.queue();
const NASTY = ['=cmd|calc', '+82 10 1234', '-1+1', '@SUM(A1)', '\t=1', 'say "hi", 민아', 'two\nlines', '  =1', "'x", '한글 이름'];

// RFC 4180 as it is written.
function parse(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const [, quoted, plain, end] = cell.exec(text) ?? assert.fail(`no CSV at ${JSON.stringify(text.slice(at, at + 40))}`);
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n' && cell.lastIndex < text.length) rows.push([]);
  }
  return rows;
}

test('a new day cannot start while the open one is empty', async () => {
  expect(await manager.post('/api/v1/days'), 409, 'wrong_state');
});

test('the day in numbers', async () => {
  const ids = [];
  for (let i = 0; i < 6; i++) ids.push((await manager.issue({ party_size: i + 1 })).ticket.id);
  await manager.act(ids[0], 'call');
  await manager.act(ids[0], 'seat');
  await manager.act(ids[1], 'call');
  await manager.act(ids[1], 'no-show');
  await manager.act(ids[2], 'cancel');
  await manager.act(ids[3], 'call');
  const totals = { issued: 6, seated: 1, no_show: 1, cancelled: 1, active: 3, guests: 1 };
  const { days } = expect(await manager.get('/api/v1/days'), 200);
  assert.deepEqual(days.map(({ id, ...d }) => d), [{ date: day, trusted: true, ...totals }]);
  const report = expect(await manager.get(`/api/v1/days/${day}`), 200);
  assert.deepEqual(report.totals, totals);
  assert.equal(report.no_show_rate, 0.5);
  assert.ok(report.wait_s.median >= 0);
  assert.deepEqual(report.tickets.map((t) => t.id), ids);
  assert.equal(report.hours.reduce((sum, h) => sum + h.issued, 0), 6);
  assert.equal(report.hours.reduce((sum, h) => sum + h.called, 0), 3);
});

test('days that are none', async () => {
  for (const date of ['2001-01-01', '2026-13-01', 'today', '2026-9-1']) {
    expect(await manager.get(`/api/v1/days/${date}`), 404, 'not_found');
    expect(await manager.get(`/api/v1/days/${date}/export.csv`), 404, 'not_found');
  }
});

test('the export: BOM, one row a ticket, Korean whole, no cell a formula', async () => {
  for (const name of NASTY.filter((n) => !n.includes('\n') && !n.includes('\t')))
    await manager.issue({ party_size: 2, name, phone: '+82-10', note: '@x' });
  await manager.issue({ party_size: 2, name: 'note', note: '=1\n+2\t,"' });
  const answer = await manager.get(`/api/v1/days/${day}/export.csv`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'], /^text\/csv; ?charset=utf-8/i);
  assert.match(answer.headers['content-disposition'], new RegExp(`attachment; filename="?[^"]*${day}[^"]*\\.csv"?`));
  assert.deepEqual([...answer.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const [head, ...rows] = parse(answer.text.replace(/^\ufeff/, ''));
  const { tickets } = expect(await manager.get(`/api/v1/days/${day}`), 200);
  assert.equal(rows.length, tickets.length);
  for (const row of rows) {
    assert.equal(row.length, head.length);
    for (const cell of row) assert.doesNotMatch(cell, /^[=+\-@\t\r]/, 'a cell begins like a formula');
  }
  const text = rows.flat().join('\n');
  for (const t of tickets.filter((t) => t.name)) assert.ok(text.includes(t.name), t.name);
});

test('started by hand: numbers begin again, open tickets stay with their date, a number still borne is skipped', async () => {
  const open = (await manager.queue()).tickets.filter((t) => ['waiting', 'called'].includes(t.state));
  const stream = await manager.stream();
  await stream.snapshot();
  const { seq } = expect(await manager.post('/api/v1/days'), 200);
  assert.ok((await stream.change(seq)).data.day);
  stream.close();
  const after = await manager.queue();
  assert.deepEqual(after.tickets.filter((t) => ['waiting', 'called'].includes(t.state)).map((t) => t.id), open.map((t) => t.id));
  const taken = new Set(open.map((t) => t.number));
  const expected = [];
  for (let n = 1; expected.length < 3; n++) if (!taken.has(String(n))) expected.push(String(n));
  const numbers = [];
  for (let i = 0; i < 3; i++) numbers.push((await manager.issue()).ticket.number);
  assert.deepEqual(numbers, expected);
  const { days } = expect(await manager.get('/api/v1/days'), 200);
  assert.equal(days.length, 2);
  assert.ok(days[0].id > days[1].id);
});

test('a day with tickets survives a restart', async () => {
  const before = expect(await manager.get('/api/v1/days'), 200);
  await booth.restart();
  assert.deepEqual(expect(await manager.get('/api/v1/days'), 200), before);
});
