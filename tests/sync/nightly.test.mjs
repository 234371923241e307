// The night's work against a hub: what is pending goes out, a day that differs is sent again, personal data that is due
// is erased here and there.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { Hub } from '../lib/hub.mjs';
import { preload } from '../lib/preload.mjs';
import { Member } from '../lib/site.mjs';
import { waitFor } from '../lib/wait.mjs';

const HOUR = 3600e3;
const hub = await Hub.start();
let clock;
const booth = await Booth.start({
  env: (dir) => {
    clock = path.join(dir, 'fakeclock');
    ahead(0);
    return preload(['fakeclock'], { FAKECLOCK: clock });
  },
});
function ahead(hours) {
  fs.writeFileSync(`${clock}.new`, `${hours * HOUR} 1 1\n`);
  fs.renameSync(`${clock}.new`, clock);
}
await booth.cli().intake('open');
const member = await Member.enrol(hub, { booth });
after(async () => {
  await member.stop();
  await hub.stop();
});
const { cli } = member;
const people = () => hub.rows('SELECT ticket, name, phone, note FROM person ORDER BY ticket');
const nightly = () => booth.ctlOk('nightly');

test('pending events are sent', async () => {
  for (let i = 0; i < 30; i++) {
    const { ticket } = await cli.issue({ name: `guest ${i}`, phone: `010-1111-${1000 + i}` });
    await cli.act(ticket.id, i % 2 ? 'seat' : 'cancel', {});
  }
  await nightly();
  assert.equal((await member.sync()).pending, 0);
  await member.agree();
});

test('a day of which the hub has lost events is sent again', async () => {
  expect(await cli.post('/api/v1/days'), 200);
  await cli.issue({ name: 'of the new day' });
  await member.settle();
  await hub.postgres.psql('DELETE FROM event WHERE seq BETWEEN 20 AND 30');
  await assert.rejects(member.agree());
  assert.match(await nightly(), /compare +ok +1 sent again/);
  await member.agree();
  assert.match(await nightly(), /compare +ok *$/m);
});

test('personal data is erased when due, at the hub, too; waiting guests keep theirs', async () => {
  assert.ok((await people()).some((p) => p.phone));
  const { ticket } = await cli.issue({ name: '기다림', phone: '010-2222-2222' });
  await member.settle();
  ahead(54); // whatever the hour, the day has ended and a day has gone by
  await waitFor(async () => Date.parse(expect(await cli.get('/api/v1/system'), 200).clock.now) > Date.now() + 53 * HOUR, { what: 'the next day' });
  await nightly();
  await member.settle();
  const left = (await people()).filter((p) => p.name ?? p.phone ?? p.note);
  assert.deepEqual(left.map((p) => p.name).sort(), ['of the new day', '기다림']);
  assert.equal(left.find((p) => p.ticket === ticket.id).phone, '010-2222-2222');
  assert.deepEqual(booth.query("SELECT count(*) AS n FROM person WHERE name LIKE 'guest%' OR phone LIKE '010-1111%'"), [{ n: 0 }]);
  assert.ok(member.events('people.erased').length > 0);
  for (const name of fs.readdirSync(booth.state).filter((f) => f.startsWith('booth.db'))) assert.ok(!fs.readFileSync(path.join(booth.state, name)).includes('010-1111'), `${name} remembers`);
});

test('names of a lost epoch are erased with their day', async () => {
  const names = async () => (await people()).map((p) => p.name);
  const { bytes } = await cli.get('/api/v1/system/backup');
  await cli.issue({ name: 'forgotten' });
  await member.settle();
  expect(await cli.raw('POST', '/api/v1/system/restore', { headers: { 'Content-Type': 'application/vnd.sqlite3' }, body: bytes }), 200);
  await member.settle();
  assert.ok((await names()).includes('forgotten'));
  const { ticket } = await cli.issue({ name: 'of that day' });
  await cli.act(ticket.id, 'seat', {});
  expect(await cli.post('/api/v1/days'), 200);
  await member.settle();
  ahead(54 + 54);
  await waitFor(async () => Date.parse(expect(await cli.get('/api/v1/system'), 200).clock.now) > Date.now() + 107 * HOUR, { what: 'another day' });
  await nightly();
  await member.settle();
  assert.ok(!(await names()).includes('forgotten'));
  assert.ok((await names()).includes('기다림'));
});

test('names of a box without further contact are erased after 30 days', async () => {
  const names = async () => (await people()).map((p) => p.name);
  for (const days of [29, 31])
    await hub.postgres.psql(`WITH e AS (INSERT INTO epoch (booth, id, seen_at) SELECT n, decode(md5('${days}'), 'hex'), (extract(epoch FROM now()) - ${days} * 86400) * 1000 FROM booth RETURNING booth, n)
      INSERT INTO person (booth, origin, ticket, epoch, version, name) SELECT booth, n, 1, n, 1, '${days} days' FROM e`);
  const join = await hub.join(member.id, { party_size: 2, name: 'of last month' });
  await hub.postgres.psql(`UPDATE inbox SET made_at = (extract(epoch FROM now()) - 31 * 86400) * 1000 WHERE id = '\\x${join}'`);
  await hub.halt();
  await hub.launch(); // it begins with its upkeep
  await waitFor(async () => !(await names()).includes('31 days'), { what: 'the name to go' });
  assert.ok((await names()).includes('29 days'));
  assert.ok((await names()).includes('기다림'));
  await waitFor(async () => (await hub.rows("SELECT 1 FROM inbox WHERE body::text LIKE '%last month%'")).length === 0, { what: 'the name in the inbox item to go' });
});
