// Writes the types of the API, from its document: `node api-types.mjs`.  The compiler and eslint read them.

import { mkdir, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const document = new URL('../firmware/api/openapi.json', import.meta.url);
const types = new URL('../build/gen/web/openapi.d.ts', import.meta.url);

await mkdir(new URL('.', types), { recursive: true });
await writeFile(types, astToString(await openapiTS(document)));
