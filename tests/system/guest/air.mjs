// Wi-Fi stations with simulated radios, each in its own network namespace.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import dns from 'node:dns/promises';
import { Client } from '../../lib/http.mjs';
import { box, inside, radioUp, run, until, within } from './machine.mjs';

const RADIOS = { sta: 'wlan1', bad: 'wlan2', late: 'wlan3' };

/** Moves the radios of the stations into their namespaces: after the module was loaded all are in the booth's. */
export async function moveRadios() {
  for (const [net, name] of Object.entries(RADIOS)) {
    await until(`${name} to appear`, 20, async () => (await box('ip', '-br', 'link')).includes(name));
    const phy = /wiphy (\d+)/.exec(await box('iw', 'dev', name, 'info'))[1];
    await box('iw', 'phy', `phy${phy}`, 'set', 'netns', 'name', net);
  }
}

export class Station {
  constructor(net) {
    this.net = net;
    this.name = RADIOS[net];
    this.control = `/run/${net}`;
  }

  async status() {
    const said = await inside(this.net, 'wpa_cli', '-p', this.control, '-i', this.name, 'status');
    return Object.fromEntries(said.trim().split('\n').map((line) => line.split('=')));
  }

  /** Joins the access point; returns the seconds that it took. */
  async join({ ssid, passphrase }, seconds = 30) {
    const file = `/run/${this.net}.conf`;
    fs.writeFileSync(file, `ctrl_interface=${this.control}\nnetwork={\n ssid="${ssid}"\n psk="${passphrase}"\n scan_freq=2412 2437 2462\n}\n`);
    await inside(this.net, 'wpa_supplicant', '-B', '-i', this.name, '-c', file, '-P', `${file}.pid`, '-f', `/run/${this.net}.log`, '-t');
    return until(`${this.net} to join ${ssid}`, seconds, async () => (await this.status()).wpa_state === 'COMPLETED');
  }

  async leave() {
    await inside(this.net, 'wpa_cli', '-p', this.control, '-i', this.name, 'terminate');
    await inside(this.net, 'ip', 'address', 'flush', 'dev', this.name);
    await until('its program to end', 10, () => !fs.existsSync(`${this.control}/${this.name}`));
  }

  /** Gets a DHCP lease and sets address and route: {ip, mask, router, dns, lease}. */
  async lease() {
    const script = '/run/lease.sh', result = `/run/${this.net}.lease`;
    fs.writeFileSync(script, '#!/bin/sh\n[ "$1" = bound ] || exit 0\nip address flush dev "$interface"\nip address add "$ip/$mask" dev "$interface"\nip route replace default via "$router"\n' +
      `echo "{\\"ip\\":\\"$ip\\",\\"mask\\":$mask,\\"router\\":\\"$router\\",\\"dns\\":\\"$dns\\",\\"lease\\":$lease}" >$RESULT\n`, { mode: 0o755 });
    fs.rmSync(result, { force: true });
    const [program, args] = within(this.net, 'busybox', 'udhcpc', '-i', this.name, '-n', '-q', '-t', '10', '-T', '2', '-s', script);
    await run(program, args, { env: { RESULT: result } });
    const lease = JSON.parse(fs.readFileSync(result, 'utf8'));
    this.resolver = new dns.Resolver({ timeout: 3000, tries: 2 });
    this.resolver.setServers([lease.dns]);
    return lease;
  }

  /** Joins if necessary and gets a lease; loads the driver first if it is missing. */
  async online(label) {
    if (!(await inside(this.net, 'ip', '-br', 'link')).includes(this.name)) {
      await run('modprobe', ['mac80211_hwsim']);
      await moveRadios();
    }
    await radioUp(60);
    if (!fs.existsSync(`${this.control}/${this.name}`)) await this.join(label);
    return this.lease();
  }
}

/** The texts of the label: {ssid, passphrase, staff, manager}. */
export async function label() {
  const page = await run('boothctl', ['label']);
  const texts = [...page.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map((m) => m[1].replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&quot;', '"'));
  const beside = (name) => texts[texts.findLastIndex((text) => name.test(text)) + 1];
  const read = { ssid: beside(/^Wi-Fi$/), passphrase: beside(/Password/), staff: beside(/Staff/), manager: beside(/Manager/) };
  for (const [name, value] of Object.entries(read)) assert.ok(value, `the label lacks ${name}: ${texts.join(' | ')}`);
  return read;
}

/** A client of the booth like a phone: over Wi-Fi, by the booth's name. */
export const HOST = 'booth.internal';
export function phone() {
  const client = new Client({ host: '10.83.64.1', port: 80 });
  const raw = client.raw.bind(client);
  client.raw = (method, path, more = {}) => raw(method, path, { ...more, headers: { Host: HOST, ...more.headers } });
  return client;
}
