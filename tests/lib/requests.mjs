// Random requests as staff of a busy booth make them, each with its own Idempotency-Key, so that it can be repeated.
export class Requests {
  constructor(random, prefix, { active = 300 } = {}) {
    Object.assign(this, { random, prefix, most: active, serial: 0, active: 0 }); // active: about how many tickets are active
    this.sent = []; // {key, method, path, body, status, seq, ticket}: status undefined: no answer
    this.pool = []; // tickets that were acknowledged
  }

  next() {
    const { random } = this;
    const serial = ++this.serial;
    const key = `${this.prefix}-${serial}`;
    const id = random.pick(this.pool);
    const roll = random.next();
    const on = (verb, body) => ({ key, method: 'POST', path: `/api/v1/tickets/${id}/${verb}`, body });
    if (!id || (roll < 0.5 && this.active < this.most))
      return { key, method: 'POST', path: '/api/v1/tickets', body: { party_size: 1 + random.below(9), name: `name-${key}`, phone: `phone-${serial}`, note: `note-${serial}` } };
    if (roll < 0.55) return { key, method: 'POST', path: '/api/v1/call-next', body: {} };
    if (roll < 0.6) return { key, method: 'PATCH', path: `/api/v1/tickets/${id}`, body: { party_size: 1 + random.below(9), name: `name-${key}` } };
    if (roll < 0.68) return { key, method: 'POST', path: '/api/v1/undo', body: { seq: random.pick(this.sent.slice(-50)).seq ?? 1 } };
    if (roll < 0.7) return { key, method: 'PUT', path: '/api/v1/intake', body: { state: 'open' } };
    if (roll < 0.78) return on('requeue', random.pick([{ position: 'keep' }, { position: 'front' }, { position: 'back' }, { after: random.below(20) }]));
    return on(random.pick(['call', 'call', 'seat', 'seat', 'no-show', 'cancel', 'phoned']));
  }

  // Sends it, for the first time or again; throws if no answer comes.
  async send(client, request) {
    const answer = await client.send(request.method, request.path, request.body, { key: request.key });
    if (answer.status < 300) Object.assign(request, { status: answer.status, seq: answer.json.seq, ticket: answer.json.ticket?.id });
    else request.status = answer.status; // refused
    return answer;
  }

  // Sends a new one.
  async sendNext(client) {
    const request = this.next();
    this.sent.push(request);
    const { json } = await this.send(client, request);
    if (request.status === 201) this.pool.push(request.ticket);
    if (request.status < 300) this.active += request.status === 201 ? 1 : ['seated', 'cancelled', 'no_show'].includes(json.ticket?.state) ? -1 : 0;
    if (this.pool.length > 400) this.pool.splice(0, 100);
    return request;
  }

  get acknowledged() {
    return this.sent.filter((request) => request.status < 300);
  }
  get unanswered() {
    return this.sent.filter((request) => request.status === undefined);
  }
}
