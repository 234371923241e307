// Simulated hardware: a folder with the files of sysfs and procfs that boothd reads (tests/shim/machine.c).
import fs from 'node:fs';
import path from 'node:path';
import { preload } from './preload.mjs';

export class Hardware {
  constructor(dir) {
    this.dir = path.join(dir, 'machine');
    this.put('proc/meminfo', 'MemTotal: 948304 kB\nMemFree: 1000 kB\nMemAvailable: 500000 kB\n');
  }
  // A healthy Raspberry Pi.
  static raspberry(dir) {
    const it = new Hardware(dir);
    it.put('sys/firmware/devicetree/base/model', 'Raspberry Pi 4 Model B Rev 1.4\0');
    it.put('sys/class/hwmon/hwmon0/name', 'rpi_volt\n');
    it.put('sys/class/thermal/thermal_zone0/type', 'cpu-thermal\n');
    it.underVoltage(false);
    it.celsius(48.312);
    return it;
  }
  put(name, text) { // atomically, as attributes are read
    const file = path.join(this.dir, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.new`, text);
    fs.renameSync(`${file}.new`, file);
  }
  underVoltage(on) {
    this.put('sys/class/hwmon/hwmon0/in0_lcrit_alarm', `${Number(on)}\n`);
  }
  celsius(degrees) {
    this.put('sys/class/thermal/thermal_zone0/temp', `${Math.round(degrees * 1000)}\n`);
  }
  // A battery-backed clock that set the kernel's clock.
  rtc(wall) {
    this.put('sys/class/rtc/rtc0/hctosys', '1\n');
    this.put('sys/class/rtc/rtc0/since_epoch', `${Math.floor(wall / 1000)}\n`);
  }
  // The environment for boothd; shims: names of further ones, more: their variables.
  env(shims = [], more = {}) {
    return preload(['machine', ...shims], { MACHINE: this.dir, ...more });
  }
}
