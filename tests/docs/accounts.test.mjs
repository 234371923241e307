// Is every command of the documents run by somebody, is every block what it says it is, and do manuals and programs agree?
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build, root } from '../lib/boothd.mjs';
import { after, test } from '../lib/test.mjs';
import { MANUALS, OTHERS, PAGES, commands, commandsOf, isCommand, manual, pairs, parts, read, session, spans } from './pages.mjs';
import { accounts, form, toRun } from './table.mjs';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'accounts-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));
const file = (name, text) => {
  fs.writeFileSync(path.join(scratch, name), text);
  return path.join(scratch, name);
};
const say = (program, ...args) => {
  const { status, stdout, stderr } = spawnSync(path.join(build, program), args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  return { status, said: stdout + stderr };
};
const help = Object.fromEntries(['boothd', 'boothctl', 'boothhub', 'boothd-root'].map((program) => [program, say(program, '--help').said]));
const each = (text, pattern) => [...text.matchAll(pattern)].map((m) => m[1]).sort();

test('these tests know every page', () => {
  const found = execFileSync('find', ['.', '(', '-name', 'node_modules', '-o', '-name', 'build', '-o', '-name', '.git', ')', '-prune', '-o', '-name', '*.md', '-printf', '%P\n'], { cwd: root, encoding: 'utf8' });
  assert.deepEqual(found.trim().split('\n').sort(), [...PAGES, ...OTHERS].sort());
});

test('commands in pages are found', () => {
  const page = 'Say `make tea` or `boothctl`,\nthen `sudo boothctl a \\| b` and `boothctl\n  label`.\n\n```sh\nctl one   # not this\nctl two \\\n  three\n# nor this\n```\n\n1. x\n   ```text\n   ctl no\n   ```\n';
  const { blocks, prose } = parts(page);
  assert.deepEqual(spans(prose).map(({ text }) => text).filter(isCommand), ['make tea', 'sudo boothctl a | b', 'boothctl label']);
  assert.deepEqual(blocks.map(({ line, info }) => [line, info]), [[5, 'sh'], [13, 'text']]);
  assert.deepEqual(commandsOf(blocks[0]), [{ line: 6, text: 'ctl one' }, { line: 7, text: 'ctl two three' }]);
  const { blocks: [literal, short], words } = manual('.Bd -literal -offset indent\n$ a \\e\n    b\nsays so\n$ c\n.Ed\n.Dl 0 5 * * * d\n.Ql boothctl label ;\n');
  assert.deepEqual(session(literal).map(({ line, text, answer }) => [line, text, answer]), [[2, 'a b', ['says so']], [5, 'c', []]]);
  assert.deepEqual(session(short).map(({ line, text }) => [line, text]), [[7, 'd']]);
  assert.deepEqual(words, [{ line: 8, text: 'boothctl label' }]);
  assert.throws(() => parts('```sh\nnever ended\n'), /line 1/);
});

test('every command of every document is run by a test', () => {
  const { all, idle } = accounts();
  assert.ok(all.length > 150);
  assert.deepEqual(all.filter(({ by }) => by.length !== 1).map(({ page, line, text, by }) => `nobody, or several, run this: ${page}:${line}: ${text} (${by})`), []);
  assert.deepEqual(idle, [], 'no document has these any more');
  for (const who of new Set(all.flatMap(({ by }) => by).filter((name) => ['run', 'hub', 'booth'].includes(name))))
    assert.match(read(`tests/docs/${who}.test.mjs`), new RegExp(`toRun\\('${who}'\\)`));
  assert.match(read('tests/system/guest/guide.test.mjs'), /toRun\('box'\)/);
});

test('both languages have the same commands in the same order', () => {
  assert.equal(pairs.length, 5);
  for (const [english, korean] of pairs)
    assert.deepEqual(commands(korean).map(({ text }) => form(text)), commands(english).map(({ text }) => form(text)), korean);
});

test('every block states its language, and is valid', () => {
  const { blocks } = [...PAGES, ...OTHERS].map((page) => ({ page, ...parts(read(page)) }))
    .reduce((all, { page, blocks: some }) => ({ blocks: [...all.blocks, ...some.map((b) => ({ ...b, at: `${page}:${b.line}` }))] }), { blocks: [] });
  for (const { at, info, text } of blocks) {
    assert.ok(['sh', 'json', 'ini', 'nginx', 'text'].includes(info), `${at}: a block of what? ${info}`);
    if (info === 'json') // what is left out is left out
      for (const one of text.split(/\n(?=\{)/)) assert.doesNotThrow(() => JSON.parse(one.replace(/, …/g, '').replace(/\{…\}/g, '{}')), `${at}: ${one}`);
    if (info === 'ini') assert.deepEqual(say('boothd', '--check', '--config', file('block', text), '--set', 'timezone=Asia/Seoul'), { status: 0, said: '' }, at);
    if (info === 'sh') assert.equal(spawnSync('bash', ['-n'], { input: text.replace(/<[^>]*>/g, 'x') }).status, 0, at);
  }
});

test('displays of the manuals other than commands', () => {
  const rest = MANUALS.flatMap((page) => manual(read(page)).blocks.filter((block) => session(block).length === 0).map(({ text }) => ({ page, text })));
  const take = (page, pattern) => {
    const at = rest.findIndex((r) => r.page === `docs/man/${page}` && pattern.test(r.text));
    assert.ok(at >= 0, `${page}: ${pattern}`);
    return rest.splice(at, 1)[0].text;
  };
  assert.deepEqual(say('boothd', '--check', '--config', file('conf', take('boothd.conf.5', /^# a booth/))), { status: 0, said: '' });
  take('boothd.conf.5', /^key = value$/);
  const { status, said } = say('boothd', '--check', '--config', file('empty', ''));
  assert.deepEqual([status, said.trim()], [78, take('boothd.8', /config key=/)]);

  // the answers for setup, in a folder that stands for the machine
  fs.mkdirSync(path.join(scratch, 'box/etc'), { recursive: true });
  const answers = file('booth-17.conf', take('boothctl.1', /^booth_name = /));
  const done = say('boothctl', 'setup', '--yes', '--file', answers, '--root', path.join(scratch, 'box'));
  assert.equal(done.status, 0, done.said);
  assert.deepEqual(say('boothd', '--check', '--config', path.join(scratch, 'box/etc/boothd/boothd.conf')), { status: 0, said: '' });
  assert.deepEqual(rest, []);
});

test('commands that take too long for here exist', () => {
  const { take, allTaken } = toRun('exists');
  const suites = spawnSync(path.join(root, 'tests/run'), { encoding: 'utf8' });
  assert.equal(suites.status, 0, suites.stderr);
  assert.match(suites.stdout, /\bapi\b/);
  const names = each(suites.stdout, /^ {2}(\S+)/gm);
  take('tests/run');
  for (const command of ['tests/run sync hub', 'tests/run system', 'tests/run system-arm64', 'tests/run power', 'tests/run api/tickets', 'CI_ONLY="api hub" .ci/run'])
    for (const suite of (/"(.*)"|tests\/run (.*)/.exec(take(command)).slice(1).find(Boolean)).split(' ')) assert.ok(names.includes(suite.split('/')[0]), `${command}: ${suite}`);
  assert.ok(fs.existsSync(path.join(root, 'tests/api/tickets.test.mjs')));
  const targets = ['make help', 'make check', 'make check-long', 'make deb', 'make nightly'].map((command) => take(command).slice(5));
  execFileSync('make', ['--dry-run', ...targets], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  for (const script of [take('./scripts/test'), '.ci/run']) fs.accessSync(path.join(root, script), fs.constants.X_OK);
  assert.match(read('.ci/run'), /CI_ONLY/);
  allTaken();
});

test('commands that are only named exist', () => {
  const { all, take } = toRun('named');
  for (const { text } of all) {
    const [program, word, option] = take(form(text)).split(' ');
    if (program === 'man') assert.ok(MANUALS.some((page) => page.startsWith(`docs/man/${word}.`)), text);
    else assert.match(help[program], new RegExp(`^ +${word} ${option ? `.*${option}\\b` : ''}`, 'm'), text);
  }
});

test('manuals and --help list the same commands, options and keys', () => {
  const lines = (page, from, to = '^\\.S[sh] ') => new RegExp(`^\\.S[sh] ${from}\n([^]*?)${to}`, 'm').exec(read(`docs/man/${page}`))[1];
  const options = (text) => each(text, /(?:^|[ [|])(-{1,2}[a-z][a-z-]*)\b/g).filter((option, i, all) => option !== all[i - 1]);
  const flags = (text) => options(text.replace(/\bFl -?-?([a-z-]+)/g, (_, name) => ` ${name.length > 1 ? '--' : '-'}${name} `));

  // boothctl: each command with its options
  const inManual = read('docs/man/boothctl.1').split('\n').filter((line) => line.startsWith('.It Cm '));
  for (const line of help.boothctl.split('\n').filter((l) => /^ {2}[a-z]/.test(l))) {
    const [, command, rest] = /^ {2}([a-z-]+) ?(.*?)(?: {2,}|$)/.exec(line);
    const items = inManual.filter((item) => new RegExp(`\\bCm ${command}\\b(?!-)`).test(item));
    assert.ok(items.length, `boothctl.1 has no ${command}`);
    assert.deepEqual(flags(items.join(' ')), options(rest), `boothctl ${command}`);
  }
  for (const item of inManual.filter((line) => !/LC_ALL/.test(line)))
    assert.match(help.boothctl, new RegExp(`^ {2}${/Cm ([a-z-]+)/.exec(item)[1]}\\b`, 'm'), item);

  // keys of both daemons, and what boothd-root and boothhub can be told
  const keys = (text) => each(text.split('Keys:\n')[1], /^ {2}([a-z_]+) /gm);
  const items = (text) => text.split('\n').filter((l) => l.startsWith('.It Cm ')).flatMap((l) => l.slice(7).split(' , ')).sort();
  assert.deepEqual(items(lines('boothd.conf.5', 'DESCRIPTION')), keys(help.boothd));
  assert.deepEqual(items(lines('boothhub.8', 'KEYS')), keys(help.boothhub));
  assert.deepEqual(each(read('docs/man/boothhub.8'), /^\.It Cm (admin [a-z-]+)/gm), each(help.boothhub, /^ {2}(admin [a-z-]+)/gm));
  assert.deepEqual(items(lines('boothd-root.8', 'DESCRIPTION')), each(help['boothd-root'].split('Commands:\n')[1], /^ {2}([a-z-]+) /gm));
  for (const [program, page] of [['boothd', 'boothd.8'], ['boothhub', 'boothhub.8'], ['boothd-root', 'boothd-root.8']]) {
    const told = read(`docs/man/${page}`).split('\n').filter((l) => l.startsWith('.It Fl ')).join('\n').replaceAll(' , ', ' Fl ');
    const known = options(help[program].split(/\n(?:Keys|Commands):/)[0].split('\n').filter((l) => /^ {2,}(-|\s+--)/.test(l)).map((l) => l.replace(/(\S) {2,}\S.*$/, '$1').replaceAll(',', ' ')).join('\n'));
    assert.deepEqual(flags(told), known.filter((option) => !['-c', '-s', '-h'].includes(option)), page);
  }
});

test('keys that pages name exist', () => {
  const known = (key, at) => assert.match(`${help.boothd}\n${help.boothhub}`, new RegExp(`^  ${key} `, 'm'), `${at}: ${key}`);
  let seen = 0;
  for (const page of PAGES)
    for (const { line, text } of spans(parts(read(page)).prose)) {
      const key = /^([a-z_]+) =/.exec(text)?.[1];
      if (!key) continue;
      known(key, `${page}:${line}`);
      seen++;
    }
  assert.ok(seen >= 6);
});
