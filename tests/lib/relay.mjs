// A network link of a booth: a TCP relay with a rate, a round-trip time, losses, and a plug to pull. It delays bytes or ends
// their connection, but never changes them.
//
//   rate    bits/s, shared by all connections, for each direction (0: unlimited)
//   rtt     ms
//   loss    share of lost packets: as with TCP, such a packet is carried twice, and delays itself and all later ones on its
//           connection by a round trip
import net from 'node:net';
import { once } from 'node:events';
import { Random } from './random.mjs';

const PACKET = 1448;
const QUEUE = 64 << 10; // bytes in flight at most; then the sender waits

export class Relay {
  // to: {host, port}
  static async start({ to, rate = 0, rtt = 0, loss = 0, seed = 1 }) {
    const it = new Relay();
    Object.assign(it, { to, rate, rtt, loss, random: new Random(seed), up: true, sockets: new Set(), refused: 0, opened: 0 });
    it.carried = { there: 0, back: 0 }; // bytes
    it.free = { there: 0, back: 0 }; // when the direction will be idle
    it.server = net.createServer({ allowHalfOpen: true }, (socket) => it.accept(socket));
    it.server.listen(0, '127.0.0.1');
    await once(it.server, 'listening');
    it.address = { host: '127.0.0.1', port: it.server.address().port };
    return it;
  }
  get url() {
    return `http://${this.address.host}:${this.address.port}`;
  }

  // Pulls the plug: open connections end, new ones are refused.
  cut() {
    this.up = false;
    this.drop();
  }
  plug() {
    this.up = true;
  }
  // Resets all connections; the link stays up.
  drop() {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }
  async stop() {
    this.drop();
    this.server.close();
    await once(this.server, 'close');
  }

  accept(client) {
    client.on('error', () => {});
    if (!this.up) {
      this.refused++;
      client.resetAndDestroy();
      return;
    }
    this.opened++;
    const far = net.connect({ ...this.to, allowHalfOpen: true });
    const both = [client, far];
    for (const socket of both) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        for (const other of both) if (!other.destroyed) socket.readableEnded ? other.destroySoon() : other.resetAndDestroy();
      });
    }
    const born = performance.now() + this.rtt; // a connection costs a round trip before its first byte
    this.relay('there', client, far, born);
    this.relay('back', far, client, born);
  }

  relay(way, from, to, born) {
    const queue = []; // {at, bytes}; bytes = null: the end
    let waiting = 0, last = born, timer = null;
    const pump = () => {
      timer = null;
      while (queue.length && queue[0].at <= performance.now()) {
        const { bytes } = queue.shift();
        if (to.destroyed) continue;
        if (!bytes) {
          to.end();
          continue;
        }
        waiting -= bytes.length;
        this.carried[way] += bytes.length;
        to.write(bytes);
      }
      if (waiting < QUEUE && from.isPaused() && !from.destroyed) from.resume();
      if (queue.length) timer = setTimeout(pump, queue[0].at - performance.now());
    };
    const put = (at, bytes) => {
      queue.push({ at, bytes });
      timer ??= setTimeout(pump, at - performance.now());
    };
    from.on('data', (chunk) => {
      for (let i = 0; i < chunk.length; i += PACKET) {
        const bytes = chunk.subarray(i, i + PACKET);
        const lost = this.loss > 0 && this.random.next() < this.loss;
        const needs = this.rate ? (bytes.length * 8e3 * (lost ? 2 : 1)) / this.rate : 0;
        this.free[way] = Math.max(this.free[way], performance.now(), born) + needs;
        last = Math.max(last, this.free[way] + this.rtt / 2 + (lost ? this.rtt : 0));
        waiting += bytes.length;
        put(last, bytes);
      }
      if (waiting >= QUEUE) from.pause();
    });
    from.on('end', () => put(last, null));
  }
}
