// The document and the program list the same routes for the same roles.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { build } from '../lib/boothd.mjs';
import { api, mismatches, resolve } from '../lib/contract.mjs';

test('the route table is the document', () => {
  const { stdout, status } = spawnSync(path.join(build, 'boothd'), ['--routes'], { encoding: 'utf8' });
  assert.equal(status, 0);
  const documented = Object.entries(api.paths).flatMap(([pattern, item]) =>
    Object.entries(item).map(([method, operation]) => `${method.toUpperCase()} ${pattern.replace(/\{\w+\}/g, '{id}')} ${operation['x-role']}`));
  assert.deepEqual(stdout.trim().split('\n').map((l) => l.replace(/\{\w*\}/g, '{id}').replace(/ +/g, ' ').trim()).sort(), documented.sort());
});

test('every reference resolves, every operation has a name of its own, every request body refuses what it does not know', () => {
  const names = new Set();
  const walk = (node, where) => {
    if (!node || typeof node !== 'object') return;
    if (node.$ref) assert.ok(resolve(node), `${where}: ${node.$ref}`);
    for (const [key, value] of Object.entries(node)) walk(value, `${where}/${key}`);
  };
  walk(api, '#');
  const strict = (schema, where) => {
    const s = resolve(schema);
    if (s.oneOf) s.oneOf.forEach((x) => strict(x, where));
    else if (s.type === 'object') assert.equal(s.additionalProperties, false, where);
  };
  for (const [pattern, item] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(item)) {
      const where = `${method} ${pattern}`;
      assert.ok(operation.operationId && !names.has(operation.operationId), where);
      names.add(operation.operationId);
      assert.ok(['none', 'staff', 'manager'].includes(operation['x-role']), where);
      assert.equal((pattern.match(/\{/g) ?? []).length, (operation.parameters ?? []).map(resolve).filter((p) => p.in === 'path').length, where);
      const { schema, example } = operation.requestBody?.content['application/json'] ?? {};
      if (schema) strict(schema, where);
      if (example) assert.deepEqual(mismatches(schema, example), [], where);
      if (schema && example) assert.notDeepEqual(mismatches(schema, { ...example, unknown: 1 }), [], where);
    }
});
