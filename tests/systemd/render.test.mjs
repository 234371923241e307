// What boothd-root makes of the settings: whatever people call their booth stays one line of its own key.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from '../lib/test.mjs';
import { BOOTH, Machine, installed, namespaces } from '../lib/machine.mjs';

function machine(t, ...args) {
  const m = new Machine(...args);
  t.after(() => m.remove());
  return m;
}
const keys = (text) => text.trimEnd().split('\n').map((line) => line.split('=')[0]);
const value = (text, key) => text.split('\n').filter((l) => l.startsWith(`${key}=`)).map((l) => l.slice(key.length + 1));

const HOSTAPD = ['interface', 'driver', 'ctrl_interface', 'ssid2', 'utf8_ssid', 'country_code', 'ieee80211d', 'hw_mode', 'channel', 'ieee80211n',
  'wmm_enabled', 'supported_rates', 'basic_rates', 'beacon_int', 'dtim_period', 'auth_algs', 'wpa', 'wpa_key_mgmt', 'rsn_pairwise', 'ieee80211w',
  'wpa_passphrase', 'max_num_sta', 'ap_max_inactivity', 'disassoc_low_ack', 'ap_isolate'];

test('any network name and passphrase is written unchanged and adds no line', (t) => {
  const names = ['민아네 부스', '"; reboot #', 'a\\nb', '$(reboot)', '=x=', '#', '🍜🍜🍜🍜🍜🍜🍜🍜'];
  const passphrases = ['12345678', 'a b=c#d"\\;:', '#ssid2=00', `x${'~'.repeat(62)}`, '  leading blanks', 'trailing blanks  ', '0'.repeat(63)];
  for (const name of names)
    for (const passphrase of passphrases) {
      const m = machine(t, { wifi_ssid: name }, { passphrase });
      const { status, stderr } = m.root('ap');
      assert.equal(status, 0, stderr);
      const text = m.read('hostapd.conf');
      assert.deepEqual(keys(text), HOSTAPD);
      assert.deepEqual(value(text, 'ssid2'), [Buffer.from(name).toString('hex')]);
      assert.deepEqual(value(text, 'wpa_passphrase'), [passphrase]);
      assert.equal(fs.statSync(m.file('hostapd.conf')).mode & 0o777, 0o600);
    }
});

test('a passphrase in the settings overrides that of the first start', (t) => {
  const m = machine(t, { wifi_passphrase: 'chosen later' }, { passphrase: 'correct horse 1' });
  assert.equal(m.root('ap').status, 0);
  assert.deepEqual(value(m.read('hostapd.conf'), 'wpa_passphrase'), ['chosen later']);
});

test('without a name the network is named after the booth; the radio has safe settings', (t) => {
  const m = machine(t, { wifi_channel: '11' });
  assert.equal(m.root('ap').status, 0);
  const text = m.read('hostapd.conf');
  assert.deepEqual(value(text, 'ssid2'), [Buffer.from(`booth-${BOOTH.slice(0, 6)}`).toString('hex')]);
  assert.ok(!value(text, 'supported_rates')[0].split(' ').some((r) => ['10', '20', '55', '110'].includes(r)), 'no rates of 802.11b');
  for (const [key, is] of Object.entries({ wpa: '2', wpa_key_mgmt: 'WPA-PSK', rsn_pairwise: 'CCMP', ieee80211w: '0', country_code: 'KR',
    disassoc_low_ack: '0', ap_max_inactivity: '3600', ap_isolate: '1' })) assert.deepEqual(value(text, key), [is], key);
  assert.match(m.root('ap').stdout, /^systemctl stop hostapd\.service$/m);
  assert.match(m.root('ap').stdout, /^ip address add 10\.83\.64\.1\/22 broadcast \+ dev wlan0\nip address add 192\.0\.2\.80\/32 dev wlan0$/m);
});

test('missing data is named: status 78 where a person must act, 75 where waiting helps', (t) => {
  const refused = (m, command, status, words) => {
    const done = m.root(command);
    assert.equal(done.status, status, done.stderr);
    assert.match(done.stderr, words);
    assert.deepEqual(fs.readdirSync(m.file('.')), []);
  };
  refused(machine(t, { country: '' }), 'ap', 78, /key=country /);
  refused(machine(t, {}, { secrets: false }), 'ap', 75, /secrets/);
  for (const command of ['ap', 'lan', 'firewall']) refused(machine(t, { wifi_interface: '' }), command, 78, /key=wifi_interface /);
  assert.equal(machine(t, { wifi_interface: '' }).root('wanted').status, 1);
  assert.equal(machine(t).root('wanted').status, 0);
  if (fs.existsSync('/sys/class/net/lo')) { // taken for its own, a wired interface would lose its address
    for (const command of ['ap', 'lan', 'firewall']) refused(machine(t, { wifi_interface: 'lo' }), command, 78, /names lo, which is no radio/);
    assert.equal(machine(t, { wifi_interface: 'lo' }).root('wanted').status, 1);
  }
  for (const name of ['..', '-x', 'wlan0/..', 'wlan0;reboot', 'a'.repeat(16)]) refused(machine(t, { wifi_interface: name }), 'ap', 78, /key=wifi_interface /);
});

test('boothd’s files are not trusted: links, pipes, endless files, control characters', (t) => {
  const spoil = {
    link: (f) => { fs.renameSync(f, `${f}.real`); fs.symlinkSync(`${f}.real`, f); },
    pipe: (f) => { fs.rmSync(f); assert.equal(spawnSync('mkfifo', [f]).status, 0); },
    folder: (f) => { fs.rmSync(f); fs.mkdirSync(f); },
    endless: (f) => { fs.rmSync(f); fs.writeFileSync(f, 'x'.repeat(1 << 20)); },
    control: (f) => { fs.writeFileSync(f, fs.readFileSync(f, 'utf8').replace(/(passphrase = |^5eed)/, '$1\t\r')); },
    empty: (f) => { fs.writeFileSync(f, ''); },
  };
  for (const name of ['secrets', 'identity'])
    for (const [how, act] of Object.entries(spoil)) {
      const m = machine(t);
      act(`${m.dir}/state/${name}`);
      const done = m.root('ap');
      assert.equal(done.status, 75, `${name} ${how}: ${done.stderr}`);
      assert.ok(!fs.existsSync(m.file('hostapd.conf')), `${name} ${how}`);
    }
});

test('dnsmasq accepts its file; names and probes are exact, other names do not exist', { skip: !installed('dnsmasq') && 'no dnsmasq here' }, (t) => {
  for (const set of [{}, { captive_probes: 'no' }, { share_uplink: 'yes' }, { names: 'a.example,b' }, { names: 'queue.example, 10.1.2.3,127.0.0.1' }]) {
    const m = machine(t, set);
    assert.equal(m.root('lan').status, 0);
    const text = m.read('dnsmasq.conf'), test = spawnSync('/usr/sbin/dnsmasq', ['--test', '-C', m.file('dnsmasq.conf')], { encoding: 'utf8' });
    assert.equal(test.status, 0, test.stderr);
    const own = value(text, 'host-record').filter((r) => r.endsWith(',10.83.64.1')).map((r) => r.split(',')[0]);
    assert.deepEqual(own, (set.names ?? 'booth.internal,booth').split(/, */).filter((n) => !/^[\d.]+$/.test(n)));
    assert.equal(value(text, 'host-record').includes('captive.apple.com,192.0.2.80'), set.captive_probes !== 'no');
    assert.equal(keys(text).includes('resolv-file'), set.share_uplink === 'yes');
    assert.equal(value(text, 'address').includes('/#/'), set.share_uplink !== 'yes');
  }
});

test('the kernel accepts the firewall twice beside another table, and removes it without a trace', { skip: !namespaces && 'no network namespaces here' }, (t) => {
  for (const share of ['no', 'yes']) {
    const m = machine(t, { share_uplink: share });
    const done = m.script('root firewall; root firewall; nft list ruleset; cat /proc/sys/net/ipv4/ip_forward; ' +
      'nft add table inet other; root firewall-off; nft list tables; cat /proc/sys/net/ipv4/ip_forward');
    assert.equal(done.status, 0, done.stderr);
    const lines = done.stdout.trim().split('\n');
    assert.equal(/masquerade/.test(done.stdout), share === 'yes');
    assert.match(done.stdout, /ip saddr != \{ 0\.0\.0\.0, 10\.83\.64\.0\/22 \} drop/, 'nobody sends under another network\'s address');
    assert.deepEqual(lines.filter((l) => /^[01]$/.test(l)), [share === 'yes' ? '1' : '0', '0']);
    assert.deepEqual(lines.filter((l) => /^table .*[^{]$/.test(l)), ['table inet other']);
  }
});

test('the interface is reserved from networkd and NetworkManager, and uplinks do not delay the start', (t) => {
  const m = machine(t, { wifi_interface: 'wlx0123' });
  assert.equal(m.root('network').status, 0);
  assert.match(m.read('05-boothd-own.network'), /^\[Match\]\nName=wlx0123\n\n\[Link\]\nUnmanaged=yes$/m);
  assert.match(m.read('80-boothd-uplink.network'), /^RequiredForOnline=no$/m);
  assert.match(m.read('boothd.conf'), /^unmanaged-devices\+=interface-name:wlx0123$/m);
  assert.match(m.root('network-off').stdout, /^ip address flush dev wlx0123\n0 > .*disable_ipv6\nsystemctl .*try-reload-or-restart/m);
});

test('hostapd itself finds no fault with its file', { skip: !(installed('hostapd') && namespaces) && 'no hostapd here, or no network namespaces' }, (t) => {
  const m = machine(t, { wifi_ssid: '민아 "부스" #', wifi_interface: 'nosuchradio' });
  assert.equal(m.root('ap').status, 0);
  const said = () => m.script(`timeout 10 /usr/sbin/hostapd "${m.file('hostapd.conf')}" 2>&1 || true`).stdout;
  assert.match(said(), /nosuchradio|nl80211/); // it came as far as the radio that is not there
  assert.doesNotMatch(said(), /Line \d+|errors? found/);
  fs.appendFileSync(m.file('hostapd.conf'), 'no_such_key=1\n');
  assert.match(said(), /Line \d+/);
});
