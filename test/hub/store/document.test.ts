import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Document } from '../../../src/hub/store/document.ts';
import { parseKey } from '../../../src/hub/store/keys.ts';
import { layoutOf } from '../../../src/hub/store/layout.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

function documentOf(t: TestContext, key: string) {
  const layout = layoutOf(parseKey(key));
  const path = join(temporaryFolder(t), layout.path);
  const told: string[] = [];
  let revision = 0;
  const around = { nextRevision: () => ++revision, changed: (changed: string) => told.push(changed) };
  return {
    path,
    told,
    document: new Document(path, layout, around),
    read: () => JSON.parse(readFileSync(path, 'utf8')),
  };
}

test('what cannot be written is not there, and can be written once the disk lets it', async (t) => {
  const { document, path, read, told } = documentOf(t, 'events');
  const seen = await document.change({ key: 'events', value: 1, seen: 0 });
  const obstacle = `${path}.soon.${process.pid}.tmp`;
  mkdirSync(join(obstacle, 'in-the-way'), { recursive: true });
  await assert.rejects(document.change({ key: 'events', value: 2, seen }), { code: 'EIO' });
  assert.deepEqual([document.entries.get('events')?.value, read().events, told], [1, 1, ['events']]);
  rmSync(obstacle, { recursive: true });
  await document.change({ key: 'events', value: 3, seen });
  assert.deepEqual([document.entries.get('events')?.value, read().events], [3, 3]);
});

test('nothing is held up while several records are written', async (t) => {
  const { document } = documentOf(t, 'events');
  let turns = 0;
  let isDone = false;
  const change = document.change({ key: 'events', value: 1, seen: 0 }).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise(setImmediate);
    turns++;
  }
  await change;
  assert.ok(turns > 2, `${turns}`);
});

test('changes of one turn are one write of their file, and who was too late is refused', async (t) => {
  const { document, path, told } = documentOf(t, 'certificate-order');
  const inodes = new Set<number>();
  const names = Array.from({ length: 50 }, (_, n) => `account.${n % 49}`);
  const changes = names.map(async (key) => {
    await document.change({ key, value: { name: key }, seen: 0 });
    inodes.add(statSync(path).ino);
  });
  const results = await Promise.allSettled(changes);
  assert.deepEqual(
    results.flatMap((one, n) => (one.status === 'rejected' ? [n, one.reason.code] : [])),
    [49, 'ECONFLICT'],
  );
  assert.deepEqual([inodes.size, told.length], [1, 49]);
});

test('a file that is one record is written before the turn ends, and removed with it', async (t) => {
  const { document, path, read } = documentOf(t, 'app.webapp');
  const created = document.change({ key: 'app.webapp', value: { repo: 'webapp' }, seen: 0 });
  assert.deepEqual(read(), { repo: 'webapp' });
  const removed = document.change({ key: 'app.webapp', value: null, seen: await created });
  assert.deepEqual(readdirSync(join(path, '..')), []);
  await removed;
});

test('a file is read once: what is written to it by hand is not taken up', async (t) => {
  const { document, path, read } = documentOf(t, 'token.ci');
  await document.change({ key: 'token.ci', value: { name: 'ci' }, seen: 0 });
  writeFileSync(path, '{"tokens":[]}');
  await document.change({ key: 'token.b', value: { name: 'b' }, seen: 0 });
  assert.deepEqual(read(), { tokens: [{ name: 'ci' }, { name: 'b' }] });
});

test('all is written when it is settled', async (t) => {
  const { document, read } = documentOf(t, 'events');
  void document.change({ key: 'events', value: 1, seen: 0 });
  await document.settled();
  assert.equal(read().events, 1);
  await document.settled();
});
