// A central service: a client of the hub's API with its own key. Each answer is compared with hub/api/openapi.json.
import { contract } from './contract.mjs';
import { Client, expect } from './http.mjs';

export const hubApi = contract('hub/api/openapi.json');

export class Service extends Client {
  static async of(hub, scopes = 'read,guests,admin') {
    const it = new Service(hub.address, { judge: hubApi.checkAnswer });
    it.apiKey = (await hub.admin('create-key', `service ${scopes}`, scopes)).trim();
    return it;
  }
  send(method, path, body, { headers = {}, ...more } = {}) {
    return super.send(method, path, body, { headers: { Authorization: `Bearer ${this.apiKey}`, ...headers }, ...more });
  }

  async booths() {
    return expect(await this.get('/api/v1/booths'), 200).booths;
  }
  async queueOf(booth) {
    return expect(await this.get(`/api/v1/booths/${booth}/queue`), 200);
  }
  async join(booth, body = {}, more) {
    return expect(await this.post(`/api/v1/booths/${booth}/guests`, { party_size: 2, ...body }, more), 201);
  }
  async guest(ref) {
    return expect(await this.get(`/api/v1/guests/${ref}`), 200);
  }
  async page(after, limit) {
    const query = Object.entries({ after, limit }).filter(([, v]) => v !== undefined).map(([k, v]) => `${k}=${v}`).join('&');
    return expect(await this.get(`/api/v1/events${query && '?'}${query}`), 200);
  }
  // All events after a cursor: {events, next}
  async events(after, limit) {
    const events = [];
    for (;;) {
      const page = await this.page(after, limit);
      events.push(...page.events);
      after = page.next;
      if (!page.more) return { events, next: after };
    }
  }
}
