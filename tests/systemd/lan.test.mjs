// The booth's own network as the kernel and dnsmasq make it from what boothd-root renders: a bridge stands for the radio, namespaces for two
// phones and for what is beyond the uplink. What an access point does, only tests/run system shows.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { after, test } from '../lib/test.mjs';
import { fileURLToPath } from 'node:url';
import { Booth } from '../lib/boothd.mjs';
import { noLink } from '../lib/link.mjs';
import { Machine, installed, namespaces } from '../lib/machine.mjs';
import { scaled } from '../lib/pace.mjs';
import { waitFor } from '../lib/wait.mjs';

const netprobe = fileURLToPath(new URL('../lib/netprobe.mjs', import.meta.url));
const skip = noLink || (!namespaces && 'needs nftables') || (!installed('dnsmasq') && 'needs dnsmasq');
process.setMaxListeners(0); // one for each child
const ends = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

class Place { // a network namespace
  static async make() {
    const it = new Place();
    const holder = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
    const orphan = () => holder.kill('SIGKILL');
    process.once('exit', orphan);
    ends.push(async () => {
      process.removeListener('exit', orphan);
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    });
    it.pid = holder.pid;
    it.wrap = ['nsenter', '--net', `--target=${holder.pid}`];
    await waitFor(() => fs.readlinkSync(`/proc/${holder.pid}/ns/net`) !== fs.readlinkSync('/proc/self/ns/net'), { what: 'a namespace' });
    it.sh('ip link set lo up');
    return it;
  }
  sh(lines) {
    return execFileSync(this.wrap[0], [...this.wrap.slice(1), 'sh', '-ec', lines], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
  start(...command) {
    const child = spawn(this.wrap[0], [...this.wrap.slice(1), ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    const orphan = () => child.kill('SIGKILL');
    process.once('exit', orphan);
    ends.push(async () => {
      process.removeListener('exit', orphan);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    return child;
  }
  async ask(...words) {
    const child = this.start(process.execPath, netprobe, ...words.map(String));
    let said = '';
    child.stdout.on('data', (c) => { said += c; });
    child.stderr.on('data', (c) => { said += c; });
    await once(child, 'close');
    return JSON.parse(said);
  }
  async listen(...ports) {
    const child = this.start(process.execPath, netprobe, 'listen', ...ports);
    await once(child.stdout, 'data');
  }
}

const AT_ONCE = scaled(1500);
const OWN = '10.83.64.1', PROBE = '192.0.2.80', UPLINK = '192.168.77.2', NEIGHBOUR = '192.168.77.1', INTERNET = '203.0.113.9';
let machine, box, phone, other, beyond, booth;

async function build() {
  [box, phone, other, beyond] = await Promise.all([1, 2, 3, 4].map(() => Place.make()));
  box.sh('ip link add name wlan0 type bridge; ip link set wlan0 type bridge stp_state 0');
  for (const [place, name, address] of [[phone, 'p1', '10.83.65.1'], [other, 'p2', '10.83.65.2']]) {
    box.sh(`ip link add name ${name} type veth peer name eth0 netns ${place.pid}; ip link set ${name} master wlan0; ip link set ${name} up`);
    place.sh(`ip address add ${address}/22 dev eth0; ip link set eth0 up; ip route add default via ${OWN}`);
  }
  box.sh(`ip link add name up0 type veth peer name eth0 netns ${beyond.pid}; ip address add ${UPLINK}/24 dev up0; ip link set up0 up; ip route add default via ${NEIGHBOUR}`);
  beyond.sh(`ip address add ${NEIGHBOUR}/24 dev eth0; ip address add ${INTERNET}/32 dev lo; ip link set eth0 up; ip route add 10.83.64.0/22 via ${UPLINK} src ${INTERNET}; ip route add ${PROBE} via ${UPLINK}`);
  await rebuild({});
  box.sh(`${machine.root('ap').stdout.split('\n').filter((l) => l.startsWith('ip ')).join('\n')}\nip link set wlan0 up`);
  await Promise.all([box.listen(22), beyond.listen(22, 80, 443)]);
  booth = await Booth.start({ wrap: box.wrap, set: { listen: `${OWN}:80,${PROBE}:80`, names: undefined } });
  ends.push(() => booth.stop());
}

// The firewall, and dnsmasq anew.
let dnsmasq;
async function rebuild(set) {
  machine?.remove();
  machine = new Machine(set);
  box.sh(`${machine.command} firewall`);
  assert.equal(machine.root('lan').status, 0);
  if (dnsmasq) {
    dnsmasq.kill('SIGTERM');
    await once(dnsmasq, 'exit');
  }
  fs.chmodSync(machine.dir, 0o755);
  dnsmasq = box.start('/usr/sbin/dnsmasq', '--keep-in-foreground', `--conf-file=${machine.file('dnsmasq.conf')}`);
  dnsmasq.stderr.on('data', (c) => { dnsmasq.said = (dnsmasq.said ?? '') + c; });
}
ends.push(() => machine?.remove());
if (!skip) await build();

test('names: the booth\'s own and the probes\' resolve, all others fail at once', { skip }, async () => {
  const resolve = (name, type = 'A') => phone.ask('dns', OWN, type, name);
  await waitFor(async () => (await resolve('booth')).answer !== 'ETIMEOUT' && (await resolve('booth')).answer !== 'ECONNREFUSED', { what: 'dnsmasq' });
  for (const [name, address] of [['booth.internal', OWN], ['booth', OWN], ['captive.apple.com', PROBE], ['connectivitycheck.gstatic.com', PROBE],
    ['dns.msftncsi.com', '131.107.255.255']]) assert.deepEqual((await resolve(name)).answer, [address], name);
  for (const name of ['example.com', 'www.google.com', 'x.captive.apple.com', 'xbooth.internal', 'a.booth.internal', 'wpad', 'apple.example']) {
    const { answer, ms } = await resolve(name);
    assert.equal(answer, 'ENOTFOUND', name);
    assert.ok(ms < AT_ONCE, `${name} took ${ms} ms`);
  }
  assert.equal((await resolve('booth.internal', 'AAAA')).answer, 'ENODATA');
  assert.equal((await resolve('captive.apple.com', 'AAAA')).answer, 'ENODATA');
});

test('a phone reaches the booth and its probes, and is refused everything else at once', { skip }, async () => {
  assert.equal((await phone.ask('http', OWN, 'booth', '/api/v1/board')).status, 200);
  assert.equal((await phone.ask('http', PROBE, 'connectivitycheck.gstatic.com', '/generate_204')).status, 204);
  assert.match((await phone.ask('http', PROBE, 'captive.apple.com', '/hotspot-detect.html')).text, /Success.*Success/);
  assert.equal((await phone.ask('http', OWN, 'evil.example', '/')).status, 421);
  for (const [host, port] of [[OWN, 22], [OWN, 443], [PROBE, 443], [PROBE, 22], [UPLINK, 22], [UPLINK, 80], [NEIGHBOUR, 80], [INTERNET, 443], [INTERNET, 80]]) {
    const { how, ms } = await phone.ask('tcp', host, port);
    assert.equal(how, 'ECONNREFUSED', `${host}:${port}`);
    assert.ok(ms < AT_ONCE, `${host}:${port} took ${ms} ms`);
  }
});

test('the uplink cannot reach the booth\'s network; the machine\'s own services stay reachable', { skip }, async () => {
  assert.equal((await beyond.ask('tcp', UPLINK, 22)).how, 'open');
  for (const [host, port] of [[OWN, 80], [PROBE, 80], [OWN, 53], ['10.83.65.1', 80]])
    assert.notEqual((await beyond.ask('tcp', host, port, 700)).how, 'open', `${host}:${port}`);
});

test('one phone with three hundred connections gets its share, and the next phone can connect', { skip }, async () => {
  const [{ open }, next] = await Promise.all([phone.ask('many', OWN, 80, 300), (async () => {
    const seen = [];
    for (let i = 0; i < 5; i++) seen.push((await other.ask('http', OWN, 'booth', '/api/v1/board')).status);
    return seen;
  })()]);
  assert.ok(open > 0 && open <= 64, `${open} connections of one phone`);
  assert.deepEqual(next, [200, 200, 200, 200, 200]);
});

test('a phone that requests many addresses gets a few, and the next phone still gets one', { skip }, async () => {
  const { offers } = await phone.ask('dhcp', 60);
  assert.ok(offers > 0 && offers <= 13, `${offers} offers`);
  assert.equal((await other.ask('dhcp', 1)).offers, 1);
});

test('share_uplink = yes: phones reach the internet by NAT, not the uplink\'s own network, and nobody reaches them', { skip }, async () => {
  await rebuild({ share_uplink: 'yes' });
  assert.deepEqual((await phone.ask('greeting', INTERNET, 80)).text, UPLINK);
  assert.equal((await phone.ask('tcp', INTERNET, 443)).how, 'open');
  for (const [host, port] of [[NEIGHBOUR, 80], [UPLINK, 22], [OWN, 22]]) assert.equal((await phone.ask('tcp', host, port)).how, 'ECONNREFUSED', `${host}:${port}`);
  const { open } = await phone.ask('many', INTERNET, 80, 400);
  assert.ok(open > 100 && open <= 256, `${open} connections of one phone`);
  assert.deepEqual((await other.ask('greeting', INTERNET, 80)).text, UPLINK);
  await phone.listen(8080);
  assert.notEqual((await beyond.ask('tcp', '10.83.65.1', 8080, 700)).how, 'open');
  assert.notEqual((await beyond.ask('tcp', OWN, 80, 700)).how, 'open');
  assert.equal((await phone.ask('http', OWN, 'booth', '/api/v1/board')).status, 200);
});
