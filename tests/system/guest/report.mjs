// A line for each check, and why it failed; at the end how many did.
export default async function* report(events) {
  const ended = { pass: 0, fail: 0 };
  for await (const { type, data } of events) {
    const how = /^test:(pass|fail)$/.exec(type)?.[1];
    if (!how) continue;
    ended[how]++;
    yield `${how === 'pass' ? 'ok  ' : 'FAIL'} ${(data.details.duration_ms / 1000).toFixed(1).padStart(5)} s  ${data.name}\n`;
    const { error } = data.details;
    if (error) yield `     ${(error.cause?.stack ?? error.stack ?? String(error)).replaceAll('\n', '\n     ')}\n`;
  }
  yield `== ${ended.pass} passed, ${ended.fail} failed\n`;
}
