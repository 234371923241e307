// print.mjs booth|hub - measures all parts of tests/bench/booth.mjs or hub.mjs: a table of each, and build/bench-NAME.json.
import fs from 'node:fs';
import path from 'node:path';
import { build } from '../lib/boothd.mjs';

const name = process.argv[2];
const { parts, size } = await import(`./${name}.mjs`);
for (const key of ['rounds', 'turn', 'booths'])
  if (key in size && process.env[key.toUpperCase()]) size[key] = Number(process.env[key.toUpperCase()]);

const result = { size };
for (const part of parts) {
  result[part.name] = await part.measure(size);
  console.log(part.lines(result[part.name], size).join('\n'));
}
fs.writeFileSync(path.join(build, `bench-${name}.json`), JSON.stringify(result, null, 2) + '\n');
