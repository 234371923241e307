// node:test with a time limit for each test: LIMIT_MS, or its `timeout`, in milliseconds of the reference machine, scaled to
// this one. A file as a whole has no limit.
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
