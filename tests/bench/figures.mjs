// Figures of benches, and how they are printed.
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
export const fixed = (n, digits = 0) => n.toFixed(digits);

/** Lines, with columns that end under each other. */
export function table(head, rows) {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  return all.map((row) => '  ' + row.map((cell, i) => cell.padStart(widths[i])).join('  '));
}

/** The figures that are not there, not a number or nothing, by their path. none: names of those that may be nothing. */
export function missing(figures, none = [], at = '') {
  if (typeof figures === 'string') return [];
  if (figures && typeof figures === 'object') {
    const all = Object.entries(figures).flatMap(([name, value]) => missing(value, none, `${at}.${name}`));
    return Object.keys(figures).length ? all : [`${at} is empty`];
  }
  const may = none.some((name) => at.endsWith(`.${name}`));
  return Number.isFinite(figures) && (figures > 0 || (may && figures === 0)) ? [] : [`${at} is ${figures}`];
}
