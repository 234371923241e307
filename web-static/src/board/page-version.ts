// Whether this is still the page that the booth serves.  Names of scripts and styles carry a hash of their content, so
// the page is compared by them: a program of the same version may bring another page, and a newer one the same.

const NAMES = /\/board[\w-]*\.(?:js|css)/g;
const TIMEOUT_MS = 10_000;
const RETRY_MS = 12_000;

interface PageVersion {
  /** The booth was away, and may have come back as another. */
  invalidate(): void;
  /** Call now and then: asks until there was an answer. */
  check(): void;
}

export function watchPageVersion(reload: () => void): PageVersion {
  const ownNames = document.head.innerHTML.match(NAMES)?.join();
  let stale = false;
  let lastCheck_ms = -RETRY_MS;

  async function compare() {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    const get = (path: string) => fetch(path, { cache: 'no-cache', signal: abort.signal });
    try {
      const page = await get('/board');
      const names = page.ok && (await page.text()).match(NAMES);
      if (!names) return;
      // They are in the browser's cache before the page is left: what breaks now leaves a board that works.
      if (names.join() !== ownNames) {
        if ((await Promise.all(names.map(get))).every(({ ok }) => ok)) reload();
        else return;
      }
      stale = false;
    } catch {
      // asked again
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    invalidate() {
      stale = true;
      lastCheck_ms = -RETRY_MS;
    },
    check() {
      if (!stale || performance.now() - lastCheck_ms < RETRY_MS) return;
      lastCheck_ms = performance.now();
      void compare();
    },
  };
}
