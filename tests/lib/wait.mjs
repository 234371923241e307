// Waiting for a condition, never for a time.
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function waitFor(condition, { timeout = 5000, every = 5, what = 'a condition' } = {}) {
  const deadline = performance.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${timeout} ms for ${what}`);
    await pause(every);
  }
}
