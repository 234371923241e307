// Simulated booths (tests/bench/hub_load.c), enrolled at a hub.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from './boothd.mjs';

function run(args) {
  const child = spawn(path.join(build, 'hub_load'), args.map(String));
  let out = '', err = '';
  child.stdout.on('data', (c) => { out += c; });
  child.stderr.on('data', (c) => { err += c; });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code ? reject(new Error(err)) : resolve(out)));
  });
}

export class Load {
  static async of(hub, booths) {
    const it = new Load();
    Object.assign(it, { hub, dir: fs.mkdtempSync(path.join(os.tmpdir(), 'load-')), first: 1 });
    it.file = path.join(it.dir, 'keys');
    const rows = (await run(['keys', it.file, booths])).trim().split('\n').map((line) => line.split(','));
    const hex = (s) => `decode('${s}', 'hex')`;
    // Enrols them by their rows.
    await hub.postgres.psql(`INSERT INTO booth (id, name, made_at) VALUES ${rows.map(([id], i) => `(${hex(id)}, 'load ${i}', 0)`)};
      INSERT INTO booth_key (sign_public, booth, open_public, state, made_at)
        SELECT v.sign, booth.n, v.open, 'active', 0 FROM (VALUES ${rows.map(([id, , sign, open]) => `(${hex(id)}, ${hex(sign)}, ${hex(open)})`)}) AS v (id, sign, open) JOIN booth USING (id)`);
    const [{ n, key }] = await hub.rows("SELECT n, encode(open_public, 'hex') AS key FROM hub_key ORDER BY n DESC LIMIT 1");
    it.key = [n, key];
    return it;
  }
  // Sends the next events of so many booths; returns the output of hub_load.
  async run({ booths, connections = booths, bundles, events }) {
    const result = JSON.parse(await run(['run', this.file, this.hub.port, ...this.key, booths, connections, bundles, events, this.first]));
    this.first += bundles * events;
    return result;
  }
  stop() {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}
