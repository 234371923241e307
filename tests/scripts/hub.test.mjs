// scripts/hub as a newcomer runs it: a PostgreSQL of its own, a code that a booth can use, Ctrl-C, and on it goes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Booth } from '../lib/boothd.mjs';
import { folder, noMounts, people, Script, script } from '../lib/script.mjs';
import { after, test } from '../lib/test.mjs';
import { waitFor } from '../lib/wait.mjs';

const dir = folder('hub');
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const READY = /Ctrl-C stops it; nothing is lost\.\n/;
const plain = (output) => assert.doesNotMatch(output, /<\d>|: info: |[\r\x1b]/);
// Programs that work in a folder, as their command lines tell.
const workers = (state) => fs.readdirSync('/proc').filter((n) => /^\d+$/.test(n)).filter((n) => {
  try {
    return fs.readFileSync(`/proc/${n}/cmdline`, 'utf8').includes(state) && !/^(bash|unshare|env|setpriv)\0/.test(fs.readFileSync(`/proc/${n}/cmdline`, 'utf8'));
  } catch {
    return false; // it has gone
  }
});

for (const person of people(dir))
  test(`${person.name} starts it, a booth joins, Ctrl-C ends all of it, and the next start continues`, { skip: person.uid && noMounts }, async () => {
    const state = path.join(person.home, 'hub');
    const argv = ['./scripts/hub', '--state', state, '--listen', '127.0.0.1:0'];
    let it = new Script(argv, { person });
    await it.said(READY);
    plain(it.output);
    const [, url, code] = /boothctl enrol (http:\/\/127\.0\.0\.1:[1-9]\d*) (\S+)\n/.exec(it.output);
    assert.ok(it.output.includes(`boothhub runs on ${url}\n`), it.output);

    const second = await script(argv, { person });
    assert.equal(second.status, 1);
    assert.match(second.output, new RegExp(`^hub: another scripts/hub runs on ${state}$`, 'm'));

    const booth = await Booth.start();
    try {
      await booth.ctlOk('enrol', url, code);
    } finally {
      await booth.stop();
    }
    assert.equal(await it.ctrlC(), 0, it.output);
    plain(it.output);
    await waitFor(() => workers(state).length === 0, { what: 'the end of PostgreSQL' });

    it = new Script(argv, { person });
    await it.said(READY);
    assert.doesNotMatch(it.output, /There is no booth yet/);
    it.signal('SIGKILL', { all: false });
    await it.exit;
    await waitFor(() => workers(state).every((n) => !fs.readFileSync(`/proc/${n}/cmdline`, 'utf8').includes('boothhub')), { what: 'the end of boothhub' });

    it = new Script(argv, { person }); // takes over the PostgreSQL that was left
    await it.said(READY);
    assert.equal(await it.ctrlC(), 0, it.output);
    await waitFor(() => workers(state).length === 0, { what: 'the end of PostgreSQL' });
  });

test('an unreachable database is explained', async () => {
  const { status, output } = await script(['./scripts/hub', '--database', `host=${dir} dbname=none`, '--listen', '127.0.0.1:0']);
  assert.equal(status, 69, output);
  assert.match(output, /^boothhub: error: start_failed part=database detail=/m);
  plain(output);
});
