// All suites, as rows: what each is, what it needs, and what may run beside it. tests/run reads them.
//
//   about        for the list that tests/run prints
//   needs        package groups of scripts/lib/packages.sh
//   after        suites that must have passed before, a build for the most part; they are run with it
//   jobs         [{name, argv, weight, …}]; a job is contained (tests/lib/contain) and ended when it makes no progress
//   step         it is work without tests: it can only fail
//   service      {argv, variable}: a program beside the suite, whose first line is put into that variable
//   env          more environment, for all jobs
//
// Of a job: weight is how many processors it keeps busy (1; 0 waits more than it works),
// quiet_s the seconds of the reference machine that it may be without progress, anyLine says that each line that
// it prints is progress and not the ends of tests alone, hostNetwork that it needs this machine's network, disk
// that its temporary files are too large for memory.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

const ALL = os.cpus().length;

const names = (folder, pattern) =>
  fs
    .readdirSync(new URL(folder, import.meta.url))
    .map((file) => pattern.exec(file)?.[1])
    .filter(Boolean)
    .sort();

/** The *.test.mjs of a folder. first, waits, except: names; only these files, or those of the others. */
function node(folder, { first = [], waits = [], except = [], only, job = {}, ...suite }) {
  const all = only ?? names(`${folder}/`, /^(.*)\.test\.mjs$/).filter((name) => !except.includes(name));
  for (const name of [...first, ...waits])
    if (!only && !all.includes(name)) throw new Error(`tests/suites.mjs: there is no ${folder}/${name}`);
  const rank = (name) => (waits.includes(name) ? 0 : first.includes(name) ? 1 : 2);
  const jobs = [...all]
    .sort((a, b) => rank(a) - rank(b) || first.indexOf(a) - first.indexOf(b))
    .map((name) => ({
      name,
      argv: ['node', '--test-reporter=./tests/lib/reporter.mjs', `tests/${folder}/${name}.test.mjs`],
      weight: waits.includes(name) ? 0 : 1,
      ...job,
    }));
  return { jobs, after: ['build'], ...suite };
}

/** cmocka binaries of a build; those whose work is to wait begin at once. */
function cmocka(binaries, { job = {}, ...suite }) {
  const waits = /\/(panel\/test_panel|wifi\/test_radio|http\/test_server|sync\/test_http_client)$/;
  const jobs = [...binaries.filter((binary) => waits.test(binary)), ...binaries.filter((binary) => !waits.test(binary))].map((binary) => ({
    name: binary.replace(/^.*\/(unit|replay|fuzz)\//, '').replace('test_', ''),
    argv: ['env', 'CMOCKA_MESSAGE_OUTPUT=TAP', binary],
    weight: waits.test(binary) ? 0 : 1,
    ...job,
  }));
  return { jobs, after: ['build'], ...suite };
}

/** One command that tells of its tests by itself. */
const script = (argv, { job = {}, ...suite }) => ({
  jobs: [{ name: '', argv, weight: 1, anyLine: true, ...job }],
  after: ['build'],
  ...suite,
});
const step = (argv, { job = {}, ...suite }) => ({
  ...script(argv, { job: { weight: ALL, ...job }, after: [], ...suite }),
  step: true,
});
const make = (...targets) => ['make', '--no-print-directory', `-j${ALL}`, ...targets];

const LONG_UNITS = ['writer/writer_failing_disk', 'writer/writer_powercut', 'writer/writer_failures'];
const unitNames = fs
  .readdirSync(new URL('unit/', import.meta.url), { recursive: true })
  .map((file) => /^(.*\/)test_(.*)\.c$/.exec(file))
  .filter(Boolean)
  .map(([, room, name]) => room + name)
  .sort();
const units = (build, chosen) => chosen.map((name) => `${build}/unit/${name.replace(/([^/]*)$/, 'test_$1')}`);
const replays = (build) => names('fuzz/', /^(fuzz_.*)\.c$/).map((name) => `${build}/replay/${name}`);
const quickUnits = unitNames.filter((name) => !LONG_UNITS.includes(name));

// ThreadSanitizer cannot map its shadow where addresses are randomised too widely.
const sanitized = (kind) => ({
  BOOTHD_BUILD: `build/${kind}`,
  ASAN_OPTIONS: 'halt_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
  TSAN_OPTIONS: 'halt_on_error=1:second_deadlock_stack=1',
  STRIDE: '20', // each of them takes longer here
  CUTS: '50',
});
const fixedAddresses = (suite) => ({
  ...suite,
  jobs: suite.jobs.map((job) => ({ ...job, argv: ['setarch', '-R', ...job.argv] })),
});
const asan = { env: sanitized('asan'), after: ['asan-build'] };
const tsan = { env: sanitized('tsan'), after: ['tsan-build'] };
const machine = { needs: ['build', 'test', 'system', 'root'], after: ['deb'], job: { hostNetwork: true, disk: true, weight: ALL, quiet_s: 600 } };
const bare = (release) =>
  script(['tests/bare-root', release], {
    about: `./scripts/test in a bare Debian ${release}`,
    needs: ['root'],
    after: [],
    job: { hostNetwork: true, disk: true, weight: ALL, quiet_s: 600 },
  });
const box = (...args) => script(['tests/system/run', ...args], machine);

// What a suite of a folder needs, whichever build it runs with.
const api = { needs: ['sync', 'box'], waits: ['slow', 'watchdog'], first: ['sync', 'stall', 'concurrency'] };
const hub = { needs: ['hub'] };
const browser = {
  needs: ['browser'],
  service: { argv: ['node', 'tests/lib/chromium.mjs'], variable: 'CHROMIUM' },
  first: ['states', 'outage', 'live', 'evening', 'board-night', 'board-look'],
  except: ['matrix'],
  job: { hostNetwork: true },
};
const abuse = { needs: ['sync'], first: ['bounds'] };
const sync = { needs: ['hub', 'sync'], waits: ['chaos', 'night', 'security', 'database'], first: ['restored', 'weekend'], job: { quiet_s: 600 } };

export const suites = {
  build: step(make('all', 'unit', 'replay', 'shims', 'load', 'hub_load'), {
    about: 'programs, pages and what the tests need',
    needs: ['build', 'hub', 'test'],
    after: ['web-tools'],
    job: { hostNetwork: true },
  }),
  'web-tools': step(make('web-static/node_modules/.stamp'), { about: 'what the pages are built and checked with', needs: ['node'], job: { hostNetwork: true, weight: 1 } }),
  lint: step(['scripts/lint'], { about: 'the rules of the tree', needs: ['lint'], after: ['web-tools'], job: { weight: 1 } }),
  unit: cmocka(units('build', quickUnits), { about: 'C, module by module' }),
  runner: node('runner', { about: 'the runner itself: what it counts, what it ends', needs: ['hub', 'browser', 'box'], job: { hostNetwork: true } }),
  replay: cmocka(replays('build'), { about: 'what fuzzers ever found' }),
  'unit-long': cmocka(units('build', LONG_UNITS), { about: 'power cuts, disk faults, a full disk, simulated' }),
  api: node('api', { ...api, about: 'the real boothd by HTTP, stream and boothctl' }),
  systemd: node('systemd', { about: 'units, firewall, access point, names, privileged operations', needs: ['box'] }),
  hub: node('hub', { ...hub, about: 'the hub’s API, with PostgreSQL and booths' }),
  web: node('web', { about: 'the logic of the web app' }),
  browser: node('browser', { ...browser, about: 'the pages in Chromium' }),
  'browser-long': node('browser', { ...browser, about: 'the rarer of their sizes, languages and looks', only: ['matrix'] }),
  docs: node('docs', { about: 'what the documents tell a person to type, and what they quote', needs: ['hub', 'box', 'sync', 'lint'] }),
  scripts: node('scripts', { about: 'scripts/run, scripts/hub and what they install, as a newcomer meets them', needs: ['hub', 'sync'] }),
  bench: node('bench', { about: 'each part of the benches for a second', needs: ['hub', 'trace'] }),
  abuse: node('abuse', { ...abuse, about: 'abuse and bad luck', env: { ATTACK_S: '60' } }),
  sync: node('sync', { ...sync, about: 'booths, hub and PostgreSQL, and all that can come between them', env: { CHAOS_S: '180' } }),
  faults: cmocka(units('build', ['writer/writer_failing_disk', 'writer/writer_powercut']), {
    about: 'cuts of power, and a disk that fails at each single call',
    env: { STRIDE: '1', CUTS: '500', SEED: '1' },
    job: { quiet_s: 600 },
  }),
  crash: script(['node', 'tests/crash/kill.mjs'], { about: 'killed under load again and again', env: { CYCLES: '100' } }),
  instructions: script(['node', 'tests/crash/instructions.mjs'], { about: 'the cost of a command does not grow with the list', needs: ['trace'] }),
  'fuzz-build': step(make('SAN=fuzz', 'fuzzers'), { about: 'fuzzers', needs: ['build', 'fuzz', 'test'] }),
  fuzz: script(['make', '--no-print-directory', 'fuzz'], {
    about: 'libFuzzer on each parser',
    after: ['fuzz-build'],
    env: { SECONDS: '20', SEED: '1' }, // the same walk each time; others are for nights
    job: { weight: ALL },
  }),
  'asan-build': step(make('SAN=asan', 'programs', 'hub', 'unit', 'replay', 'shims', 'hub_load', 'load'), { about: 'all with AddressSanitizer', needs: ['build', 'hub', 'test'] }),
  'asan-unit': cmocka([...units('build/asan', unitNames), ...replays('build/asan')], { about: 'unit tests under ASan', ...asan }),
  'asan-api': node('api', { ...api, about: 'the API under ASan', ...asan }),
  'asan-systemd': node('systemd', { about: 'renderer and privileged operations under ASan', ...asan, only: ['render', 'privop'] }),
  'asan-abuse': node('abuse', { about: 'of abuse what is most at risk, under ASan', ...asan, only: ['malformed', 'contract', 'access'] }),
  'asan-abuse-all': node('abuse', { ...abuse, about: 'abuse under ASan', ...asan }),
  'asan-browser': node('browser', { ...browser, about: 'an evening of pages under ASan', ...asan, after: ['build', 'asan-build'], only: ['evening', 'live', 'outage', 'board'] }),
  'asan-browser-all': node('browser', { ...browser, about: 'the pages under ASan', ...asan, after: ['build', 'asan-build'] }),
  'asan-sync': node('sync', { ...sync, about: 'of sync what is most at risk, under ASan', ...asan, only: ['inbox', 'restored', 'security'] }),
  'asan-sync-all': node('sync', { ...sync, about: 'sync under ASan', ...asan }),
  'asan-hub': node('hub', { ...hub, about: 'the hub under ASan', ...asan }),
  'tsan-build': step(make('SAN=tsan', 'programs', 'hub', 'unit', 'shims', 'hub_load', 'load'), { about: 'all with ThreadSanitizer', needs: ['build', 'hub', 'test'] }),
  'tsan-unit': fixedAddresses(cmocka(units('build/tsan', unitNames.filter((name) => /^(base\/mailbox|http|store|writer|worker|sync|panel|wifi|system|api)\b/.test(name))), { about: 'threads of the daemon', ...tsan })),
  'tsan-api': fixedAddresses(node('api', { ...api, about: 'threads under load', ...tsan, only: ['concurrency', 'stream', 'sync'] })),
  'tsan-sync': fixedAddresses(node('sync', { ...sync, about: 'the thread of the sync', ...tsan, only: ['inbox'] })),
  'tsan-hub': fixedAddresses(node('hub', { ...hub, about: 'threads of the hub', ...tsan, only: ['guests'] })),
  analyzer: step(make('O=build/analyzer', 'WERROR=1', 'CFLAGS=-fanalyzer', 'programs', 'hub'), { about: 'gcc’s analyzer', needs: ['build', 'hub'] }),
  tidy: step(make('tidy'), { about: 'clang-tidy', needs: ['build', 'hub', 'analysis'], after: ['build'] }),
  deb: step(['make', '--no-print-directory', 'deb'], { about: 'the Debian packages', needs: ['build', 'root'], after: ['build'], job: { hostNetwork: true, disk: true, quiet_s: 600 } }),
  'deb-check': script(['tests/deb/run'], { about: 'the packages: what is in them, installed and removed', ...machine }),
  system: { ...box(), about: 'the package in an emulated box' },
  'system-arm64': { ...box('--arm64'), about: 'an evening of it on arm64' },
  'power-log': node('power', { about: 'what a cut leaves, by logs made by hand' }),
  power: { ...script(['tests/power/run'], { ...machine, env: { CUTS: '24' } }), about: 'power cuts of an emulated machine' },
  'debian-12': bare('12'),
  'debian-13': bare('13'),
};

/** One of the two bare roots, by the commit; without git, which tests/run has yet to install, there is none to know. */
function bareRoot() {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' });
  return `debian-${12 + (parseInt(stdout?.trim().slice(-1) || '0', 16) % 2)}`;
}

/** What is run together. A suite with other settings than its own is [name, env]. */
const check = ['lint', 'unit', 'replay'];
const test = [...check, 'unit-long', 'browser', 'api', 'hub', 'runner', 'docs', 'scripts', 'web', 'systemd'];
const ci = [...test, 'power-log', 'bench', 'browser-long', 'abuse', 'sync', 'faults', 'fuzz', 'asan-unit', 'asan-api', 'asan-systemd', 'asan-abuse', 'asan-browser', 'asan-sync', 'asan-hub',
  'tsan-unit', 'tsan-api', 'tsan-sync', 'tsan-hub', 'analyzer', 'tidy', 'crash', 'instructions', 'system', 'system-arm64', 'power', bareRoot()];

const nightly = [...ci.filter((name) => !/^(asan|debian)-/.test(name)), 'asan-unit', 'asan-api', 'asan-systemd', 'asan-abuse-all', 'asan-browser-all', 'asan-sync-all', 'asan-hub',
  ['abuse', { ATTACK_S: '600' }], ['sync', { CHAOS_S: '1800' }], ['faults', { CUTS: '10000', SEED: String(Date.now() % 100000) }], ['fuzz', { SECONDS: '600', SEED: '0' }],
  ['crash', { CYCLES: '300' }], ['power', { CUTS: '400' }], 'deb-check', 'debian-12', 'debian-13'];

export const groups = { check, 'check-long': ['unit-long'], test, ci, nightly };
