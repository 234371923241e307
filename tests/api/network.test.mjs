// The ways out of the booth, and its own radio, as GET /system tells of them. Routes come and go in a network that the
// booth has to itself: needs root, but the booth runs there without any capability.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { Link, noLink } from '../lib/link.mjs';
import { expect } from '../lib/http.mjs';
import { scaled } from '../lib/pace.mjs';
import { waitFor } from '../lib/wait.mjs';

const SECOND = scaled(1000);
const NOBODY = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'];

describe('the uplink', { skip: noLink }, () => {
  let link, booth, cli;
  before(async () => {
    link = await Link.start();
    booth = await Booth.start({ wrap: [...link.wrap, ...NOBODY], set: { wifi_interface: 'wlan0' } });
    cli = booth.cli();
  });
  after(async () => {
    await booth.stop();
    await link.stop();
  });
  const uplink = async () => expect(await cli.get('/api/v1/system'), 200).uplink;
  const metric = async (name) => Number(new RegExp(`^boothd_${name} (.*)$`, 'm').exec((await cli.get('/metrics')).text)[1]);
  const ip = (...args) => link.inside('ip', ...args);
  // How long until it is so, in ms.
  async function until(what, so) {
    const begun = performance.now();
    await waitFor(async () => so(await uplink()), { every: 20, what });
    return performance.now() - begun;
  }
  // What holds up this machine adds to the time and never takes away: the soonest of three is the booth's own.
  async function soon(what, so, doing, undoing) {
    let ms = Infinity;
    for (let i = 0; i < 3 && ms >= SECOND; i++) {
      if (i) await undoing();
      doing();
      ms = await until(what, so);
    }
    assert.ok(ms < SECOND, `${what} after ${Math.round(ms)} ms`);
  }
  const offline = (u) => !u.online;
  const by = (name) => (u) => u.online && u.interface === name;
  const unplugged = async () => {
    link.unplug();
    await until('offline', offline);
  };

  test('what there is at the start', async () => {
    await until('online', (u) => by('eth0')(u) && u.links[0].carrier);
    assert.deepEqual((await uplink()).links, [{ name: 'eth0', kind: 'ethernet', carrier: true, addresses: 1, default: true }]);
  });

  test('a cable that is pulled is told within a second, and so is its return', async () => {
    await soon('offline', offline, () => link.unplug(), async () => {
      link.plug();
      await until('online', by('eth0'));
    });
    const off = await uplink();
    assert.deepEqual([off.interface, off.links[0].default, off.links[0].carrier], [null, false, false]);
    await soon('online', by('eth0'), () => link.plug(), unplugged);
    const on = await uplink();
    assert.ok(Date.parse(on.since) > Date.parse(off.since) && Date.parse(on.since) <= Date.now());
  });

  test('a far end that goes dark is no way out, though the route stays; one that is back is', async () => {
    const far = (state) => execFileSync('ip', ['link', 'set', link.name, state]);
    const dark = () => far('down');
    await soon('offline', offline, dark, async () => {
      far('up');
      await until('online', by('eth0'));
    });
    assert.match(ip('route'), /^default .*linkdown/m);
    assert.equal((await uplink()).links[0].carrier, false);
    await soon('online', by('eth0'), () => far('up'), async () => {
      dark();
      await until('offline', offline);
    });
  });

  test('the lowest metric leads out; a link that goes hands over; the booth’s own Wi-Fi never does', async () => {
    ip('link', 'add', 'usb0', 'type', 'veth', 'peer', 'name', 'phone');
    ip('link', 'add', 'wlan0', 'type', 'veth', 'peer', 'name', 'guest');
    for (const [name, net] of [['usb0', '10.1.1'], ['wlan0', '10.1.2']]) {
      ip('addr', 'add', `${net}.1/24`, 'dev', name);
      ip('link', 'set', name, 'up');
    }
    for (const peer of ['phone', 'guest']) ip('link', 'set', peer, 'up');
    ip('route', 'replace', 'default', 'via', link.near, 'metric', '100');
    ip('route', 'del', 'default', 'metric', '0');
    ip('route', 'add', 'default', 'via', '10.1.1.2', 'metric', '50');
    ip('route', 'add', 'default', 'via', '10.1.2.2', 'metric', '1');
    await until('over usb0', by('usb0'));
    const { links } = await uplink();
    assert.deepEqual(links.map((l) => [l.name, l.default]).sort(), [['eth0', true], ['guest', false], ['phone', false], ['usb0', true]]);
    ip('link', 'del', 'usb0');
    await until('over eth0', by('eth0'));
    ip('link', 'set', 'guest', 'down');
    ip('route', 'del', 'default', 'via', link.near);
    await until('offline', offline);
    ip('link', 'del', 'wlan0');
    link.plug();
    await until('online', by('eth0'));
  });

  test('routes that are no way out are none', async () => {
    ip('route', 'del', 'default');
    await until('offline', offline);
    ip('route', 'add', 'blackhole', 'default');
    ip('-6', 'route', 'add', 'unreachable', 'default', 'dev', 'lo');
    ip('route', 'add', 'default', 'via', link.near, 'table', '77');
    ip('route', 'add', '128.0.0.0/1', 'via', link.near);
    ip('addr', 'add', '10.250.0.1/32', 'dev', 'eth0');
    await until('the address that came last', (u) => u.links[0].addresses === 2);
    assert.equal((await uplink()).online, false);
    ip('addr', 'del', '10.250.0.1/32', 'dev', 'eth0');
    ip('route', 'del', 'blackhole', 'default');
    ip('-6', 'route', 'del', 'unreachable', 'default');
    ip('route', 'del', '128.0.0.0/1');
    link.plug();
    await until('online', by('eth0'));
  });

  test('more news than the kernel keeps: the picture is right, and it still hears', async () => {
    const flood = (what) => link.inside('sh', '-c', `i=0; while [ $i -lt 4000 ]; do echo route ${what} 10.$((i / 250 + 20)).$((i % 250)).0/24 dev eth0; i=$((i + 1)); done | ip -batch -`);
    const overruns = () => metric('uplink_overruns_total');
    let before = await overruns();
    process.kill(booth.pid, 'SIGSTOP');
    try {
      flood('add');
      ip('route', 'del', 'default'); // the last to be told, and lost
    } finally {
      process.kill(booth.pid, 'SIGCONT');
    }
    const ms = await until('offline', offline);
    console.log(`after 4,000 routes at once the picture was right in ${Math.round(ms)} ms`);
    assert.ok(await overruns() > before, 'the socket did overrun');
    before = await overruns();
    link.plug();
    await until('online, with many routes', by('eth0'));
    process.kill(booth.pid, 'SIGSTOP');
    try {
      flood('del');
      link.unplug();
    } finally {
      process.kill(booth.pid, 'SIGCONT');
    }
    await until('offline again', offline);
    assert.ok(await overruns() > before, 'and again');
    link.plug();
    await until('online', by('eth0'));
    const { loop } = expect(await cli.get('/api/v1/system'), 200);
    console.log(`the longest iteration of the loop: ${loop.longest_iteration_ms} ms`);
  });
});

describe('the radio', () => {
  test('a booth without one says so', async () => {
    const booth = await Booth.start();
    try {
      assert.equal(expect(await booth.cli().get('/api/v1/system'), 200).radio, null);
      assert.doesNotMatch((await booth.cli().get('/metrics')).text, /boothd_radio/);
    } finally {
      await booth.stop();
    }
  });

  test('one that is not there is named, and nothing else depends on it', async () => {
    const booth = await Booth.start({ set: { wifi_interface: 'nowhere0' } });
    try {
      const cli = booth.cli();
      const radio = () => cli.get('/api/v1/system').then((r) => expect(r, 200).radio);
      await waitFor(async () => (await radio()).state === 'absent', { what: 'a look' });
      const { since, ...rest } = await radio();
      assert.deepEqual(rest, { interface: 'nowhere0', state: 'absent', driver: null, ssid: null, channel: null, frequency_mhz: null,
        stations: [], limit: null, crowded: false, recovery: { step: 'none', tries: 0, last_at: null } });
      assert.ok(Date.parse(since) <= Date.now());
      await cli.issue();
      await cli.callNext();
      assert.match((await cli.get('/metrics')).text, /^boothd_radio_up 0$/m);
    } finally {
      await booth.stop();
    }
  });
});
