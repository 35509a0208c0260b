import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartCount } from '../../src/hub/start-count.ts';
import { isLower, MAX_FENCE } from '../../src/protocol/fence.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const quiet = (line: string) => assert.fail(line);
const fenceIn = (dir: string) => new StartCount(dir, quiet).of();

test('each start in a directory has a higher fence than the one before', (t) => {
  const dir = temporaryFolder(t);
  const [first, second] = [fenceIn(dir), fenceIn(dir)];
  assert.deepEqual(second, { ...first, count: 2 });
});

test('the fence in a new directory is higher than all of an older one', (t) => {
  const old = temporaryFolder(t);
  writeFileSync(join(old, 'starts.json'), JSON.stringify({ created: Date.now() - 1_000, count: 40 }));
  assert.ok(isLower(fenceIn(old), fenceIn(temporaryFolder(t))));
});

test('above what a drone has seen, it counts on from there, also at its next start', (t) => {
  const dir = temporaryFolder(t);
  const count = new StartCount(dir, quiet);
  const seen = { created: count.of().created + 1_000, count: 7 };
  count.raiseAbove('webapp', seen);
  assert.deepEqual(count.of(), { ...seen, count: 8 });
  count.raiseAbove('webapp', { created: 5, count: 100 });
  assert.deepEqual(count.of(), { ...seen, count: 8 });
  assert.deepEqual(fenceIn(dir), { ...seen, count: 9 });
});

test('above the highest fence there is none', (t) => {
  const count = new StartCount(temporaryFolder(t), quiet);
  const highest = { created: MAX_FENCE, count: MAX_FENCE };
  assert.throws(() => count.raiseAbove('webapp', highest), { code: 'ELIMIT' });
});

test('a file that cannot be read is put aside, and a directory that cannot be written is no obstacle', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'starts.json'), 'no JSON');
  const said: string[] = [];
  assert.equal(new StartCount(dir, (line) => said.push(line)).of().count, 1);
  assert.match(
    said.join('\n'),
    /starts\.json cannot be read .*starts\.json\.broken; starts are counted anew$/,
  );
  assert.equal(new StartCount(join(dir, 'gone'), (line) => said.push(line)).of().count, 1);
  assert.match(said.at(-1) ?? '', /cannot write/);
});
