// A disk that is full or fails: nothing is acknowledged, everything can be read, and it goes on by itself when the disk does.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from '../lib/test.mjs';
import { Booth } from '../lib/boothd.mjs';
import { expect } from '../lib/http.mjs';
import { preload } from '../lib/preload.mjs';

for (const [name, how] of [['full', 'n'], ['failing', 'e']])
  describe(`a disk that is ${name}`, () => {
    test('503 for writes, answers for reads, then service resumes, nothing half done or done twice', async () => {
      const booth = await Booth.start({ env: (dir) => preload(['badsync'], { BADSYNC: path.join(dir, 'bad') }) });
      const bad = path.join(booth.dir, 'bad');
      try {
        const staff = await booth.signIn('staff', 'phone', { connections: 8 });
        for (let i = 0; i < 5; i++) await staff.issue({ name: `팀 ${i}` });
        const before = await staff.queue();
        const stream = await staff.stream();
        await stream.snapshot();

        fs.writeFileSync(bad, how);
        const lost = await Promise.all(Array.from({ length: 8 }, (_, i) => staff.post('/api/v1/tickets', { party_size: 3 }, { key: `lost-${i}` })));
        for (const a of lost) assert.ok(expect(a, 503, 'storage_unavailable').retry_after_s >= 1);
        await stream.next((e) => e.event === 'status' && !e.data.storage.ok, { what: 'the bad news' });
        const during = await staff.queue();
        assert.equal(during.storage.ok, false);
        assert.deepEqual(during.tickets.map((t) => [t.id, t.version]), before.tickets.map((t) => [t.id, t.version]));
        expect(await staff.get('/healthz'), 503, 'storage_unavailable');
        expect(await staff.post('/api/v1/call-next'), 503, 'storage_unavailable');
        assert.ok(expect(await booth.cli().get('/api/v1/system'), 200).storage.error);

        fs.unlinkSync(bad);
        await stream.next((e) => e.event === 'status' && e.data.storage.ok, { from: stream.events.length, what: 'the good news, by itself' });
        expect(await staff.get('/healthz'), 200);
        const again = await Promise.all(Array.from({ length: 8 }, (_, i) => staff.issue({ party_size: 3 }, { key: `lost-${i}` })));
        assert.equal(new Set(again.map((a) => a.ticket.id)).size, 8);
        const after = await staff.queue();
        assert.equal(after.tickets.length, before.tickets.length + 8);
        assert.equal(after.booth.epoch, before.booth.epoch);
        stream.close();

        await booth.restart();
        assert.deepEqual((await staff.queue()).tickets.map((t) => [t.id, t.version]), after.tickets.map((t) => [t.id, t.version]));
        assert.deepEqual(booth.query('PRAGMA integrity_check').map((r) => r.integrity_check), ['ok']);
        const seqs = booth.query('SELECT id & 0xffffffff AS seq FROM event ORDER BY id').map((r) => r.seq);
        assert.deepEqual(seqs, seqs.map((_, i) => i + 1), 'the journal has a gap');
      } finally {
        fs.rmSync(bad, { force: true });
        await booth.stop();
      }
    });
  });
