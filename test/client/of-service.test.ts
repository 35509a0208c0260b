import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofService } from '../../src/client/of-service.ts';
import type { MonitorItem } from '../../src/client/types.ts';

const lines = (id: string): MonitorItem => ({ kind: 'lines', drone: 'web1', id, lines: ['a'], time: 0 });
const process = (id: string) => ({
  ...{ drone: 'web1', id, repo: 'webapp', commit: 'c'.repeat(40), command: ['node'], seq: 1, time: 0 },
});
const spawned = (id: string): MonitorItem => ({ kind: 'event', event: { type: 'spawned', ...process(id) } });

test('output and events of other processes are left out, and the hub is asked only about new ones', async () => {
  const joined: MonitorItem = {
    kind: 'event',
    event: { type: 'joined', drone: 'web1', version: '1.0.0', seq: 2, time: 0 },
  };
  const dropped: MonitorItem = { kind: 'dropped', lines: 1 };
  const items = [lines('000001'), lines('000002'), lines('000002'), dropped, joined, lines('000001')];
  let asked = 0;
  const find = async () => {
    asked++;
    return ['web1#000001'];
  };
  const seen: MonitorItem[] = [];
  for await (const item of ofService(arrayOf(items), find)) seen.push(item);
  assert.deepEqual(seen, [lines('000001'), dropped, lines('000001')]);
  assert.equal(asked, 2);
});

test('a process whose event comes before the hub knows it is asked for once more', async () => {
  const answers = [[], ['web1#000003']];
  const seen: MonitorItem[] = [];
  const find = async () => answers.shift() ?? [];
  for await (const item of ofService(arrayOf([spawned('000003'), lines('000003')]), find)) seen.push(item);
  assert.deepEqual(seen, [lines('000003')]);
});

async function* arrayOf(items: MonitorItem[]): AsyncGenerator<MonitorItem> {
  yield* items;
}
