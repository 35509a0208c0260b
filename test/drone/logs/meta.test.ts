import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  freshMeta,
  isArchived,
  isNameless,
  isOver,
  KEEP_RELEASE_LOG_MS,
  type LogMeta,
  readMeta,
  writeMeta,
} from '../../../src/drone/logs/meta.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const HOUR_MS = 3_600_000;
const ID = '1e99f4';
const PROCESS = { id: ID, repo: 'webapp', commit: 'c'.repeat(40), command: ['node', 'server.js', '8080'] };
const META: LogMeta = {
  ...freshMeta(PROCESS),
  start: 104,
  base: 100,
  dropped: 9,
  stoppedAt: 1_700_000_000_000,
};

test('a description is read as it was written, and readable by its owner only', (t) => {
  const path = join(temporaryFolder(t), `${ID}.json`);
  for (const meta of [META, freshMeta(PROCESS)]) {
    writeMeta(path, meta);
    assert.deepEqual(readMeta(path, ID), { meta, damaged: false });
  }
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a new log is empty, and belongs to a process that is kept running', () => {
  const spec = { ...PROCESS, env: { SECRET: 'x' } };
  assert.deepEqual(freshMeta(spec), {
    ...PROCESS,
    start: 0,
    base: 0,
    dropped: 0,
    atLeast: false,
    stoppedAt: null,
    keepMs: HOUR_MS,
    of: null,
  });
});

test('the log of an instance says of what it is, and is kept for a week', () => {
  const instance = { app: 'webapp', release: 3, service: 'web', slot: 1 };
  const meta = freshMeta({ ...PROCESS, instance });
  assert.deepEqual([meta.of, meta.keepMs], [instance, KEEP_RELEASE_LOG_MS]);
  assert.ok(!isArchived({ stoppedAt: 0 }, HOUR_MS - 1));
  assert.ok(isArchived({ stoppedAt: 0 }, HOUR_MS));
  assert.ok(!isArchived({ stoppedAt: null }, HOUR_MS));
});

test('a log is kept for an hour after its process was stopped, or for as long as is said of it', () => {
  const stoppedAt = 1_700_000_000_000;
  assert.ok(!isOver(freshMeta(PROCESS), stoppedAt));
  const table: [object, number][] = [
    [PROCESS, HOUR_MS],
    [{ keepMs: KEEP_RELEASE_LOG_MS }, 7 * 24 * HOUR_MS],
  ];
  for (const [more, keptMs] of table) {
    const meta = { ...freshMeta({ ...PROCESS, ...more }), stoppedAt };
    assert.ok(!isOver(meta, stoppedAt + keptMs - 1));
    assert.ok(isOver(meta, stoppedAt + keptMs));
  }
});

test('keys from a newer fleet are kept, and those that an older one did not write have defaults', (t) => {
  const path = join(temporaryFolder(t), `${ID}.json`);
  const newer = { ...META, format: 'json' };
  writeMeta(path, newer);
  assert.deepEqual(readMeta(path, ID), { meta: newer, damaged: false });
  const { base, dropped, stoppedAt, id, ...older } = META;
  writeFileSync(path, JSON.stringify(older));
  assert.deepEqual(readMeta(path, ID), {
    meta: { ...META, base: 0, dropped: 0, stoppedAt: null },
    damaged: false,
  });
});

for (const [what, damage] of [
  ['not there', null],
  ['empty', ''],
  ['cut in half', JSON.stringify(META).slice(0, -20)],
  ['zeros, as after a power cut', '\0'.repeat(200)],
  ['something else', '[1, 2]'],
] as const) {
  test(`a description that is ${what} is read as damaged, with no content`, (t) => {
    const path = join(temporaryFolder(t), `${ID}.json`);
    if (damage !== null) writeFileSync(path, damage);
    const { meta, damaged } = readMeta(path, ID);
    assert.equal(damaged, true);
    assert.equal(meta.start, null, 'nobody knows where the log begins');
    assert.deepEqual([meta.id, isNameless(meta), meta.dropped, meta.stoppedAt], [ID, true, 0, null]);
  });
}

for (const [key, damage, read] of [
  ['start', -1, null],
  ['start', 1.5, null],
  ['base', '100', 0],
  ['dropped', null, 0],
  ['stoppedAt', 'yesterday', null],
  ['command', [], ['unknown']],
  ['repo', '../etc', 'unknown'],
  ['commit', 'HEAD', '0'.repeat(40)],
  ['id', 'd7048a', ID],
  ['of', { app: '../etc' }, null],
] as const) {
  test(`a damaged ${key} (${JSON.stringify(damage)}) costs nothing but itself`, (t) => {
    const path = join(temporaryFolder(t), `${ID}.json`);
    writeFileSync(path, JSON.stringify({ ...META, [key]: damage }));
    assert.deepEqual(readMeta(path, ID), { meta: { ...META, [key]: read }, damaged: true });
  });
}

test('a log that lost its description gets names that can be written and read again', (t) => {
  const path = join(temporaryFolder(t), `${ID}.json`);
  const meta = { ...readMeta(path, ID).meta, start: 0 };
  writeMeta(path, meta);
  assert.deepEqual(readMeta(path, ID), { meta, damaged: false });
});

test('a description that cannot be written leaves nothing behind', (t) => {
  const folder = temporaryFolder(t);
  assert.throws(() => writeMeta(join(folder, 'nowhere/1e99f4.json'), META), { code: 'EIO' });
  assert.deepEqual(readdirSync(folder), []);
});
