import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { recordReached } from '../../../src/hub/cluster/record-reached.ts';
import { emptyRecord, type RepositoryRecord } from '../../../src/hub/cluster/repository-record.ts';

class Records extends EventEmitter<{ changed: [repo: string] }> {
  now: RepositoryRecord | undefined;
  get = () => this.now;
  become(changes: number, id = 'one'): void {
    this.now = { ...emptyRecord(id, undefined), changes };
    this.emit('changed', 'webapp');
  }
}

test('a change is reached with it, with a later one, or with another repository of that name', async () => {
  for (const reach of [
    (r: Records) => r.become(3),
    (r: Records) => r.become(4),
    (r: Records) => r.become(1, 'two'),
  ]) {
    const records = new Records();
    records.become(2);
    const reached = recordReached(records, 'webapp', { id: 'one', changes: 3 }, 60_000);
    assert.equal(records.listenerCount('changed'), 1);
    reach(records);
    await reached;
    assert.equal(records.listenerCount('changed'), 0);
    await recordReached(records, 'webapp', { id: 'one', changes: 3 }, 60_000);
  }
});

test('a hub that does not hear of it says so', async () => {
  const reached = recordReached(new Records(), 'webapp', { id: 'one', changes: 1 }, 1);
  const alive = setTimeout(() => {}, 10_000);
  await assert.rejects(reached, { code: 'ETIMEOUT' });
  clearTimeout(alive);
});
