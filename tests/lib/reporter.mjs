// The reporter of test files: a line for each test that ends (ok or FAIL, seconds, name), and its error, indented. tests/run
// reads these lines.
const indented = (text) => text.replace(/^/gm, '     ');

export default async function* report(events) {
  const names = []; // of the enclosing describes, by depth
  for await (const { type, data } of events) {
    if (type === 'test:start') names[data.nesting] = data.name;
    const how = { 'test:pass': 'ok  ', 'test:fail': 'FAIL' }[type];
    if (!how) continue;
    const { duration_ms, error, type: kind } = data.details;
    const suite = kind === 'suite';
    if (suite && (how === 'ok  ' || error?.failureType === 'subtestsFailed')) continue; // its tests were reported
    if (data.skip !== undefined) {
      yield `skip         ${data.name}${data.skip === true || data.skip === '' ? '' : `: ${data.skip}`}\n`;
      continue;
    }
    yield `${how} ${(duration_ms / 1000).toFixed(1).padStart(5)} s  ${[...names.slice(0, data.nesting), data.name].join(': ')}\n`;
    if (error) yield `${indented(error.cause?.stack ?? error.stack ?? String(error))}\n`;
  }
}
