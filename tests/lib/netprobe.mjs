// Runs in a network namespace: one probe of a phone, one line of JSON as its result.
import dgram from 'node:dgram';
import dns from 'node:dns/promises';
import http from 'node:http';
import net from 'node:net';
import { scaled } from './pace.mjs';
import { pause } from './wait.mjs';

const began = performance.now();
const probes = {
  // The result of a connection: open, an error code, or silence.
  tcp: ([host, port, ms = 2000]) => new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(port) });
    const end = (how) => { socket.destroy(); resolve({ how }); };
    socket.setTimeout(scaled(Number(ms)), () => end('silence'));
    socket.on('connect', () => end('open')).on('error', (e) => end(e.code));
  }),
  // Opens n connections at once and keeps them: how many are open.
  many: async ([host, port, n]) => {
    const sockets = await Promise.all(Array.from({ length: Number(n) }, () => new Promise((resolve) => {
      const socket = net.connect({ host, port: Number(port) });
      socket.setTimeout(scaled(4000), () => resolve(null));
      socket.on('connect', () => resolve(socket)).on('error', () => resolve(null));
    })));
    return { open: sockets.filter(Boolean).length };
  },
  dns: async ([server, type, name]) => {
    const resolver = new dns.Resolver({ timeout: scaled(2000), tries: 1 });
    resolver.setServers([server]);
    return { answer: await resolver.resolve(name, type).catch((e) => e.code) };
  },
  http: ([to, host, path]) => new Promise((resolve) => {
    http.get({ host: to, path, headers: { Host: host }, timeout: scaled(4000) }, (r) => {
      const chunks = [];
      r.on('data', (c) => chunks.push(c)).on('end', () => resolve({ status: r.statusCode, text: Buffer.concat(chunks).toString() }));
    }).on('error', (e) => resolve({ status: e.code }));
  }),
  // n simulated phones request an address: how many are offered one.
  dhcp: async ([n]) => {
    const socket = dgram.createSocket('udp4');
    const offers = new Set();
    socket.on('message', (m) => { if (m[0] === 2) offers.add(m.readUInt32BE(16)); });
    await new Promise((resolve) => socket.bind(68, '0.0.0.0', resolve));
    socket.setBroadcast(true);
    for (let i = 0; i < Number(n); i++) {
      const m = Buffer.alloc(300);
      m.set([1, 1, 6, 0, 0, 0, 0, i, 0, 0, 0x80, 0]); // a request that wants a broadcast
      m.set([2, 0, 0, 0, i >> 8, i & 255], 28);
      m.set([99, 130, 83, 99, 53, 1, 1, 255], 236);
      socket.send(m, 67, '255.255.255.255');
      await pause(10);
    }
    await pause(scaled(1000));
    socket.close();
    return { offers: offers.size };
  },
  // Answers every connection to these ports with the client's address, until it is killed.
  listen: async (ports) => {
    for (const port of ports)
      await new Promise((resolve) => net.createServer((s) => s.on('error', () => {}).end(`${s.remoteAddress}\n`)).listen(Number(port), '0.0.0.0', resolve));
    console.log('{}');
    return new Promise(() => {});
  },
  // The answer of such a listener.
  greeting: ([host, port]) => new Promise((resolve) => {
    let text = '';
    net.connect({ host, port: Number(port) }).on('data', (c) => { text += c; }).on('end', () => resolve({ text: text.trim() })).on('error', (e) => resolve({ text: e.code }));
  }),
};

const [, , probe, ...words] = process.argv;
const answer = await probes[probe](words);
console.log(JSON.stringify({ ...answer, ms: Math.round(performance.now() - began) }));
process.exit(0);
