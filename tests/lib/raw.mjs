// Raw bytes to a socket, for requests that no HTTP client would send.
import net from 'node:net';
import { scaled } from './pace.mjs';
import { pause } from './wait.mjs';

// Opens a connection. It never throws later; an error only closes it.
export function connect(to, { from, allowHalfOpen = false } = {}) {
  const socket = net.connect({ ...(to.socketPath ? { path: to.socketPath } : to), localAddress: from, allowHalfOpen });
  socket.got = '';
  socket.closed_ = new Promise((resolve) => { socket.on('close', resolve).on('error', () => {}); });
  socket.on('data', (chunk) => { socket.got += chunk.toString('latin1'); });
  return socket;
}

// Sends text and returns the answer until the other side closes, or sends nothing for `quiet` ms of the reference machine, or
// `timeout` ms have passed in all.
export async function bytes(to, text, { quiet = 400, timeout = 10000, ...more } = {}) {
  const socket = connect(to, more);
  socket.write(text);
  const end = performance.now() + scaled(timeout);
  let closed = false;
  socket.closed_.then(() => { closed = true; });
  for (let seen = -1, at = performance.now(); !closed && performance.now() < end; await pause(5)) {
    if (socket.got.length !== seen) [seen, at] = [socket.got.length, performance.now()];
    else if (seen > 0 && performance.now() - at > scaled(quiet)) break;
  }
  socket.destroy();
  return { text: Buffer.from(socket.got, 'latin1').toString('utf8'), closed };
}

// Splits such text into its answers: {status, headers, text, json}.
export function answers(text) {
  const found = [];
  for (let rest = Buffer.from(text); rest.length;) {
    const end = rest.indexOf('\r\n\r\n');
    const [first, ...lines] = rest.subarray(0, end < 0 ? rest.length : end).toString().split('\r\n');
    const headers = Object.fromEntries(lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]));
    const length = end < 0 ? 0 : Number(headers['content-length'] ?? 0);
    const body = rest.subarray(end + 4, end + 4 + length).toString();
    found.push({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]), headers, text: body, json: body && /json/.test(headers['content-type'] ?? '') ? JSON.parse(body) : undefined });
    rest = end < 0 ? Buffer.alloc(0) : rest.subarray(end + 4 + length);
  }
  return found;
}
