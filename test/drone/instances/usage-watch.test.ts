import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageWatch } from '../../../src/drone/instances/usage-watch.ts';
import type { ProcessReport } from '../../../src/protocol/process.ts';
import type { Usage } from '../../../src/system/usage.ts';

/** A watch of these processes, by id; what they use can be changed. */
function makeWatch(pids: Record<string, number | null>) {
  const used = new Map<number, Usage>();
  const reports = () => Object.entries(pids).map(([id, pid]) => ({ id, pid }) as ProcessReport);
  const watch = new UsageWatch({ reports, usageOf: () => used });
  const told: string[][] = [];
  watch.on('measured', (ids) => told.push(ids));
  return { watch, used, told, pids };
}

test('processor time is percent of a core since the last look; before the second one nothing is known', () => {
  const { watch, used } = makeWatch({ a: 10, b: null });
  used.set(10, { cpuSeconds: 7, memoryBytes: 1000 });
  watch.look(0);
  assert.equal(watch.of('a', 10), undefined);
  used.set(10, { cpuSeconds: 14.5, memoryBytes: 2000 });
  watch.look(5000);
  assert.deepEqual(watch.of('a', 10), { cpu: 150, memory: 2000 });
  assert.equal(watch.of('a', 11), undefined, 'that is another run');
  assert.equal(watch.of('b', null), undefined);
});

test('only what has changed notably is told', () => {
  const { watch, used, told } = makeWatch({ a: 10 });
  let cpuSeconds = 0;
  const look = (second: number, percent: number, memoryBytes: number) => {
    cpuSeconds += (5 * percent) / 100;
    used.set(10, { cpuSeconds, memoryBytes });
    watch.look(second * 1000);
    return told.at(-1);
  };
  assert.deepEqual(look(0, 0, 1000), []);
  assert.deepEqual(look(5, 50, 1000), ['a'], 'what it uses is known');
  assert.deepEqual(look(10, 54, 1100), [], 'little more');
  assert.deepEqual(look(15, 55, 1100), ['a'], 'five percent more than was told');
  assert.deepEqual(look(20, 55, 1211), ['a'], 'a tenth more memory');
  assert.deepEqual(look(25, 55, 1211), []);
});

test('a new run begins anew, and what is gone is forgotten', () => {
  const { watch, used, pids } = makeWatch({ a: 10 });
  used.set(10, { cpuSeconds: 100, memoryBytes: 1000 });
  used.set(11, { cpuSeconds: 1, memoryBytes: 1000 });
  watch.look(0);
  pids['a'] = 11;
  watch.look(5000);
  assert.equal(watch.of('a', 11), undefined);
  watch.look(10_000);
  assert.deepEqual(watch.of('a', 11), { cpu: 0, memory: 1000 });
  delete pids['a'];
  watch.look(15_000);
  assert.equal(watch.of('a', 11), undefined);
});
