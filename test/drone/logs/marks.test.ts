import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogMarks, removeOrphanedMarks } from '../../../src/drone/logs/marks.ts';
import { MAX_MARKS } from '../../../src/protocol/limits.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const exited = (at: number) => ({ at, time: 1, type: 'exited', code: 7, signal: null });

test('marks have numbers, which go on when they are loaded again', (t) => {
  const path = join(temporaryFolder(t), '1e99f4.marks');
  const marks = new LogMarks(path);
  assert.deepEqual(marks.add(exited(0)), { ...exited(0), number: 1 });
  marks.add(exited(10));
  const again = new LogMarks(path);
  again.load();
  assert.equal(again.last, 2);
  assert.equal(again.add(exited(20)).number, 3);
  assert.deepEqual(
    again.between(10, 20).map(({ number }) => number),
    [2, 3],
  );
});

test('a damaged line costs only its mark', (t) => {
  const path = join(temporaryFolder(t), '1e99f4.marks');
  const marks = new LogMarks(path);
  marks.add(exited(0));
  appendFileSync(path, '{"number":\n');
  marks.add(exited(0));
  assert.equal(marks.between(0, 0).length, 2);
});

test('the newest marks are kept, however often a process ends', (t) => {
  const path = join(temporaryFolder(t), '1e99f4.marks');
  const marks = new LogMarks(path);
  for (let i = 0; i < 2 * MAX_MARKS + 1; i++) marks.add(exited(i));
  assert.equal(readFileSync(path, 'utf8').trim().split('\n').length, MAX_MARKS);
  assert.equal(marks.between(0, 1e9)[0]?.number, MAX_MARKS + 2);
});

test('marks without a log are removed', (t) => {
  const folder = temporaryFolder(t);
  const files = ['000001.marks', '000002.marks'].map((file) => join(folder, file));
  for (const file of files) writeFileSync(file, '');
  removeOrphanedMarks(folder, new Set(['000001']));
  assert.equal(readFileSync(files[0] ?? '', 'utf8'), '');
  assert.throws(() => readFileSync(files[1] ?? ''), { code: 'ENOENT' });
});
