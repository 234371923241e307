// Debian's Chromium without its windows: what draws and runs a page is the same, and a page costs a fifth of the work.
// As a program it is one Chromium for all files of a suite: the first line that it prints is the address for CHROMIUM;
// it ends with SIGTERM, or when nobody is left who started it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { scaled } from './pace.mjs';

const web = fileURLToPath(new URL('../../web-static/', import.meta.url));
const { chromium } = createRequire(web)('playwright-core');
const START_MS = 60_000;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP booth.internal 127.0.0.1',
  '--font-render-hinting=none',
];

const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'chromium-'));

// One that was started before, or one's own: {chromium, close}
export async function open(address = process.env.CHROMIUM) {
  if (!address) return start('launch');
  const connected = await chromium.connect(address, { timeout: scaled(START_MS) });
  return { chromium: connected, close: () => connected.close() };
}

async function start(way, dir = folder()) {
  const remove = () => fs.rmSync(dir, { recursive: true, force: true });
  process.once('exit', remove);
  const started = await chromium[way]({
    executablePath: '/usr/bin/chromium-headless-shell',
    args: FLAGS,
    env: { ...process.env, HOME: dir, TMPDIR: dir },
    timeout: scaled(START_MS),
  });
  const close = async () => {
    await started.close();
    process.removeListener('exit', remove);
    remove();
  };
  return { chromium: started, close };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const parent = process.ppid;
  const dir = (process.env.TMPDIR = folder()); // playwright's files go with the rest
  const { chromium: server, close } = await start('launchServer', dir);
  const end = () => close().then(() => process.exit());
  process.once('SIGTERM', end);
  server.once('close', () => process.exit(1));
  setInterval(() => process.ppid === parent || end(), 1000);
  console.log(server.wsEndpoint());
}
