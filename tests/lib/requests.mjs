// What the staff of a busy booth ask for, at random, each wish under a key of its own, so that it can be asked again.
export class Wishes {
  constructor(random, prefix, { active = 300 } = {}) {
    Object.assign(this, { random, prefix, most: active, serial: 0, active: 0 }); // active: about so many tickets are
    this.asked = []; // {key, method, path, body, status, seq, ticket}: status undefined = no answer came
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
    if (roll < 0.68) return { key, method: 'POST', path: '/api/v1/undo', body: { seq: random.pick(this.asked.slice(-50)).seq ?? 1 } };
    if (roll < 0.7) return { key, method: 'PUT', path: '/api/v1/intake', body: { state: 'open' } };
    if (roll < 0.78) return on('requeue', random.pick([{ position: 'keep' }, { position: 'front' }, { position: 'back' }, { after: random.below(20) }]));
    return on(random.pick(['call', 'call', 'seat', 'seat', 'no-show', 'cancel', 'phoned']));
  }

  // Sends it, for the first time or again; throws if no answer comes.
  async send(client, w) {
    const answer = await client.send(w.method, w.path, w.body, { key: w.key });
    if (answer.status < 300) Object.assign(w, { status: answer.status, seq: answer.json.seq, ticket: answer.json.ticket?.id });
    else w.status = answer.status; // refused: nothing is kept of it
    return answer;
  }

  // A new one.
  async ask(client) {
    const w = this.next();
    this.asked.push(w);
    const { json } = await this.send(client, w);
    if (w.status === 201) this.pool.push(w.ticket);
    if (w.status < 300) this.active += w.status === 201 ? 1 : ['seated', 'cancelled', 'no_show'].includes(json.ticket?.state) ? -1 : 0;
    if (this.pool.length > 400) this.pool.splice(0, 100);
    return w;
  }

  get acknowledged() {
    return this.asked.filter((w) => w.status < 300);
  }
  get unanswered() {
    return this.asked.filter((w) => w.status === undefined);
  }
}
