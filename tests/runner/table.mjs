// Suites that behave badly, for the tests of the runner; run as a program it is tests/run for them.
import { pathToFileURL } from 'node:url';
import { main } from '../lib/runner/main.mjs';

const shell = (name, script, job = {}) => ({ name, argv: ['bash', '-c', script], weight: 1, anyLine: false, ...job });
const suite = (...jobs) => ({ about: '', jobs });

export const suites = {
  good: suite(shell('one', 'echo "ok 1 - a"; echo "ok    0.5 s  b"; echo "1..2"')),
  bad: suite(
    shell('fails', 'echo "ok 1 - a"; echo "FAIL   0.1 s  b"; echo "     why"; exit 1'),
    shell('ends-early', 'echo "1..3"; echo "ok 1 - a"'),
    shell('ends-badly', 'echo "ok 1 - a"; exit 3'),
    shell('silent', 'true'),
  ),
  skips: suite(shell('all', 'echo "skip         c: no root"'), shell('some', 'echo "ok 1 - a"; echo "skip         b: no radio"')),
  // It has left its process group and its session, has files of its own, and does not listen to what it is told.
  stuck: suite(
    shell('hangs', 'echo "ok 1 - a"; touch "$TMPDIR/file"; setsid bash -c "trap \'\' TERM INT HUP; sleep 1000" & sleep 1000', { quiet_s: 1 }),
  ),
  chatty: suite(shell('talks', 'for i in 1 2 3 4 5 6; do echo "$i"; sleep 0.5; done; echo "ok 1 - a"', { quiet_s: 1.5, anyLine: true })),
  build: { ...suite(shell('', 'exit 1', { anyLine: true })), step: true },
  built: { ...suite(shell('one', 'echo "ok 1 - a"')), after: ['build'] },
  served: { ...suite(shell('asks', '[[ $WORD == hello ]] && echo "ok 1 - a"')), service: { argv: ['bash', '-c', 'echo hello; sleep 1000'], variable: 'WORD' } },
};
export const groups = { all: ['good', ['skips', { WORD: 'x' }]] };

if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await main({ suites, groups }, process.argv.slice(2));
