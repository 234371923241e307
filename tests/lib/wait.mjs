// Waits for a condition, never for a time.
import { scaled } from './pace.mjs';

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// timeout: in milliseconds of the reference machine; it ends a hang and says nothing about speed.
export async function waitFor(condition, { timeout = 20_000, every = 5, what = 'a condition' } = {}) {
  const limit = scaled(timeout);
  const deadline = performance.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${limit} ms for ${what}`);
    await pause(every);
  }
}
