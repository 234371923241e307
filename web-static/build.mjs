// Builds the web app: `node build.mjs OUTDIR`.
//
// The types come from the API document, so the app cannot be compiled against another API.  Names of scripts and styles
// carry a hash of their content, since the daemon lets browsers keep them for a year.  Each file is stored compressed
// too, so that the box never compresses anything.  A page that is heavier than its limit fails the build.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, '../build/web'));
const PAGES = [
  { name: 'staff', html: 'index.html', limit: 40 * 1024 },
  { name: 'board', html: 'board.html', limit: 15 * 1024 },
];

async function checkTypes() {
  await import('./api-types.mjs');
  const tsc = spawnSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '-p', here], {
    stdio: 'inherit',
  });
  if (tsc.status !== 0) process.exit(1);
}

async function bundle(page) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: { [page.name]: `src/${page.name}/main.tsx`, [`${page.name}-style`]: `src/style/${page.name}.css` },
    bundle: true,
    minify: true,
    write: false,
    outdir: out,
    format: 'esm',
    target: ['es2020', 'chrome90', 'safari15.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    legalComments: 'none',
  });
  const part = (ext) => outputFiles.find((file) => file.path.endsWith(ext)).contents;
  return { js: part('.js'), css: part('.css') };
}

function hashed(name, ext, bytes) {
  return `${name}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.${ext}`;
}

async function put(name, bytes) {
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const gz = gzipSync(bytes, { level: 9 });
  await Promise.all(
    [
      ['', bytes],
      ['.br', br],
      ['.gz', gz],
    ].map(([ext, data]) => writeFile(join(out, name + ext), data)),
  );
  console.log(
    `  ${name.padEnd(28)} ${String(bytes.length).padStart(7)} ${String(gz.length).padStart(7)} ${String(br.length).padStart(7)}`,
  );
  return br.length;
}

async function clear() {
  await mkdir(out, { recursive: true });
  const old = (await readdir(out)).filter((name) => /\.(html|js|css)(\.br|\.gz)?$/.test(name));
  await Promise.all(old.map((name) => rm(join(out, name))));
}

await checkTypes();
await clear();
console.log(`  ${''.padEnd(28)} ${'raw'.padStart(7)} ${'gzip'.padStart(7)} ${'br'.padStart(7)}`);
for (const page of PAGES) {
  const { js, css } = await bundle(page);
  const names = { js: hashed(page.name, 'js', js), css: hashed(page.name, 'css', css) };
  const template = await readFile(join(here, `src/${page.name}/${page.html}`), 'utf8');
  const html = template.replace('STYLE', names.css).replace('SCRIPT', names.js);
  const weights = [await put(names.js, js), await put(names.css, css), await put(page.html, Buffer.from(html))];
  const weight = weights.reduce((a, b) => a + b);
  console.log(`  ${page.name}: ${weight} of ${page.limit} bytes`);
  if (weight > page.limit) {
    console.error(`  ${page.name} is too heavy`);
    process.exitCode = 1;
  }
}
