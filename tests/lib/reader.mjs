// A process that reads the queue over one connection again and again and reports how long each answer took.
import http from 'node:http';
import { pause } from './wait.mjs';

const { host, port, cookie, seconds } = JSON.parse(process.argv[2]);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1, timeout: 30000 });
const get = () => new Promise((resolve, reject) => {
  const begun = performance.now();
  http.get({ host, port, agent, path: '/api/v1/queue', headers: { Cookie: cookie } }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
    response.on('end', () => resolve(performance.now() - begun)).resume();
  }).on('error', reject);
});

const took = [];
for (let i = 0; i < 20; i++) await get(); // warm-up
for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
  took.push(await get());
  await pause(3);
}
process.send(took.sort((a, b) => a - b), () => process.exit(0));
