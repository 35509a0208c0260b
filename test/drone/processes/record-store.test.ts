import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { newRecord } from '../../../src/drone/processes/record.ts';
import { RecordStore } from '../../../src/drone/processes/record-store.ts';
import { watchDisk } from '../../fixtures/watched-disk.ts';

const plain = newRecord({
  ...{ id: 'abcdef', key: '0'.repeat(32), repo: 'webapp', commit: 'c'.repeat(40) },
  ...{ command: ['node', 'server.js'], env: { COLOR: 'red' } },
});
const labelled = { ...plain, spec: { ...plain.spec, id: '123456', labels: { service: 'web' } } };

let dir: string;
let store: RecordStore;
const files = () => readdirSync(join(dir, 'run')).sort();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-test-'));
  store = new RecordStore(dir);
});
afterEach(() => {
  mock.restoreAll();
  rmSync(dir, { recursive: true, force: true });
});

test('a stored record can be read back, and is gone once it is removed', () => {
  store.promise(plain);
  store.promise(labelled);
  assert.deepEqual(files(), ['123456.json', '123456.more.json', 'abcdef.json']);
  const run = { pid: 100, started: 5, boot: 'this boot' };
  store.save({ ...labelled, run });
  assert.deepEqual(store.load(), { records: [{ ...labelled, run }, plain], unread: [] });
  store.forget('123456');
  store.forget('abcdef');
  store.forget('abcdef');
  assert.deepEqual(files(), []);
});

test('a change never endangers the old record: the new one is on disk before it replaces it', () => {
  store.promise(plain);
  const steps = watchDisk();
  store.save({ ...plain, run: { pid: 100, started: 5, boot: 'this boot' } });
  assert.deepEqual(steps, ['sync file', 'rename to abcdef.json']);
});

test('files that were left half written are removed', () => {
  for (const file of ['abcdef.json.4711.tmp', '123456.json.tmp', 'aaaaaa.more.json']) {
    writeFileSync(join(dir, 'run', file), '{}');
  }
  writeFileSync(join(dir, 'run', 'abcdef.json.broken'), '{}');
  assert.deepEqual(store.load(), { records: [], unread: [] });
  assert.deepEqual(files(), ['abcdef.json.broken']);
});

test('an unreadable record affects no other, and is put aside with everything that belongs to it', () => {
  store.promise(plain);
  store.promise(labelled);
  const path = join(dir, 'run', '123456.json');
  writeFileSync(path, readFileSync(path).subarray(0, 60));
  const { records, unread } = store.load();
  assert.deepEqual(records, [plain]);
  assert.deepEqual(
    unread.map(({ id }) => id),
    ['123456'],
  );
  assert.equal(store.has('123456'), true);
  assert.equal(store.putAside('123456'), `${path}.broken`);
  assert.equal(store.has('123456'), false);
  assert.deepEqual(files(), ['123456.json.broken', '123456.more.json.broken', 'abcdef.json']);
});

test('a folder that cannot be made or read is EIO', () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  assert.throws(() => new RecordStore(file), { code: 'EIO' });
  rmSync(join(dir, 'run'), { recursive: true });
  assert.equal(existsSync(join(dir, 'run')), false);
  assert.throws(() => store.load(), { code: 'EIO' });
  assert.throws(() => store.promise(plain), { code: 'EIO' });
});

test('a FIFO in place of a record is a damaged record', () => {
  execFileSync('mkfifo', [join(dir, 'run', 'abcdef.json')]);
  const [unread] = store.load().unread;
  assert.equal(unread?.error.damaged, true);
});
