// Processes in /proc. One that ends while it is read counts as ended.
import fs from 'node:fs';

const TICKS = 100; // ticks a second (USER_HZ)

// {state, parent, own: its ticks, ended: ticks of children that have ended}, or null.
function stat(pid) {
  try {
    const [state, parent, ...rest] = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    const [own, system, children, childrenSystem] = rest.slice(9, 13).map(Number);
    return { state, parent: Number(parent), own: own + system, ended: children + childrenSystem };
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  }
}

export const childrenOf = (pid) =>
  fs.readdirSync('/proc').filter((n) => /^\d+$/.test(n)).map(Number).filter((n) => stat(n)?.parent === pid);

export function lives(pid) {
  const it = stat(pid);
  return it !== null && it.state !== 'Z' && it.state !== 'X';
}

/** Processor seconds of a process and its children, including ended ones. */
export function processor(pid) {
  const it = stat(pid);
  if (!it) throw new Error(`process ${pid} has ended`);
  return childrenOf(pid).reduce((sum, n) => sum + (stat(n)?.own ?? 0), it.own + it.ended) / TICKS;
}
