// Quotations in the documents, and the texts of the screens.
//
// The rule: “…” quotes one of our screens literally: the staff page, the board, a program in a terminal. Texts of other
// screens, such as a phone's settings, are in *italics*. Documents for people have no other quotation marks.
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../lib/boothd.mjs';
import { load } from '../web/load.mjs';

/** The quotations of a page's prose, {line, text}, and the lines with other quotation marks. */
export function quotations(prose) {
  const found = [], strange = [];
  const text = prose.map((p) => p.text).join('\n').replace(/`[^`]*`/g, (code) => code.replace(/[^\n]/g, ' '));
  const lineAt = (index) => prose[text.slice(0, index).split('\n').length - 1].line;
  for (const match of text.matchAll(/“([^“”]*)”/g)) found.push({ line: lineAt(match.index), text: match[1].replace(/\s+/g, ' ') });
  for (const match of text.replace(/“[^“”]*”/g, (whole) => whole.replace(/[^\n]/g, ' ')).matchAll(/["“”]/g)) strange.push(lineAt(match.index));
  return { found, strange };
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const letters = (text) => text.replace(/[^\p{L}]/gu, '').length;

// The placeholder in texts with values to fill in.
const SAMPLES = [['Xx', 'Xx', 'Xx'], [7001, 7001, 7001], [1, 1, 1], [0, 0, 0], ['Xx', 7001, 7001], ['7001', '7001', '7001']];
const BLANK = /Xx|7001/;
const pattern = (text, blank, filled) => new RegExp(`^${text.split(blank).map(escaped).join(filled)}$`);

/** Every text of a table: strings, lists, and results of functions. */
function texts(table) {
  if (typeof table === 'string') return [table];
  if (typeof table === 'function')
    return SAMPLES.flatMap((args) => {
      try {
        return texts(table(...args));
      } catch {
        return []; // it takes something else
      }
    });
  if (Array.isArray(table) && table.length && table.every((x) => typeof x === 'string')) return [...table, table.join('')];
  return table && typeof table === 'object' ? Object.values(table).flatMap(texts) : [];
}

/** A whole text, and each of its sentences. */
const sentences = (text) => [text, ...text.split(/(?<=[.?!])\s+/)];

/** Patterns of the pages' texts in a language, except those that consist mostly of placeholders. */
export async function pages(language) {
  const { staff, board } = await load(`text/${language}.ts`);
  const all = new Set(texts([staff, board]).flatMap(sentences));
  return [...all].filter((text) => letters(text.replaceAll(new RegExp(BLANK, 'g'), '')) >= 2).map((text) => pattern(text, BLANK, '[^.?!]{1,24}'));
}

/** Patterns of the texts of the box's programs. */
export function programs() {
  const found = new Set();
  for (const file of fs.readdirSync(path.join(root, 'firmware'), { recursive: true }).filter((name) => name.endsWith('.c'))) {
    const source = fs.readFileSync(path.join(root, 'firmware', file), 'utf8');
    for (const [, first] of source.matchAll(/((?:"(?:[^"\\\n]|\\.)*"\s*)+)/g)) found.add(first.replace(/"\s*"/g, '').trim().slice(1, -1).replace(/\\n$/, ''));
  }
  const BLANKS = /%[-0-9.*]*(?:l{0,2}|z)[a-z]|%" PRI\w+ "/;
  return [...found].filter((text) => letters(text.split(BLANKS).join('')) >= 8).map((text) => pattern(text, BLANKS, '.*'));
}

export const says = (patterns, text) => patterns.some((p) => p.test(text));
