// What scripts/lib/packages.sh installs, and what it says meanwhile. apt-get is one of ours: nothing is installed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { folder, mounted, noMounts, programs, Script, script } from '../lib/script.mjs';
import { after, test as always } from '../lib/test.mjs';
import { waitFor } from '../lib/wait.mjs';

const test = (name, work) => always(name, { skip: noMounts }, work);
const dir = folder('need');
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const POLICY = '/usr/sbin/policy-rc.d';
const CLUSTERS = '/etc/postgresql-common/createcluster.d';

// It notes its calls, and what stands in the way of services while it installs.
const APT_GET = `
trap 'exit 100' INT TERM HUP # a shell forgets one that comes in the moment in which its child has just ended
printf '%s\\n' "$*" >>"$at/calls"
case " $* " in
*' indextargets '*) echo "$(. /etc/os-release && echo "$VERSION_CODENAME") http://debian.example" ;;
*' --print-uris '*) for n in 1 2 3; do echo "'http://debian.example/$n.deb' $n.deb 61000000 SHA256:0"; done ;;
*' update '*)
  printf 'dlstatus:1:50.0000:Retrieving file 1 of 2\\n' >&3
  [[ ! -e $at/offline ]] || { echo 'E: Failed to fetch http://debian.example/InRelease' >&2; exit 100; } ;;
*' install '*)
  ${POLICY} postgresql start; echo "policy: $?" >"$at/meanwhile"
  sed 's/ #.*//' ${CLUSTERS}/* >>"$at/meanwhile" 2>/dev/null
  echo 'Reading package lists...'
  [[ ! -e $at/locked ]] || echo 'Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt-get)...'
  for n in $(seq 1 100); do printf 'dlstatus:%d:%d.5000:Retrieving file %d of 100\\n' $n $n $n >&3; done
  for n in $(seq 1 100); do printf 'pmstatus:one:%d.2500:Unpacking package %d\\n' $n $n >&3; done
  while [[ -e $at/wait ]]; do touch "$at/waits"; sleep 0.05; done
  [[ ! -e $at/broken ]] || { printf 'dpkg: error processing one (--configure)\\nE: Sub-process dpkg returned an error code (1)\\n' >&2; exit 100; } ;;
esac`;

let n = 0;
// A machine on which nothing is installed. files: what lies in its folder; policy: the administrator's.
function machine({ files = [], policy, candidate = ['9.0'] } = {}) {
  const at = path.join(dir, `machine-${++n}`);
  const sbin = path.join(at, 'sbin'), postgres = path.join(at, 'postgresql-common'), apt = path.join(at, 'apt');
  for (const d of [at, postgres, path.join(apt, 'sources.list.d'), path.join(apt, 'preferences.d')]) fs.mkdirSync(d, { recursive: true });
  fs.cpSync('/usr/sbin', sbin, { recursive: true, verbatimSymlinks: true });
  fs.rmSync(path.join(sbin, 'policy-rc.d'), { force: true });
  if (policy) fs.writeFileSync(path.join(sbin, 'policy-rc.d'), policy, { mode: 0o755 });
  for (const file of files) fs.writeFileSync(path.join(at, file), '');
  const env = {
    at, TERM: 'xterm', apt_updated: '',
    ...programs(at, {
      'apt-get': APT_GET,
      'dpkg-query': 'exit 1',
      'apt-cache': `grep -c update "$at/calls" >"$at/updates"; v=(${candidate.join(' ')}); n=$(($(cat "$at/updates") - 1)); echo "  Candidate: \${v[n]-\${v[-1]}}"`,
    }),
  };
  const text = (file) => (fs.existsSync(path.join(at, file)) ? fs.readFileSync(path.join(at, file), 'utf8') : '');
  const shell = (line) => mounted({ '/usr/sbin': sbin, '/etc/postgresql-common': postgres, '/etc/apt': apt }, ['bash', '-c', `. scripts/lib/packages.sh; ${line}`, 'setup']);
  return {
    env, text, shell,
    run: (line, options) => script(shell(line), { env, ...options }),
    file: (name) => path.join(at, name),
    calls: (word) => text('calls').split('\n').filter((call) => call.includes(word) && !call.includes('--print-uris')),
    left: () => ['sbin/policy-rc.d', 'postgresql-common/createcluster.d/boothd.conf'].filter((file) => fs.existsSync(path.join(at, file))),
  };
}

test('all groups need one call of apt, and the lists are refreshed once', async () => {
  const m = machine();
  const { status, output } = await m.run('has_node() { false; }; need build hub node; need trace; bash -c ". scripts/lib/packages.sh; need lint"');
  assert.equal(status, 0, output);
  assert.equal(m.calls(' update').length, 1, m.text('calls'));
  const installs = m.calls(' install ');
  assert.equal(installs.length, 3, installs.join('\n'));
  for (const name of ['gcc', 'libgpiod-dev', 'postgresql', 'nodejs', 'npm']) assert.match(installs[0], new RegExp(` ${name}( |$)`));
  assert.match(output, /^ {2}installing gcc make .*\n(.*\n)* {2}3 packages in all, 183 MB to fetch\n/);
});

test('a node from another source is used, and no npm is installed', async () => {
  const m = machine();
  const { status, output } = await m.run('need trace node');
  assert.equal(status, 0, output);
  assert.doesNotMatch(m.calls(' install ').join(), /nodejs|npm/);
});

test('a package that is too old in the release comes from its backports; the other lists are not refreshed again', async () => {
  const m = machine({ candidate: ['1.6', '2.1'] });
  const { status, output } = await m.run('need build');
  assert.equal(status, 0, output);
  const [all, backports, ...more] = m.calls(' update');
  assert.doesNotMatch(all, /sourceparts/);
  assert.match(backports, /Dir::Etc::sourcelist=\/etc\/apt\/sources\.list\.d\/boothd-backports\.sources -o Dir::Etc::sourceparts=- /);
  assert.deepEqual(more, []);
  assert.match(m.text('apt/sources.list.d/boothd-backports.sources'), /^URIs: http:\/\/debian\.example$/m);
});

test('without a terminal it shows progress as a line every few seconds', async () => {
  const m = machine();
  const begun = performance.now();
  const { output } = await m.run('need trace');
  const lines = output.split('\n').filter(Boolean);
  assert.ok(lines.length <= 5 + (performance.now() - begun) / 5000, output); // of 202 that apt told
  assert.match(output, /^ {2}fetching {3}1 % {2}Retrieving file 1 of 100$/m);
  assert.doesNotMatch(output, /[\r\x1b]|status:/);
});

test('on a terminal progress is one line, rewritten, and removed at the end', async () => {
  const m = machine();
  const { output } = await m.run('need trace', { terminal: true });
  const lines = output.replaceAll('\r\n', '\n').split('\n');
  assert.ok(lines.length <= 5, output);
  const rewritten = lines.at(-1).split('\r\x1b[K');
  for (const text of ['  fetching  50 %  Retrieving file 50 of 100', '  installing  99 %  Unpacking package 99']) assert.ok(rewritten.includes(text), `${text}: ${rewritten}`);
  assert.equal(rewritten.at(-1), '');
});

test('through sudo, which closes further descriptors, it prints the same', async () => {
  const m = machine();
  const { status, output } = await m.run('as_root() { (for n in {3..20}; do eval "exec $n>&-"; done; "$@"); }; need trace');
  assert.equal(status, 0, output);
  assert.match(output, /^ {2}fetching {3}1 % {2}Retrieving file 1 of 100$/m);
});

test('while another program installs, it says that it waits', async () => {
  const m = machine({ files: ['locked'] });
  const { output } = await m.run('need trace');
  assert.match(output, /^ {2}Waiting for cache lock: .* held by process 7 \(apt-get\)\.\.\.$/m);
});

test('the output of a failed apt is shown completely', async () => {
  const m = machine({ files: ['broken'] });
  const { status, output } = await m.run('need trace; echo went on');
  assert.equal(status, 1);
  assert.match(output, /Reading package lists\.\.\.\ndpkg: error processing one \(--configure\)\nE: Sub-process dpkg returned an error code \(1\)\nsetup: could not install: strace valgrind\n$/);
  assert.doesNotMatch(output, /went on|status:/);
});

test('without a network the old lists are used, and it says so', async () => {
  const m = machine({ files: ['offline'] });
  const { status, output } = await m.run('need trace');
  assert.equal(status, 0, output);
  assert.match(output, /E: Failed to fetch http:\/\/debian\.example\/InRelease\n {2}\(the package lists could not be refreshed; trying with the old ones\)\n/);
});

test('installed services do not start, and PostgreSQL makes no cluster; afterwards all is as before', async () => {
  for (const files of [[], ['broken']]) {
    const m = machine({ files });
    await m.run('need hub');
    assert.equal(m.text('meanwhile'), 'policy: 101\ncreate_main_cluster = false\n');
    assert.deepEqual(m.left(), []);
  }
  const without = machine();
  await without.run('need trace');
  assert.equal(without.text('meanwhile'), 'policy: 101\n');
});

test('an administrator’s own policy is kept', async () => {
  const policy = '#!/bin/sh\nexit 104\n';
  const m = machine({ policy });
  await m.run('need hub');
  assert.equal(m.text('meanwhile'), 'policy: 104\ncreate_main_cluster = false\n');
  assert.equal(m.text('sbin/policy-rc.d'), policy);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  test(`${signal} during an installation leaves no policy behind`, async () => {
    const m = machine({ files: ['wait'] });
    const it = new Script(m.shell('need hub; echo went on'), { env: m.env });
    await waitFor(() => m.text('meanwhile') && fs.existsSync(m.file('waits')), { what: 'apt' });
    assert.equal(m.left().length, 2);
    it.signal(signal);
    assert.notEqual(await it.exit, 0);
    assert.doesNotMatch(it.output, /went on/);
    assert.deepEqual(m.left(), [], it.output);
  });

test('killed, it leaves a policy that allows every start and removes itself when called; the next one replaces it', async () => {
  const m = machine({ files: ['wait'] });
  const it = new Script(m.shell('need hub'), { env: m.env });
  await waitFor(() => fs.existsSync(m.file('waits')), { what: 'apt' });
  it.signal('SIGKILL');
  await it.exit;
  assert.ok(m.left().includes('sbin/policy-rc.d'));
  fs.rmSync(m.file('wait'));
  const left = m.text('sbin/policy-rc.d');
  const { status } = await script(['sh', '-c', `"$0" postgresql start`, m.file('sbin/policy-rc.d')]);
  assert.equal(status, 0);
  assert.ok(!m.left().includes('sbin/policy-rc.d'));

  fs.writeFileSync(m.file('sbin/policy-rc.d'), left, { mode: 0o755 });
  await m.run('need hub');
  assert.equal(m.text('meanwhile'), 'policy: 101\ncreate_main_cluster = false\n');
  assert.deepEqual(m.left(), []);
});
