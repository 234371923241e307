// A command line that lacks something: what is said names it, and the exit status is that of a wrong command line.
import assert from 'node:assert/strict';
import { test } from '../lib/test.mjs';
import { script } from '../lib/script.mjs';

const cases = {
  'scripts/run': [
    [['--state'], 2, /^run: --state needs a folder\n\nusage: /],
    [['--state', ''], 2, /^run: --state needs a folder\n/],
    [['--state', '--fresh'], 2, /^run: --state needs a folder\n/],
    [['--listen'], 2, /^run: --listen needs ADDRESS:PORT\n/],
    [['--listen', '8080'], 2, /^run: --listen needs ADDRESS:PORT, as [0-9.:]+, not 8080\n/],
    [['--listen', '127.0.0.1:0,localhost:0'], 2, /^run: --listen needs ADDRESS:PORT, as [0-9.:]+, not localhost:0\n/],
    [['--timezone'], 2, /^run: --timezone needs a name, as Asia\/Seoul\n/],
    [['--stat', 'x'], 2, /^run: --stat is no option\n\nusage: /],
    [['--help'], 0, /^usage: /],
  ],
  'scripts/hub': [
    [['--state'], 2, /^hub: --state needs a folder\n\nusage: /],
    [['--listen', '--state', 'x'], 2, /^hub: --listen needs ADDRESS:PORT\n/],
    [['--public-url'], 2, /^hub: --public-url needs an address, as https:/],
    [['--database'], 2, /^hub: --database needs a connection string\n/],
    [['nonsense'], 2, /^hub: nonsense is no option\n/],
    [['--help'], 0, /^usage: /],
  ],
  'build/boothd': [
    [['--set'], 64, /^build\/boothd: option '--set' requires an argument\nUsage: /],
    [['--check'], 78, /^boothd: error: config key=timezone detail="is required, as timezone = Asia\/Seoul"\n$/],
  ],
  'build/boothctl': [
    [['--socket'], 2, /^boothctl: --socket needs a value\nusage: /],
    [['issue', '4', '--name'], 2, /^boothctl: --name needs a value\nusage: /],
    [['issue'], 2, /^boothctl: issue: too few words\nusage: boothctl issue PARTY/],
  ],
  'build/boothd-root': [[['--config'], 64, /^build\/boothd-root: option '--config' requires an argument\nUsage: /]],
  'build/boothhub': [
    [['--config'], 64, /^build\/boothhub: option '--config' requires an argument\nUsage: /],
    [['--set', 'listen=x', '--check'], 78, /^boothhub: error: config key=listen detail="must be ADDRESS:PORT/],
    [['admin'], 64, /^boothhub: admin needs a command\nUsage: /],
    [['admin', 'create-boot', 'x'], 64, /^boothhub: there is no admin create-boot\n/],
    [['admin', 'create-booth'], 64, /^boothhub: admin create-booth needs NAME\n/],
    [['admin', 'list', 'x'], 64, /^boothhub: admin list: too many words\n/],
  ],
  'tests/bare-root': [[[], 1, /^bare-root: usage: /]],
  'tests/system/lab/boot': [
    [['--root'], 2, /^boot: --root needs a value\n/],
    [['--bare', '--time'], 2, /^boot: --time needs a value\n/],
    [['--append'], 2, /^boot: --append needs a value\n/],
  ],
  'tests/system/lab/image': [[['amd64'], 1, /^image: usage: /]],
  'image-build/build-deb': [[[], 1, /^build-deb: usage: /]],
};

for (const [name, lines] of Object.entries(cases))
  test(`${name} reports errors of its command line`, async () => {
    for (const [args, status, words] of lines) {
      const { status: got, output } = await script([name, ...args]);
      assert.equal(got, status, `${name} ${args.join(' ')}: ${output}`);
      assert.match(output, words, `${name} ${args.join(' ')}`);
      assert.doesNotMatch(output, /: line \d+: |<\d>/);
    }
  });
