// Whether the booth still serves this page.  The names of its script and style carry a hash of their content and are
// compared: the version of the program would not do, since the same version may serve another page, or another the
// same.

const NAMES = /\/board[\w-]*\.(?:js|css)/g;
const TIMEOUT_MS = 10_000;
const RETRY_MS = 12_000;

interface PageVersion {
  /** The booth was unreachable, and may serve another page since. */
  invalidate(): void;
  /** To be called at intervals: asks the booth, if need be, until it has answered. */
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
      // The new files are cached before the page is left: if that fails, the board stays as it is.
      if (names.join() !== ownNames) {
        if ((await Promise.all(names.map(get))).every(({ ok }) => ok)) reload();
        else return;
      }
      stale = false;
    } catch {
      // tried again later
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
