// Loads a module of the web app into node: bundled in memory, from its TypeScript.
import { webcrypto } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../../web-static/', import.meta.url));
globalThis.crypto ??= webcrypto; // Node 18 has no global one

export const webRequire = createRequire(web);

export async function load(...entries) {
  const esbuild = webRequire('esbuild');
  const contents = entries.map((entry) => `export * from './src/${entry}';`).join('\n');
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: web },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    mainFields: ['module', 'main'],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
