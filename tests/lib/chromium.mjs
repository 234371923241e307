// Debian's headless Chromium: the same engine for a fifth of the work. Run as a program it is one Chromium for all files of
// a suite: its first line is the address for CHROMIUM, and it ends by SIGTERM or with its parent.
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

// Connects to the Chromium at address, or starts one: {chromium, close}.
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
