// Compares every answer that the tests receive with the API document: firmware/api/openapi.json for the booth,
// hub/api/openapi.json for the hub. An undocumented status, member, content type or code is a failure.
import assert from 'node:assert/strict';
import fs from 'node:fs';

const kind = (v) => v === null ? 'null' : Array.isArray(v) ? 'array' : Number.isInteger(v) ? 'integer' : typeof v;
const isA = (v, type) => kind(v) === type || (type === 'number' && kind(v) === 'integer');
const length = (s) => [...s].length;
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// Each keyword checks a value and returns the fault, or ''.
const keywords = {
  type: (type, v) => [type].flat().some((t) => isA(v, t)) ? '' : `is ${kind(v)}, not ${type}`,
  enum: (values, v) => values.some((x) => same(x, v)) ? '' : `is ${JSON.stringify(v)}, none of ${values}`,
  const: (value, v) => same(value, v) ? '' : `is ${JSON.stringify(v)}, not ${JSON.stringify(value)}`,
  required: (names, v) => kind(v) !== 'object' ? '' : names.filter((n) => !(n in v)).map((n) => `lacks ${n}`).join(', '),
  minimum: (low, v) => typeof v === 'number' && v < low ? `is ${v}, below ${low}` : '',
  maximum: (high, v) => typeof v === 'number' && v > high ? `is ${v}, above ${high}` : '',
  minLength: (low, v) => typeof v === 'string' && length(v) < low ? `is shorter than ${low}` : '',
  maxLength: (high, v) => typeof v === 'string' && length(v) > high ? `is longer than ${high}` : '',
  minItems: (low, v) => Array.isArray(v) && v.length < low ? `has fewer than ${low}` : '',
  maxItems: (high, v) => Array.isArray(v) && v.length > high ? `has more than ${high}` : '',
  minProperties: (low, v) => kind(v) === 'object' && Object.keys(v).length < low ? `has fewer than ${low} members` : '',
  pattern: (p, v) => typeof v === 'string' && !new RegExp(p, 'u').test(v) ? `is ${JSON.stringify(v)}, not ${p}` : '',
};
const annotations = new Set(['description', 'format', 'examples', 'example', 'title', 'writeOnly', 'default']);

// file: the document's path in the tree
export function contract(file) {
  const api = JSON.parse(fs.readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));

  const resolve = (node) => {
    while (node?.$ref) node = node.$ref.slice(2).split('/').reduce((at, key) => at[key.replace(/~1/g, '/')], api);
    return node;
  };

  const routes = Object.entries(api.paths).map(([pattern, item]) => ({
    pattern, item, regexp: new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const route = (url) => routes.find((r) => r.regexp.test(url.split('?')[0]));

  // Errors of a value; `known` collects the members that the schema names.
  function errors(schema, value, where, known) {
    schema = resolve(schema);
    const found = [];
    for (const [key, rule] of Object.entries(schema)) {
      if (key in keywords) {
        const wrong = keywords[key](rule, value);
        if (wrong) found.push(`${where || 'it'} ${wrong}`);
      } else if (key === 'properties' && kind(value) === 'object') {
        for (const [name, sub] of Object.entries(rule)) {
          known.add(name);
          if (name in value) found.push(...whole(sub, value[name], `${where}.${name}`));
        }
      } else if (key === 'items' && Array.isArray(value)) {
        value.forEach((v, i) => found.push(...whole(rule, v, `${where}[${i}]`)));
      } else if (key === 'allOf') {
        for (const sub of rule) found.push(...errors(sub, value, where, known));
      } else if (key === 'oneOf' || key === 'anyOf') {
        const tries = rule.map((sub) => whole(sub, value, where));
        const good = tries.filter((t) => !t.length).length;
        if (key === 'oneOf' ? good !== 1 : !good) found.push(`${where} fits ${good} of ${key}: ${tries.flat().join('; ')}`);
        else rule.forEach((sub, i) => tries[i].length || Object.keys(resolve(sub).properties ?? {}).forEach((n) => known.add(n)));
      } else if (!annotations.has(key) && !['properties', 'items', 'additionalProperties'].includes(key)) {
        throw new Error(`the validator does not know "${key}"`);
      }
    }
    return found;
  }

  // If the schema names members, an object may have no others.
  function whole(schema, value, where) {
    const known = new Set();
    const found = errors(schema, value, where, known);
    if (kind(value) === 'object' && known.size)
      found.push(...Object.keys(value).filter((n) => !known.has(n)).map((n) => `${where}.${n} is not documented`));
    return found;
  }
  const mismatches = (schema, value) => whole(schema, value, '');

  function checkSchema(name, value) {
    const wrong = mismatches({ $ref: `#/components/schemas/${name}` }, value);
    assert.deepEqual(wrong, [], `${name} differs from its documentation`);
  }

  function checkProblem(operation, response, answer, what) {
    const { json, status } = answer;
    assert.equal(json.status, status, `${what}: problem.status`);
    assert.ok(response['x-codes'].includes(json.code), `${what}: code ${json.code} is not documented for ${status}`);
    if (status === 409) assert.ok(operation?.['x-conflicts']?.includes(json.code), `${what}: conflict ${json.code} is not documented`);
    if (status === 412) assert.ok(json.ticket, `${what}: 412 comes with the current ticket`);
  }

  // The answers of this run: "operation status code", or "everywhere …", "elsewhere …".
  const seen = new Set();

  // answer: {status, headers, text, json}
  function checkAnswer(method, url, answer) {
    const what = `${method} ${url} → ${answer.status}`;
    const at = route(url);
    if (!at && !url.startsWith('/api/')) return;
    const operation = at?.item[(method === 'HEAD' ? 'get' : method).toLowerCase()];
    const places = operation ? [[operation.operationId, operation.responses], ['everywhere', api['x-everywhere']]]
      : [['elsewhere', api['x-elsewhere']], ['everywhere', api['x-everywhere']]];
    const [place, responses] = places.find(([, r]) => r[answer.status]) ?? [];
    const response = resolve(responses?.[answer.status]);
    seen.add([place, answer.status, answer.json?.code].filter(Boolean).join(' '));
    assert.ok(response, `${what}: undocumented status; ${answer.text?.slice(0, 300)}`);
    for (const [name, header] of Object.entries(response.headers ?? {}))
      if (header.required) assert.ok(answer.headers[name.toLowerCase()], `${what}: header ${name} is missing`);
    if (method === 'HEAD') return;
    if (!response.content) {
      assert.equal(answer.text, '', `${what}: an undocumented body`);
      return;
    }
    const type = (answer.headers['content-type'] ?? '').split(';')[0];
    const content = response.content[type];
    assert.ok(content, `${what}: undocumented content type ${type}`);
    if (!type.endsWith('json')) return;
    assert.deepEqual(mismatches(content.schema, answer.json), [], `${what}: body differs from the document`);
    if (type === 'application/problem+json') checkProblem(operation, response, answer, what);
  }

  // All documented answers, in the form of `seen`.
  function promised() {
    const of = (place, responses, conflicts) => Object.entries(responses).flatMap(([status, response]) => {
      const codes = status === '409' ? conflicts : resolve(response)['x-codes'];
      return codes ? codes.map((code) => `${place} ${status} ${code}`) : [`${place} ${status}`];
    });
    const operations = Object.values(api.paths).flatMap((item) => Object.values(item));
    return [...of('everywhere', api['x-everywhere']), ...of('elsewhere', api['x-elsewhere']),
      ...operations.flatMap((o) => of(o.operationId, o.responses, o['x-conflicts']))];
  }

  return { api, resolve, route, mismatches, checkSchema, checkAnswer, seen, promised };
}

export const { api, resolve, route, mismatches, checkSchema, checkAnswer, seen, promised } = contract('firmware/api/openapi.json');

const streams = { snapshot: { '/api/v1/stream': 'Snapshot', '/api/v1/board/stream': 'Board' }, change: 'Change', status: 'Status', panel: 'PanelEvent' };
export function checkEvent(url, event, data) {
  const name = streams[event]?.[url] ?? streams[event];
  assert.equal(typeof name, 'string', `${url} sent an undocumented event ${event}`);
  checkSchema(name, data);
}
