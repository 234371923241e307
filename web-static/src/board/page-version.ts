// Whether this is still the page that the booth serves.  Names of scripts and styles carry a hash of their content, so
// the page is compared by them: a program of the same version may bring another page, and a newer one the same.

const NAMES = /\/board[\w-]*\.(?:js|css)/g;
const ANSWER_MS = 10_000;
const ASK_AGAIN_MS = 12_000;

export interface Page {
  /** The booth was away, and may have come back as another. */
  suspect(): void;
  /** Call now and then: asks until there was an answer. */
  check(): void;
}

export function watchPage(reload: () => void): Page {
  const mine = document.head.innerHTML.match(NAMES)?.join();
  let suspected = false;
  let asked_at = -ASK_AGAIN_MS;

  async function ask() {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_MS);
    const get = (path: string) => fetch(path, { cache: 'no-cache', signal: abort.signal });
    try {
      const page = await get('/board');
      const names = page.ok && (await page.text()).match(NAMES);
      if (!names) return;
      // They are in the browser's cache before the page is left: what breaks now leaves a board that works.
      if (names.join() !== mine) {
        if ((await Promise.all(names.map(get))).every(({ ok }) => ok)) reload();
        else return;
      }
      suspected = false;
    } catch {
      // asked again
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    suspect() {
      suspected = true;
      asked_at = -ASK_AGAIN_MS;
    },
    check() {
      if (!suspected || performance.now() - asked_at < ASK_AGAIN_MS) return;
      asked_at = performance.now();
      void ask();
    },
  };
}
