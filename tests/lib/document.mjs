// Checks an API document: its form, and that the program has the same routes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from './boothd.mjs';

const eachOperation = ({ api }) => Object.entries(api.paths).flatMap(([pattern, item]) =>
  Object.entries(item).map(([method, operation]) => ({ pattern, method: method.toUpperCase(), operation, id: operation.operationId })));
export { eachOperation as operations };

// program --routes prints "METHOD PATTERN WHO"; who: the operation's member with the same value.
export function checkRoutes(contract, program, who) {
  const { stdout, status } = spawnSync(path.join(build, program), ['--routes'], { encoding: 'utf8' });
  assert.equal(status, 0);
  const plain = (line) => line.replace(/\{\w*\}/g, '{id}').replace(/ +/g, ' ').trim();
  const documented = eachOperation(contract).map(({ method, pattern, operation }) => plain(`${method} ${pattern} ${operation[who]}`));
  assert.deepEqual(stdout.trim().split('\n').map(plain).sort(), documented.sort());
}

// Every reference resolves, every operation has a unique id, every request body refuses unknown members (unless x-lenient),
// every example matches its schema.
export function checkForm(contract, who, names) {
  const { api, resolve, mismatches } = contract;
  const walk = (node, where) => {
    if (!node || typeof node !== 'object') return;
    if (node.$ref) assert.ok(resolve(node), `${where}: ${node.$ref}`);
    if (node.schema && node.example !== undefined) assert.deepEqual(mismatches(node.schema, node.example), [], where);
    for (const [key, value] of Object.entries(node)) walk(value, `${where}/${key}`);
  };
  walk(api, '#');
  for (const [name, schema] of Object.entries(api.components.schemas))
    for (const example of schema.examples ?? []) assert.deepEqual(mismatches(schema, example), [], name);
  const strict = (schema, where) => {
    const s = resolve(schema);
    if (s.oneOf) s.oneOf.forEach((x) => strict(x, where));
    else if (s.type === 'object') assert.equal(s.additionalProperties, false, where);
  };
  const ids = new Set();
  for (const { pattern, method, operation, id } of eachOperation(contract)) {
    const where = `${method} ${pattern}`;
    assert.ok(id && !ids.has(id), where);
    ids.add(id);
    assert.ok(names.includes(operation[who]), where);
    assert.equal((pattern.match(/\{/g) ?? []).length, (operation.parameters ?? []).map(resolve).filter((p) => p.in === 'path').length, where);
    const { schema, example } = operation.requestBody?.content['application/json'] ?? {};
    if (schema && !operation['x-lenient']) strict(schema, where);
    if (schema && example) assert.notDeepEqual(mismatches(schema, { ...example, unknown: 1 }), [], where);
  }
}
