// All suites, which tests/run reads:
//
//   about        for the list that tests/run prints
//   needs        package groups of scripts/lib/packages.sh
//   after        suites, mostly builds, that must pass first; they are run, too
//   jobs         [{name, argv, weight, …}]; each runs in tests/lib/contain and is ended when it makes no progress
//   step         true: work without tests, which can only fail
//   service      {argv, variable}: a program that runs during the suite; its first line becomes that variable's value
//   env          more environment for all jobs
//
// A job has weight (how many processors it uses, default 1; 0: it mostly waits), quiet_s (seconds of the reference
// machine that it may be without progress), anyLine (every line that it prints is progress, not only the end of a test),
// hostNetwork (it needs this machine's network) and disk (its temporary files are too large for memory).
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

/** A suite of the *.test.mjs of a folder, or `only` of these. first and waits start first, except is left out. */
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

/** A suite of cmocka binaries; those that mostly wait begin at once. */
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

/** A suite of one command that prints the results of its tests. */
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
  STRIDE: '20', // each step takes longer under a sanitizer
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

// What a suite of a folder needs, with any build.
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
    about: 'programs, pages and helpers of the tests',
    needs: ['build', 'hub', 'test'],
    after: ['web-tools'],
    job: { hostNetwork: true },
  }),
  'web-tools': step(make('web-static/node_modules/.stamp'), { about: 'the tools that build and check the pages', needs: ['node'], job: { hostNetwork: true, weight: 1 } }),
  lint: step(['scripts/lint'], { about: 'the rules of the tree', needs: ['lint'], after: ['web-tools'], job: { weight: 1 } }),
  unit: cmocka(units('build', quickUnits), { about: 'C, module by module' }),
  runner: node('runner', { about: 'the test runner itself: counting, limits, ending of suites', needs: ['hub', 'browser', 'box'], job: { hostNetwork: true } }),
  replay: cmocka(replays('build'), { about: 'the corpus and earlier findings of the fuzzers' }),
  'unit-long': cmocka(units('build', LONG_UNITS), { about: 'power cuts, disk faults, a full disk, simulated' }),
  api: node('api', { ...api, about: 'the real boothd over HTTP, streams and boothctl' }),
  systemd: node('systemd', { about: 'units, firewall, access point, names, privileged operations', needs: ['box'] }),
  hub: node('hub', { ...hub, about: 'the hub’s API, with PostgreSQL and booths' }),
  web: node('web', { about: 'the logic of the web app' }),
  browser: node('browser', { ...browser, about: 'the pages in Chromium' }),
  'browser-long': node('browser', { ...browser, about: 'the pages in the remaining sizes, languages and themes', only: ['matrix'] }),
  docs: node('docs', { about: 'the commands and quoted texts of the documents', needs: ['hub', 'box', 'sync', 'lint'] }),
  scripts: node('scripts', { about: 'scripts/run and scripts/hub on a fresh machine', needs: ['hub', 'sync'] }),
  bench: node('bench', { about: 'each benchmark for a second', needs: ['hub', 'trace'] }),
  abuse: node('abuse', { ...abuse, about: 'malformed requests, floods, full disks, wrong clocks', env: { ATTACK_S: '60' } }),
  sync: node('sync', { ...sync, about: 'booths, hub and PostgreSQL through all kinds of network faults', env: { CHAOS_S: '180' } }),
  faults: cmocka(units('build', ['writer/writer_failing_disk', 'writer/writer_powercut']), {
    about: 'power cuts, and a disk that fails at each single call',
    env: { STRIDE: '1', CUTS: '500', SEED: '1' },
    job: { quiet_s: 600 },
  }),
  crash: script(['node', 'tests/crash/kill.mjs'], { about: 'boothd killed under load again and again', env: { CYCLES: '100' } }),
  instructions: script(['node', 'tests/crash/instructions.mjs'], { about: 'the cost of a command does not grow with the list', needs: ['trace'] }),
  'fuzz-build': step(make('SAN=fuzz', 'fuzzers'), { about: 'fuzzers', needs: ['build', 'fuzz', 'test'] }),
  fuzz: script(['make', '--no-print-directory', 'fuzz'], {
    about: 'libFuzzer on each parser',
    after: ['fuzz-build'],
    env: { SECONDS: '20', SEED: '1' }, // always the same inputs; nightly uses others
    job: { weight: ALL },
  }),
  'asan-build': step(make('SAN=asan', 'programs', 'hub', 'unit', 'replay', 'shims', 'hub_load', 'load'), { about: 'all with AddressSanitizer', needs: ['build', 'hub', 'test'] }),
  'asan-unit': cmocka([...units('build/asan', unitNames), ...replays('build/asan')], { about: 'unit tests under ASan', ...asan }),
  'asan-api': node('api', { ...api, about: 'the API under ASan', ...asan }),
  'asan-systemd': node('systemd', { about: 'renderer and privileged operations under ASan', ...asan, only: ['render', 'privop'] }),
  'asan-abuse': node('abuse', { about: 'the riskiest files of abuse under ASan', ...asan, only: ['malformed', 'contract', 'access'] }),
  'asan-abuse-all': node('abuse', { ...abuse, about: 'abuse under ASan', ...asan }),
  'asan-browser': node('browser', { ...browser, about: 'the main files of browser under ASan', ...asan, after: ['build', 'asan-build'], only: ['evening', 'live', 'outage', 'board'] }),
  'asan-browser-all': node('browser', { ...browser, about: 'the pages under ASan', ...asan, after: ['build', 'asan-build'] }),
  'asan-sync': node('sync', { ...sync, about: 'the riskiest files of sync under ASan', ...asan, only: ['inbox', 'restored', 'security'] }),
  'asan-sync-all': node('sync', { ...sync, about: 'sync under ASan', ...asan }),
  'asan-hub': node('hub', { ...hub, about: 'the hub under ASan', ...asan }),
  'tsan-build': step(make('SAN=tsan', 'programs', 'hub', 'unit', 'shims', 'hub_load', 'load'), { about: 'all with ThreadSanitizer', needs: ['build', 'hub', 'test'] }),
  'tsan-unit': fixedAddresses(cmocka(units('build/tsan', unitNames.filter((name) => /^(base\/mailbox|http|store|writer|worker|sync|panel|wifi|system|api)\b/.test(name))), { about: 'unit tests of the daemon’s threads under TSan', ...tsan })),
  'tsan-api': fixedAddresses(node('api', { ...api, about: 'the daemon’s threads under load, under TSan', ...tsan, only: ['concurrency', 'stream', 'sync'] })),
  'tsan-sync': fixedAddresses(node('sync', { ...sync, about: 'the sync thread under TSan', ...tsan, only: ['inbox'] })),
  'tsan-hub': fixedAddresses(node('hub', { ...hub, about: 'the hub’s threads under TSan', ...tsan, only: ['guests'] })),
  analyzer: step(make('O=build/analyzer', 'WERROR=1', 'CFLAGS=-fanalyzer', 'programs', 'hub'), { about: 'gcc’s analyzer', needs: ['build', 'hub'] }),
  tidy: step(make('tidy'), { about: 'clang-tidy', needs: ['build', 'hub', 'analysis'], after: ['build'] }),
  deb: step(['make', '--no-print-directory', 'deb'], { about: 'the Debian packages', needs: ['build', 'root'], after: ['build'], job: { hostNetwork: true, disk: true, quiet_s: 600 } }),
  'deb-check': script(['tests/deb/run'], { about: 'the packages: contents, installation, removal', ...machine }),
  system: { ...box(), about: 'the package in an emulated box' },
  'system-arm64': { ...box('--arm64'), about: 'the arm64 package in an emulated box' },
  'power-log': node('power', { about: 'the replay of power cuts, with handmade logs' }),
  power: { ...script(['tests/power/run'], { ...machine, env: { CUTS: '24' } }), about: 'power cuts of an emulated machine' },
  'debian-12': bare('12'),
  'debian-13': bare('13'),
};

/** One of the two bare roots, chosen by the commit; Debian 12 if git is not installed yet. */
function bareRoot() {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' });
  return `debian-${12 + (parseInt(stdout?.trim().slice(-1) || '0', 16) % 2)}`;
}

/** Groups of suites. [name, env] is a suite with other settings. */
const check = ['lint', 'unit', 'replay'];
const test = [...check, 'unit-long', 'browser', 'api', 'hub', 'runner', 'docs', 'scripts', 'web', 'systemd'];
const ci = [...test, 'power-log', 'bench', 'browser-long', 'abuse', 'sync', 'faults', 'fuzz', 'asan-unit', 'asan-api', 'asan-systemd', 'asan-abuse', 'asan-browser', 'asan-sync', 'asan-hub',
  'tsan-unit', 'tsan-api', 'tsan-sync', 'tsan-hub', 'analyzer', 'tidy', 'crash', 'instructions', 'system', 'system-arm64', 'power', bareRoot()];

const nightly = [...ci.filter((name) => !/^(asan|debian)-/.test(name)), 'asan-unit', 'asan-api', 'asan-systemd', 'asan-abuse-all', 'asan-browser-all', 'asan-sync-all', 'asan-hub',
  ['abuse', { ATTACK_S: '600' }], ['sync', { CHAOS_S: '1800' }], ['faults', { CUTS: '10000', SEED: String(Date.now() % 100000) }], ['fuzz', { SECONDS: '600', SEED: '0' }],
  ['crash', { CYCLES: '300' }], ['power', { CUTS: '400' }], 'deb-check', 'debian-12', 'debian-13'];

export const groups = { check, 'check-long': ['unit-long'], test, ci, nightly };
