// node:test, where each test has a limit of its own: LIMIT_MS, or the `timeout` that it gives, both in milliseconds of the
// reference machine and scaled to this one. A file never ends because its tests together take long.
import * as node from 'node:test';
import { scaled } from './pace.mjs';

const LIMIT_MS = 180_000;

const limited = (declare) => (name, ...rest) => {
  const work = rest.pop();
  const [options = {}] = rest;
  return declare(name, { ...options, timeout: scaled(options.timeout ?? LIMIT_MS) }, work);
};

export const test = limited(node.test);
export const it = test;
export const { describe, before, after, beforeEach, afterEach } = node;
