// The environment that preloads shims of tests/shim into boothd.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { build } from './boothd.mjs';

export function preload(names, more = {}) {
  const files = names.map((name) => path.join(build, 'shim', `${name}.so`));
  for (const file of files) assert.ok(fs.existsSync(file), `${file} is missing: make shims`);
  const asan = [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0'].filter(Boolean).join(':');
  return { LD_PRELOAD: files.join(' '), ASAN_OPTIONS: asan, ...Object.fromEntries(Object.entries(more).map(([k, v]) => [k, String(v)])) };
}
