// What docs/hub.md tells the author of a service to type works as it stands there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { after, test } from '../lib/test.mjs';
import { promisify } from 'node:util';
import { sharedSite } from '../lib/site.mjs';

const site = await sharedSite(after, { booths: 1 });
const { hub, members: [member] } = site;
const run = promisify(execFile);

const guide = fs.readFileSync(new URL('../../docs/hub.md', import.meta.url), 'utf8').split('\n## API for your service\n')[1];
const lines = [...guide.matchAll(/^```\n([^]*?)^```$/gm)].flatMap(([, block]) => block.replace(/\\\n */g, '').split('\n'));
const ask = lines.find((l) => l.startsWith('ask()'));

test('each command of the guide', async () => {
  const KEY = (await hub.admin('create-key', 'guide', 'read,guests,admin')).trim();
  const env = { PATH: process.env.PATH, HUB: `http://127.0.0.1:${hub.port}`, KEY, BOOTH: member.id, NEXT: '0-0-0-0' };
  const type = async (line) => {
    const { stdout } = await run('bash', ['-c', `${ask}\n${line.replace(/^ask /, "ask --write-out '\\n%{http_code}' ")}`], { env });
    const [body, status] = stdout.split(/\n(?=\d+$)/);
    assert.ok(Number(status) < 300, `${line}\n${stdout}`);
    return JSON.parse(body);
  };
  const commands = lines.filter((l) => l.startsWith('ask '));
  assert.ok(commands.length >= 10);
  const join = commands.find((l) => l.includes('/guests') && l.includes('party_size'));
  env.REF = (await type(join)).ref;
  await member.settle();
  const { tickets: [{ id }], booth: { epoch } } = await member.cli.queue();
  const { seq } = await member.cli.act(id, 'call', {});
  await member.settle();
  for (const line of commands) await type(line.replace('"epoch":"05f7…","seq":57', `"epoch":"${epoch}","seq":${seq}`));
  const answers = lines.filter((l) => l.startsWith('{')).map((l) => JSON.parse(l.replace(/, …/g, '')));
  const guest = await type(commands.find((l) => l.endsWith('/guests/$REF')));
  for (const answer of answers) for (const name of Object.keys(answer)) assert.ok(name in guest, `the guide shows ${name}`);
});
