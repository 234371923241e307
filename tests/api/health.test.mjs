// How the machine is: told to the manager in full, to the staff as warnings when they come and go, to nobody else.
import assert from 'node:assert/strict';
import { test } from '../lib/test.mjs';
import { Hardware } from '../lib/hardware.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { waitFor } from '../lib/wait.mjs';

async function raspberry(t) {
  let machine;
  const booth = await Booth.start({
    env: (dir) => {
      machine = Hardware.raspberry(dir);
      return machine.env();
    },
  });
  t.after(() => booth.stop());
  return { booth, machine, cli: booth.cli() };
}
const hardware = async (cli) => expect(await cli.get('/api/v1/system'), 200).hardware;
const metric = async (cli, name) => Number(new RegExp(`^boothd_${name} (.*)$`, 'm').exec((await cli.get('/metrics')).text)?.[1]);

test('a healthy Raspberry Pi', async (t) => {
  const { cli } = await raspberry(t);
  assert.deepEqual(await hardware(cli), {
    model: 'Raspberry Pi 4 Model B Rev 1.4', under_voltage: false, under_voltage_at: null, throttled: null, temperature_c: 48.312,
    memory_free_bytes: 512000000, warnings: [],
  });
  assert.deepEqual((await cli.queue()).warnings, []);
  assert.equal(await metric(cli, 'temperature_celsius'), 48.312);
  assert.equal(await metric(cli, 'under_voltage'), 0);
  assert.equal(await metric(cli, 'warning\\{code="under_voltage"\\}'), 0);
});

test('a weak power bank, and heat: staff are warned, and the warning ends', async (t) => {
  const { booth, machine, cli } = await raspberry(t);
  const staff = await booth.signIn();
  const stream = await staff.stream('/api/v1/stream');
  let from = 0;
  const told = async (warnings) => {
    const fits = (e) => e.event === 'status' && JSON.stringify(e.data.warnings) === JSON.stringify(warnings);
    const event = await stream.next(fits, { from, timeout: 30000, what: `${warnings}` });
    from = stream.events.indexOf(event) + 1;
  };
  const etag = (await staff.get('/api/v1/queue')).headers.etag;
  const began = Date.now();
  machine.underVoltage(true);
  await told(['under_voltage']);
  machine.celsius(82);
  await told(['under_voltage', 'hot']);
  const fresh = await staff.get('/api/v1/queue');
  assert.deepEqual(fresh.json.warnings, ['under_voltage', 'hot']);
  assert.notEqual(fresh.headers.etag, etag);
  const b = await hardware(cli);
  const at = Date.parse(b.under_voltage_at);
  assert.ok(b.under_voltage && at >= began && at <= Date.now(), b.under_voltage_at);
  assert.equal(await metric(cli, 'warning\\{code="hot"\\}'), 1);
  const status = await booth.ctlOk('status');
  assert.match(status, /^hardware +Raspberry Pi 4 Model B Rev 1\.4, 82 °C, under-voltage now$/m);
  assert.match(status, /^warnings +under_voltage, hot$/m);
  machine.underVoltage(false);
  machine.celsius(60);
  await told(['under_voltage']); // what it says about the supply is true for a while
  await waitFor(async () => (await hardware(cli)).under_voltage === false, { timeout: 30000, what: 'the voltage to be well' });
  assert.ok((await hardware(cli)).under_voltage_at);
  assert.doesNotMatch((await booth.client().get('/api/v1/board')).text, /under_voltage/);
  assert.equal(booth.log.match(/warning code=under_voltage/g).length, 1); // once per change
  assert.equal(booth.log.match(/warning_over code=hot/g).length, 1);
  stream.close();
});
