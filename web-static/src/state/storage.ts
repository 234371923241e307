// What this browser keeps while its tab is closed: unanswered commands, unread refusals and the last list.  It uses
// IndexedDB, because http://booth.internal is no secure context and has nothing better.
//
// In a private window or on a full phone storage may fail.  Then everything lasts as long as the page.
//
// The tabs of a phone share the storage.  The tab in use is the leader and sends; a lease in localStorage says which
// one that is.  Two tabs that send at once do no harm: both send in the same order, and the booth recognises the keys.

import type { StoredOutbox, OutboxStorage } from './outbox';
import { getPref, setPref } from './prefs';
import type { StoredList } from './queue';

interface ListStorage {
  saveList(loadList: StoredList | null): void;
  loadList(): Promise<StoredList | null>;
}

const NAME = 'boothd';
const OUTBOX = 'outbox';
const REFUSED = 'refused';
const LIST = 'list';
/** Lists are stored by build, since another build may expect another form. */
const BUILD = import.meta.url;
/** Some browsers never answer a request to open a database. */
const OPEN_MS = 2000;

const LEASE = 'sender';
const LEASE_MS = 5000;

export function browserStorage(): OutboxStorage & ListStorage {
  const database = openDatabase().catch(() => null);
  const tabs = new BroadcastChannel(NAME);
  let failed = false;
  let onChange = () => {};

  void database.then((opened) => {
    if (opened) opened.onclose = fail; // the browser needs the space
  });

  function fail() {
    failed = true;
    onChange();
  }

  async function write(stores: string[], work: (store: (name: string) => IDBObjectStore) => void) {
    const opened = await database;
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
      const opened = await database;
      if (!opened || failed) return null;
      try {
        const transaction = opened.transaction([OUTBOX, REFUSED]);
        const [commands, refused] = await Promise.all([
          resultOf<StoredOutbox['commands']>(transaction.objectStore(OUTBOX).getAll()),
          resultOf<StoredOutbox['refused']>(transaction.objectStore(REFUSED).getAll()),
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
    isLeader: claimLease,
    subscribe(listener) {
      onChange = listener;
      tabs.onmessage = listener;
      document.addEventListener('visibilitychange', () => document.hidden || listener());
      addEventListener('pagehide', () => getPref(LEASE)?.startsWith(TAB_ID) && setPref(LEASE, ''));
    },

    saveList(list) {
      void write([LIST], (store) => {
        store(LIST).clear();
        if (list) store(LIST).put(list, BUILD);
      });
    },
    async loadList() {
      const opened = await database;
      try {
        const store = opened?.transaction(LIST).objectStore(LIST);
        return (store && (await resultOf<StoredList | undefined>(store.get(BUILD)))) ?? null;
      } catch {
        return null;
      }
    },
  };
}

const TAB_ID = `${Math.random()} `;

/** A tab that has the focus takes the lease from one that has not. */
function claimLease(): boolean {
  const lease = getPref(LEASE) ?? '';
  const left_ms = Number(lease.split(' ')[1]) - Date.now();
  const takenByOther = lease !== '' && !lease.startsWith(TAB_ID) && left_ms > 0 && left_ms <= LEASE_MS;
  if (takenByOther && !document.hasFocus()) return false;
  setPref(LEASE, `${TAB_ID}${Date.now() + LEASE_MS}`);
  return true;
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    setTimeout(reject, OPEN_MS);
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(OUTBOX, { keyPath: 'key' });
      request.result.createObjectStore(REFUSED, { keyPath: 'command.key' });
      request.result.createObjectStore(LIST);
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close(); // a newer page upgrades it
      resolve(request.result);
    };
    request.onerror = reject;
  });
}

function resultOf<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = reject;
  });
}
