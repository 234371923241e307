// A site: one hub, and booths that reach it through a proxy each. agree() asserts that hub and booths have the same events,
// people and queues.
import assert from 'node:assert/strict';
import { Booth } from './boothd.mjs';
import { Hub } from './hub.mjs';
import { Proxy } from './proxy.mjs';
import { waitFor } from './wait.mjs';

const SPARE = 60000; // ms; normally a second or two are enough

export class Member {
  // Enrols booth, a running boothd, as a new booth or as the existing one with this id.
  static async enrol(hub, { booth, name = 'booth', id, seed = 1, keep = true, proxy, url } = {}) { // url: the proxy's address for the booth, if it is another
    const it = Object.assign(new Member(), { hub, booth, name });
    it.proxy = proxy ?? await Proxy.start({ to: hub.address, seed, keep });
    const { id: given, code } = id ? { id, code: await hub.enrolCode(id) } : await hub.createBooth(name);
    it.id = given;
    await booth.ctlOk('enrol', url ?? it.proxy.url, code);
    it.cli = booth.cli();
    return it;
  }

  async sync() {
    return (await this.cli.queue()).sync;
  }
  // As a person taps "sync now".
  async syncNow() {
    const answer = await this.cli.post('/api/v1/system/sync');
    assert.ok([200, 202, 204].includes(answer.status), answer.text);
  }

  // How many items of the inbox the booth has not acknowledged.
  async open() {
    const [{ open }] = await this.hub.rows(`SELECT CASE WHEN booth.generation = hub.generation THEN inbox_head - inbox_acked ELSE 1 END AS open FROM booth, hub WHERE id = '\\x${this.id}'`);
    return open;
  }

  // Removes the proxy's fault, and waits until booth and hub have exchanged everything.
  async settle({ timeout = SPARE } = {}) {
    this.proxy.fault = null;
    let last;
    await waitFor(async () => {
      last = await this.sync();
      if (last.state === 'ok' && last.pending === 0 && await this.open() === 0) return true;
      await this.syncNow();
      return false;
    }, { timeout, every: 200, what: `${this.name} to have sent everything` }).catch((error) => {
      throw new Error(`${error.message}: ${JSON.stringify(last)}\n${this.booth.tail()}`);
    });
  }

  // The booth's epochs: [{ordinal, id, events: Map of seq to text}]
  journal() {
    const epochs = this.booth.query('SELECT ordinal, lower(hex(id)) AS id FROM epoch ORDER BY ordinal');
    const events = this.booth.query('SELECT id >> 32 AS ordinal, id & 0xffffffff AS seq, text FROM event ORDER BY id');
    return epochs.map((e) => ({ ...e, events: new Map(events.filter((x) => x.ordinal === e.ordinal).map((x) => [x.seq, x.text])) }));
  }

  // The booth's events of a type, in their order.
  events(type) {
    return this.booth.query(`SELECT text FROM event WHERE text LIKE '%"type":"${type}"%' ORDER BY id`).map((r) => JSON.parse(r.text));
  }

  // Compares all events, people and active tickets; returns the number of events. others: how many epochs of earlier
  // databases of this booth the hub has, too. forgot: the booth was restored from a snapshot, so that the hub has more
  // events of its former epochs.
  async agree({ others = 0, forgot = false } = {}) {
    const journal = this.journal();
    const epochs = await this.hub.journal(this.id);
    let compared = 0;
    for (const { id, events } of journal) {
      const there = epochs.get(id) ?? new Map();
      const missing = [...events.keys()].filter((seq) => !there.has(seq));
      assert.deepEqual(missing, [], `${this.name}: the hub lacks events of epoch ${id}`);
      for (const [seq, text] of events) assert.equal(there.get(seq), text, `${this.name}: event ${seq} differs`);
      if (!forgot || id === journal.at(-1).id) assert.equal(there.size, events.size, `${this.name}: the hub has events that the booth never wrote`);
      compared += events.size;
    }
    assert.equal(epochs.size, journal.length + others, `${this.name}: epochs at the hub`);
    await this.agreeOnPeople(journal);
    await this.agreeOnQueue();
    return compared;
  }

  async agreeOnPeople(journal) {
    const own = new Map(this.booth.query('SELECT ticket, version, name, phone, note FROM person ORDER BY ticket').map((p) => [p.ticket, p]));
    const theirs = await this.hub.people(this.id, journal.at(-1).id);
    for (const [ticket, person] of own)
      if (theirs.has(ticket) || (person.name ?? person.phone ?? person.note)) assert.deepEqual(theirs.get(ticket), person, `${this.name}: the guest of ticket ${ticket}`);
  }

  async agreeOnQueue() {
    const pick = ({ number, line, state, party_size, calls, delivery, source }) => ({ number, line, state, party_size, calls, delivery, source });
    const list = (tickets) => tickets.filter((t) => t.state === 'waiting' || t.state === 'called').map(pick).map((t) => JSON.stringify(t)).sort();
    const { tickets } = await this.cli.queue();
    assert.deepEqual(list(await this.hub.queue(this.id)), list(tickets), `${this.name}: the hub's list and the booth's`);
  }

  async stop() {
    await this.booth.stop();
    await this.proxy.stop();
  }
}

export class Site {
  static async start({ booths = 1, seed = 1, set = {}, keep = true, hub = {} } = {}) {
    const it = new Site();
    it.hub = await Hub.start(hub);
    it.members = [];
    for (let i = 0; i < booths; i++) await it.join({ name: `booth-${i + 1}`, seed: seed + i, set, keep });
    return it;
  }
  async join({ set, ...more } = {}) {
    const booth = await Booth.start({ set });
    await booth.cli().intake('open');
    const member = await Member.enrol(this.hub, { booth, ...more });
    this.members.push(member);
    return member;
  }
  async settle(more) {
    await Promise.all(this.members.map((m) => m.settle(more)));
  }
  async agree(more) {
    let compared = 0;
    for (const member of this.members) compared += await member.agree(more);
    return compared;
  }
  async stop() {
    const ends = await Promise.allSettled([...this.members.map((m) => m.stop())]);
    await this.hub.stop();
    for (const end of ends) if (end.reason) throw end.reason;
  }
}

// One site for all tests of a file.
export async function sharedSite(after, options) {
  const site = await Site.start(options);
  after(() => site.stop());
  return site;
}
