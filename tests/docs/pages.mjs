// Parses the documents: fenced blocks, the commands for a reader to type, and quotations.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Pages for people who run a booth, a hub, or the tests; OTHERS give no commands to type. */
export const PAGES = ['README.md', 'README.ko.md', 'tests/system/README.md',
  ...fs.readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`)];
export const MANUALS = fs.readdirSync(path.join(root, 'docs/man')).sort().map((name) => `docs/man/${name}`);
export const OTHERS = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md'];

export const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');

/** The language of a page, and the same page in the other one if there is. */
export const language = (name) => (name.includes('.ko.') ? 'ko' : 'en');
export const pairs = PAGES.filter((name) => language(name) === 'ko').map((ko) => [ko.replace('.ko.', '.'), ko]);

/** A page as blocks of {line, info, text} and prose of {line, text}; line is the number of the first line. */
export function parts(text) {
  const blocks = [], prose = [];
  let open = null;
  text.split('\n').forEach((line, i) => {
    const fence = /^( *)(`{3,})(.*)$/.exec(line);
    if (open && fence && fence[3] === '' && fence[2] === open.fence) {
      blocks.push({ line: open.line, info: open.info, text: open.lines.map((l) => l.slice(open.indent)).join('\n') });
      open = null;
    } else if (open) {
      open.lines.push(line);
    } else if (fence) {
      open = { line: i + 1, indent: fence[1].length, fence: fence[2], info: fence[3].trim(), lines: [] };
    } else {
      prose.push({ line: i + 1, text: line });
    }
  });
  if (open) throw new Error(`a block that begins in line ${open.line} has no end`);
  return { blocks, prose };
}

/** Code spans of the prose, {line, text}: a span may continue on the next line, and tables escape bars. */
export function spans(prose) {
  const found = [];
  for (let i = 0; i < prose.length; i++) {
    let at = prose[i].text, first = prose[i].line;
    // with an odd number of ticks so far the span continues below
    while (at.split('`').length % 2 === 0 && i + 1 < prose.length && prose[i + 1].text !== '') at += ` ${prose[++i].text.trim()}`;
    for (const [, text] of at.matchAll(/`([^`]+)`/g)) found.push({ line: first, text: text.replaceAll('\\|', '|') });
  }
  return found;
}

const PROGRAMS = ['boothctl', 'boothd', 'boothhub', 'boothd-root', 'ctl', 'ask', 'admin', './scripts/run', './scripts/hub', './scripts/test',
  '.ci/run', 'tests/run', 'make', 'sudo', 'apt', 'systemctl', 'journalctl', 'curl', 'git', 'ssh', 'scp', 'createdb', 'pg_dump', 'echo', 'man', 'xset',
  'powercfg', 'chromium', 'gpioinfo'];
const JUST_NAMES = ['boothctl', 'boothd', 'boothhub', 'boothd-root', 'ctl', 'ask', 'admin', 'sudo', 'curl', 'systemctl', 'apt']; // alone, no command

/** True if this code span is a command. */
export const isCommand = (span) => {
  const [first, ...rest] = span.split(' ');
  return PROGRAMS.includes(first) && (rest.length > 0 || !JUST_NAMES.includes(first));
};

/** Commands of a shell block, with continued lines joined and without comments. */
export function commandsOf({ line, text }) {
  const found = [];
  let begun = null;
  text.split('\n').forEach((each, i) => {
    const whole = begun ? `${begun.text} ${each.trim()}` : each;
    const at = begun?.line ?? line + 1 + i;
    if (whole.endsWith('\\')) {
      begun = { line: at, text: whole.slice(0, -1).trim() };
      return;
    }
    begun = null;
    const command = whole.replace(/(^| +)# .*$/, '').trim();
    if (command) found.push({ line: at, text: command });
  });
  return found;
}

const unescaped = (line) => line.replaceAll('\\e', '\\').replaceAll('\\(dq', '"').replaceAll('\\&', '');

/** A manual page's literal displays as blocks, and its `.Ql` words and one-line displays, as a terminal shows them. */
export function manual(text) {
  const blocks = [], words = [];
  let open = null;
  text.split('\n').forEach((line, i) => {
    if (/^\.Bd -literal/.test(line)) open = { line: i + 1, info: 'literal', lines: [] };
    else if (line === '.Ed') {
      blocks.push({ ...open, text: open.lines.join('\n') });
      open = null;
    } else if (open) open.lines.push(unescaped(line));
    else if (line.startsWith('.Dl ')) blocks.push({ line: i, info: 'literal', text: unescaped(line.slice(4)) });
    else if (line.startsWith('.Ql ')) words.push({ line: i + 1, text: unescaped(line.slice(4)).replace(/( [.,;:)])+$/, '').replace(/^"(.*)"$/, '$1') });
  });
  return { blocks, words };
}

/** The commands of a block with prompts: [{line, text, answer}], answer being the shown output. */
export function session({ line, text }) {
  const steps = [];
  text.split('\n').forEach((each, i) => {
    const last = steps.at(-1);
    const command = /^(?:\$ |(?:[\d*]+ ){5})(.*)$/.exec(each)?.[1]; // at a prompt, or in a crontab
    if (command) steps.push({ line: line + 1 + i, text: command, answer: [] });
    else if (last?.text.endsWith('\\')) last.text = `${last.text.slice(0, -1).trim()} ${each.trim()}`;
    else last?.answer.push(each);
  });
  return steps;
}

/** Every command of a page, in order: [{page, line, text, answer}]. */
export function commands(page) {
  let found;
  if (page.startsWith('docs/man/')) {
    const { blocks, words } = manual(read(page));
    found = [...blocks.flatMap(session), ...words.filter(({ text }) => isCommand(text))];
  } else {
    const { blocks, prose } = parts(read(page));
    found = [...blocks.filter(({ info }) => info === 'sh').flatMap(commandsOf), ...spans(prose).filter(({ text }) => isCommand(text))];
  }
  return found.sort((a, b) => a.line - b.line).map((each) => ({ page, ...each }));
}
