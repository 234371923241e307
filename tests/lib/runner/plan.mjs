// From the words of a command line to jobs. A table is {suites, groups}, as in tests/suites.mjs.

export class Unknown extends Error {}

/** The suites of one word (a group, a suite, or a file of a suite): [[suite, environment, file]]. */
function rows(table, word) {
  const { suites, groups } = table;
  if (groups[word]) return groups[word].flatMap((row) => (Array.isArray(row) ? [row] : rows(table, row)));
  if (suites[word]) return [[word, {}]];
  const [suite, name] = [word.slice(0, word.indexOf('/')), word.slice(word.indexOf('/') + 1)];
  if (suites[suite]?.jobs.some((job) => job.name === name)) return [[suite, {}, name]];
  throw new Unknown(word);
}

/**
 * {suite name: suite} in the order of the run: the requested suites, each once and after the builds that it needs. Each job
 * has its `suite` and `id`.
 */
export function plan(table, words) {
  const { suites } = table;
  const chosen = new Map();
  const choose = ([name, env, file]) => {
    for (const before of suites[name].after ?? []) choose([before, {}]);
    const suite = suites[name];
    const had = chosen.get(name);
    const jobs = suite.jobs.filter((job) => !file || job.name === file || had?.jobs.some((other) => other.name === job.name));
    chosen.set(name, {
      ...suite,
      env: { ...suite.env, ...had?.env, ...env },
      jobs: jobs.map((job) => ({ ...job, suite: name, id: job.name ? `${name}/${job.name}` : name, after: suite.after })),
    });
  };
  for (const word of words) for (const row of rows(table, word)) choose(row);
  return Object.fromEntries(chosen);
}

/** Package groups that these suites need. */
export const needs = (planned) => [...new Set(Object.values(planned).flatMap((suite) => suite.needs ?? []))];
