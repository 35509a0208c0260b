import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SavedFile } from '../../src/system/saved-file.ts';

let dir: string;
let content: string;
let asked: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-saved-'));
  content = 'first';
  asked = 0;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const path = () => join(dir, 'state.json');
const saved = () =>
  new SavedFile(path(), () => {
    asked++;
    return content;
  });
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('it is written once for all who ask in one turn, and again for those who ask while it is written', async () => {
  const file = saved();
  const first = [file.soon(), file.soon(), file.soon()];
  assert.deepEqual([asked, file.isDue], [0, true]);
  await nextTurn();
  content = 'second';
  const later = [file.soon(), file.soon()];
  await Promise.all(first);
  assert.deepEqual([asked, file.isDue], [2, true]);
  await Promise.all(later);
  assert.equal(readFileSync(path(), 'utf8'), 'second');
  assert.deepEqual([asked, file.isDue], [2, false]);
  assert.deepEqual(readdirSync(dir), ['state.json']);
});

test('nothing else waits while it is written', async () => {
  const file = saved();
  let turns = 0;
  let isDone = false;
  const written = file.soon().then(() => {
    isDone = true;
  });
  while (!isDone) {
    await nextTurn();
    turns++;
  }
  await written;
  assert.ok(turns > 2, `${turns}`);
});

test('what is written at once is not replaced by what was begun before', async () => {
  const file = saved();
  const begun = file.soon();
  await nextTurn();
  content = 'second';
  file.now();
  await begun;
  assert.equal(readFileSync(path(), 'utf8'), 'second');
  assert.deepEqual(readdirSync(dir), ['state.json']);
});

test('if it was written at once, it is not written again', async () => {
  const file = saved();
  const begun = file.soon();
  file.now();
  await begun;
  await nextTurn();
  assert.equal(asked, 1);
});

test('whoever asked is told that it cannot be written, and later it can', async () => {
  const file = saved();
  rmSync(dir, { recursive: true });
  for (const one of await Promise.allSettled([file.soon(), file.soon()])) {
    assert.equal(one.status, 'rejected');
    assert.equal((one.reason as { code: string }).code, 'EIO');
  }
  dir = mkdtempSync(join(tmpdir(), 'fleet-saved-'));
  const other = saved();
  await other.soon();
  assert.equal(readFileSync(path(), 'utf8'), 'first');
});
