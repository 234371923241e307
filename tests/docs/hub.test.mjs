// docs/hub.md and boothhub(8), typed by whoever runs the hub of an event, and by the author of a service.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Booth } from '../lib/boothd.mjs';
import { program } from '../lib/postgres.mjs';
import { sharedSite } from '../lib/site.mjs';
import { after, test } from '../lib/test.mjs';
import { parts, read } from './pages.mjs';
import { CTRL_C, Person, beside } from './person.mjs';
import { form, toRun } from './table.mjs';

const site = await sharedSite(after, { booths: 1 });
const { hub, members: [member] } = site;
const { all, take, answer, allTaken } = toRun('hub');
const CODE = /^(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\.(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}$/m;
const ADDRESS = 'http://127.0.0.1:8090';

// The administrator: a user of the database server, on the computer where it runs.
fs.chmodSync(hub.postgres.dir, 0o755);
const booth = await Booth.start();
after(() => booth.stop());
const person = new Person({ programs: ['boothhub', 'boothctl'], folders: [path.dirname(program('createdb'))], env: { PGHOST: hub.postgres.dir, PGUSER: 'postgres', ...beside(booth) } });
after(() => person.leave());
const done = async (line) => {
  const { status, stdout, stderr } = await person.run(line);
  assert.equal(status, 0, `${line}\n${stderr}${stdout}`);
  return stdout;
};
const type = (command, filled) => done(take(command, filled));
const admin = (command, filled) => done(`boothhub ${take(command, filled)}`);

test('a hub is set up, booths join it, and it is maintained', async () => {
  await type('createdb --encoding=UTF8 boothhub');
  const server = await person.terminal();
  await server.start(take("boothhub --set listen=127.0.0.1:8090 --set 'database=host=/run/postgresql dbname=boothhub' --set public_url=https://hub.example", { '/run/postgresql': hub.postgres.dir }), /^boothhub: ready on .*8090$/m);
  assert.equal((await fetch(`${ADDRESS}/healthz`)).status, 200);
  const more = { '…': "--set 'database=dbname=boothhub' --set public_url=https://hub.example" };

  const [first] = CODE.exec(await type('boothhub … admin create-booth "North gate"', more));
  await type('sudo boothctl enrol https://hub.example CODE', { 'https://hub.example': ADDRESS, CODE: first });
  assert.match(await type('boothctl sync'), /./);
  assert.match(await done('boothhub admin list'), /North gate/);
  const [second] = CODE.exec(await type('boothhub admin create-booth NAME', { NAME: 'South' }));
  await type('sudo boothctl enrol URL CODE', { URL: ADDRESS, CODE: second });
  await type('boothctl enrol URL CODE', { URL: ADDRESS, CODE: second }); // the same code, the same booth

  assert.match(await admin('admin enrol-code "North gate"'), CODE);
  await admin('admin revoke "North gate"');
  assert.match(await admin('admin create-key NAME read,guests', { NAME: 'festival' }), /^bhk_\S+$/m);
  assert.match(await type('boothhub … admin create-key "my service" read,guests', more), /^bhk_\S+$/m);
  assert.match(await admin('admin rotate-keys'), /^2$/m);
  await done(`${take('pg_dump --format=custom boothhub')} >hub.dump`);
  assert.match(await done('pg_restore --list hub.dump'), /TABLE DATA public event/);
  const [before, then] = [await type('boothhub admin restored'), await admin('admin restored')].map(Number);
  assert.ok(then > before && before > 0, 'its generation only rises');

  const { status } = await server.press(CTRL_C);
  assert.equal(status, 0);
});

test('the example of boothhub(8)', async () => {
  await done('dropdb --force boothhub');
  await type('createdb boothhub');
  const server = await person.terminal();
  const start = 'boothhub --set listen=127.0.0.1:8090 &';
  await server.start(take(start), new RegExp(`${answer(start).join('')}$`, 'm'));
  const create = 'boothhub --set public_url=https://hub.example admin create-booth North';
  assert.match(await type(create), CODE);
  assert.match(answer(create).join(''), CODE);
  await server.ok('kill %1 && wait %1');
});

test('each command of the API guide', async () => {
  const KEY = (await hub.admin('create-key', 'guide', 'read,guests,admin')).trim();
  const env = { BOOTH: member.id, NEXT: '0-0-0-0' };
  const setting = [
    take('HUB=https://hub.example', { 'https://hub.example': `http://127.0.0.1:${hub.port}` }),
    take('KEY=bhk_…', { 'bhk_…': KEY }),
    take('ask() { curl --silent --show-error --header "Authorization: Bearer $KEY" --header \'Content-Type: application/json\' "$@"; }'),
  ].join('\n');
  const ask = async (command, filled) => {
    const { stdout, stderr } = await person.run(`${setting}\n${take(command, filled).replace(/^ask /, "ask --write-out '\\n%{http_code}' ")}`, { env });
    const [body, status] = stdout.split(/\n(?=\d+$)/);
    assert.ok(Number(status) < 300, `${command}\n${stdout}${stderr}`);
    return JSON.parse(body);
  };
  const asks = all.map(({ text }) => form(text)).filter((text) => text.startsWith('ask '));
  assert.ok(asks.length >= 10);
  env.REF = (await ask(asks.find((text) => text.includes('party_size')))).ref;
  await member.settle();
  const { tickets: [{ id }], booth: { epoch } } = await member.cli.queue();
  const { seq } = await member.cli.act(id, 'call', {});
  await member.settle();
  let guest;
  for (const text of asks) {
    const said = await ask(text, text.includes('05f7…') ? { '"05f7…","seq":57': `"${epoch}","seq":${seq}` } : {});
    if (text.endsWith('/guests/$REF')) guest ??= said;
  }
  const shown = parts(read('docs/hub.md')).blocks.filter(({ info }) => info === 'json').flatMap(({ text }) => text.split('\n'));
  assert.equal(shown.length, 3);
  for (const line of shown) for (const name of Object.keys(JSON.parse(line.replace(/, …/g, '')))) assert.ok(name in guest, `the guide shows ${name}`);
});

test('every command of this file was run', allTaken);
