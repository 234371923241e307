// What this browser keeps while its tab is closed: commands that are not answered, refusals that nobody has read, and
// the last list.  IndexedDB, because http://booth.internal is no secure context and has nothing better.
//
// A private window or a full phone may refuse: then everything lasts as long as the page, and the app goes on.
//
// Tabs of one phone share it.  The one that is looked at sends; a lease in localStorage says which that is.  Two that
// send by mistake do no harm: each sends in the order of the shelf, and the booth knows the keys.

import type { Kept, Shelf } from './outbox';
import { recall, remember } from './prefs';
import type { List } from './queue';

export interface ListShelf {
  keepList(list: List | null): void;
  list(): Promise<List | null>;
}

const NAME = 'boothd';
const OUTBOX = 'outbox';
const REFUSED = 'refused';
const LIST = 'list';
/** Another build may give a list another shape. */
const BUILD = import.meta.url;
/** Some browsers never answer. */
const OPEN_MS = 2000;

const LEASE = 'sender';
const LEASE_MS = 5000;

export function browserShelf(): Shelf & ListShelf {
  const base = open().catch(() => null);
  const tabs = new BroadcastChannel(NAME);
  let failed = false;
  let changed = () => {};

  void base.then((opened) => {
    if (opened) opened.onclose = fail; // the browser wants the room
  });

  function fail() {
    failed = true;
    changed();
  }

  async function write(stores: string[], work: (store: (name: string) => IDBObjectStore) => void) {
    const opened = await base;
    if (!opened) return;
    try {
      const transaction = opened.transaction(stores, 'readwrite', { durability: 'strict' });
      work((name) => transaction.objectStore(name));
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = reject;
      });
    } catch {
      fail();
    }
  }

  return {
    async load() {
      const opened = await base;
      if (!opened || failed) return null;
      try {
        const transaction = opened.transaction([OUTBOX, REFUSED]);
        const [commands, refused] = await Promise.all([
          answer<Kept['commands']>(transaction.objectStore(OUTBOX).getAll()),
          answer<Kept['refused']>(transaction.objectStore(REFUSED).getAll()),
        ]);
        return { commands, refused };
      } catch {
        return null;
      }
    },
    save({ put = [], remove = [], refuse = [], dismiss = [] }) {
      const work = write([OUTBOX, REFUSED], (store) => {
        put.forEach((each) => store(OUTBOX).put(each));
        remove.forEach((each) => store(OUTBOX).delete(each));
        refuse.forEach((each) => store(REFUSED).put(each));
        dismiss.forEach((each) => store(REFUSED).delete(each));
      });
      void work.then(() => tabs.postMessage(null));
    },
    turn: takeTurn,
    watch(listener) {
      changed = listener;
      tabs.onmessage = listener;
      document.addEventListener('visibilitychange', () => document.hidden || listener());
      addEventListener('pagehide', () => recall(LEASE)?.startsWith(ME) && remember(LEASE, ''));
    },

    keepList(list) {
      void write([LIST], (store) => {
        store(LIST).clear();
        if (list) store(LIST).put(list, BUILD);
      });
    },
    async list() {
      const opened = await base;
      try {
        const store = opened?.transaction(LIST).objectStore(LIST);
        return (store && (await answer<List | undefined>(store.get(BUILD)))) ?? null;
      } catch {
        return null;
      }
    },
  };
}

const ME = `${Math.random()} `;

/** A tab that is looked at takes it from one that is not. */
function takeTurn(): boolean {
  const lease = recall(LEASE) ?? '';
  const left_ms = Number(lease.split(' ')[1]) - Date.now();
  const anothers = lease !== '' && !lease.startsWith(ME) && left_ms > 0 && left_ms <= LEASE_MS;
  if (anothers && !document.hasFocus()) return false;
  remember(LEASE, `${ME}${Date.now() + LEASE_MS}`);
  return true;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    setTimeout(reject, OPEN_MS);
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(OUTBOX, { keyPath: 'key' });
      asked.result.createObjectStore(REFUSED, { keyPath: 'command.key' });
      asked.result.createObjectStore(LIST);
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close(); // a newer page wants it, also if this came too late
      resolve(asked.result);
    };
    asked.onerror = reject;
  });
}

function answer<T>(asked: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result as T);
    asked.onerror = reject;
  });
}
