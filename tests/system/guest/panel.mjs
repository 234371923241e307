// The simulated GPIO chip: presses its button, and reads the kernel's trace of its lines.
import fs from 'node:fs';
import { until } from './machine.mjs';
import { pause } from '../../lib/wait.mjs';

const LINES = { button: 0, led: 1, buzzer: 2 };
const config = '/sys/kernel/config/gpio-sim/booth';
const tracing = '/sys/kernel/tracing';
const read = (file) => fs.readFileSync(file, 'utf8').trim();

const line = (name) => `/sys/devices/platform/${read(`${config}/dev_name`)}/${read(`${config}/bank0/chip_name`)}/sim_gpio${LINES[name]}`;
export const device = () => `/dev/${read(`${config}/bank0/chip_name`)}`;
export const level = (name) => Number(read(`${line(name)}/value`));
export const hold = () => fs.writeFileSync(`${line('button')}/pull`, 'pull-up');
export const release = () => fs.writeFileSync(`${line('button')}/pull`, 'pull-down');
export const plug = (live) => fs.writeFileSync(`${config}/live`, live ? '1' : '0');

export async function press(ms = 120) {
  hold();
  await pause(ms); // the duration of a press
  release();
}

/** Starts a trace of every output change and every button edge. */
export function trace() {
  fs.writeFileSync(`${tracing}/trace_clock`, 'mono');
  fs.writeFileSync(`${tracing}/events/gpio/gpio_value/enable`, '1');
  fs.writeFileSync(`${tracing}/events/irq/irq_handler_entry/filter`, sim() ? `irq == ${sim()}` : '0');
  fs.writeFileSync(`${tracing}/events/irq/irq_handler_entry/enable`, '1');
  fs.writeFileSync(`${tracing}/trace`, '');
}
const sim = () => /^ *(\d+):.*(?:irq_sim|gpio-sim).*$/m.exec(read('/proc/interrupts'))?.[1];
const base = () => Number(/gpiochip\d+: (?:GPIOs )?(\d+)[^\n]*gpio-sim/.exec(read('/sys/kernel/debug/gpio'))[1]);

/** The trace in order: [{at: ms, program, line, value}]; a button edge has no value. */
export function traced() {
  const first = base(), names = Object.keys(LINES);
  return read(`${tracing}/trace`).split('\n').map((text) => {
    const [, program, at, event, rest] = /^\s*(.*?)-\d+\s+\[\d+\]\s+\S+\s+([\d.]+): (\w+): (.*)$/.exec(text) ?? [];
    const set = /^(\d+) set ([01])$/.exec(rest ?? '');
    if (event === 'irq_handler_entry') return { at: at * 1000, program, line: 'button' };
    return set && { at: at * 1000, program, line: names[set[1] - first], value: Number(set[2]) };
  }).filter(Boolean);
}

/** Real level changes of one output. */
export function edges(name, from = 0) {
  let last = 0;
  return traced().filter((e) => e.line === name && e.at >= from && e.value !== last && (last = e.value, true));
}
export const silence = () => until('the buzzer to be silent', 10, async () => {
  for (let ms = 0; ms < 400; ms += 20) { // longer than any pause of a pattern
    if (level('buzzer')) return false;
    await pause(20);
  }
  return true;
});
