import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { KeptRecords } from '../../../src/hub/store/kept-records.ts';
import type { Entry } from '../../../src/hub/store/store.ts';
import type { RecordsChange } from '../../../src/hub/store/wishes.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

interface Counted {
  n: number;
}
const PREFIX = ['certificate.'];
const check = ({ value }: Entry) => value as Counted;
const open = (store: FileStore) => KeptRecords.open<Counted>(store, PREFIX, check);
const storeIn = (t: TestContext) => new FileStore(temporaryFolder(t), assert.fail);
const add =
  (key: string) =>
  (now: ReadonlyMap<string, Counted>): RecordsChange<Counted> => ({
    next: [[key, { n: (now.get(key)?.n ?? 0) + 1 }]],
  });
const remove = (): RecordsChange<Counted> => ({ next: [[A, null]] });
const A = 'certificate.a';
const B = 'certificate.b';

test('a record is there once it is stored, and is read again from there', async (t) => {
  const store = storeIn(t);
  const kept = await open(store);
  const added = kept.change(add(A));
  assert.equal(kept.all.size, 0);
  await added;
  assert.deepEqual(kept.all.get(A), { n: 1 });
  await kept.change(remove);
  await kept.change(add(B));
  assert.deepEqual([...(await open(store)).all], [[B, { n: 1 }]]);
  assert.equal(await kept.change(() => null), null);
});

test('what is wanted at the same moment is decided in its order, and stored in one write', async (t) => {
  const dir = temporaryFolder(t);
  const kept = await open(new FileStore(dir, assert.fail));
  const inodes = new Set<number>();
  const refused = new FleetError('EUSAGE', 'no');
  const seen: (number | undefined)[] = [];
  const all = [
    ...Array.from({ length: 5 }, () => kept.change(add(A))),
    kept.change(() => {
      throw refused;
    }),
    kept.change((now) => {
      seen.push(now.get(A)?.n);
      return add(A)(now);
    }),
  ].map((one) =>
    one.then(() => {
      inodes.add(statSync(join(dir, 'certificates.json')).ino);
    }),
  );
  const results = await Promise.allSettled(all);
  assert.deepEqual(
    results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])),
    [refused],
  );
  assert.deepEqual([kept.all.get(A), seen, inodes.size], [{ n: 6 }, [5], 1]);
});

test('hubs that share a store lose nothing of what each other does', async (t) => {
  const steps = fc.array(fc.tuple(fc.nat(2), fc.constantFrom(A, B)), { maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(steps, async (wanted) => {
      const store = storeIn(t);
      const hubs = await Promise.all([0, 1, 2].map(() => open(store)));
      await Promise.all(wanted.map(([hub, key]) => hubs[hub]?.change(add(key))));
      const { all } = await open(store);
      for (const key of [A, B])
        assert.equal(all.get(key)?.n ?? 0, wanted.filter(([, one]) => one === key).length);
    }),
    { numRuns: 20 },
  );
});

test('a hub is told of what another one does, and of its own', async (t) => {
  const store = storeIn(t);
  const [one, other] = await Promise.all([open(store), open(store)]);
  let told = () => {};
  const next = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  const elsewhere: string[][] = [];
  one.follow((keys) => {
    elsewhere.push([...keys]);
    told();
  });
  for (const change of [add(A), add(A), remove]) {
    const heard = next();
    await other.change(change);
    await heard;
    assert.deepEqual([...one.all], [...other.all]);
  }
  const heard = next();
  await one.change(add(B));
  await heard;
  assert.deepEqual(elsewhere, [[A], [A], [A], []]);
});

test('what another hub stores while the records are listed is not missed', async (t) => {
  const store = storeIn(t);
  const other = await open(store);
  const list = store.list.bind(store);
  store.list = async (prefix) => {
    const before = await list(prefix);
    const hinted = new Promise<void>((resolve) => store.watch(prefix, () => resolve()));
    await other.change(add(A));
    await hinted;
    return before;
  };
  const one = await open(store);
  await one.settled();
  assert.deepEqual([...one.all], [[A, { n: 1 }]]);
});

test('what cannot be read when the store tells of it is read again', async (t) => {
  const store = storeIn(t);
  const one = await open(store);
  const get = store.get.bind(store);
  const answers = [
    () => Promise.reject(new FleetError('ECLUSTER', 'the cluster does not answer')),
    () => Promise.reject(new FleetError('EIO', 'the disk is away')),
  ];
  store.get = (key) => (answers.shift() ?? (() => get(key)))();
  const heard = new Promise<void>((resolve) => one.follow(() => resolve()));
  await store.create(A, { n: 1 });
  await heard;
  assert.deepEqual([...one.all, answers.length], [[A, { n: 1 }], 0]);
});

test('what a hub has stored itself is not read again', async (t) => {
  const store = storeIn(t);
  const kept = await open(store);
  store.get = () => assert.fail('it was read');
  const hinted = new Promise<void>((resolve) => store.watch(A, () => resolve()));
  await kept.change(add(A));
  await hinted;
  await kept.settled();
  assert.deepEqual([...kept.all], [[A, { n: 1 }]]);
});

test('what cannot be stored is not there', async (t) => {
  const store = storeIn(t);
  const kept = await open(store);
  await kept.change(add(A));
  store.update = () => Promise.reject(new FleetError('EIO', 'the disk is full'));
  await assert.rejects(kept.change(add(A)), { code: 'EIO' });
  assert.deepEqual(kept.all.get(A), { n: 1 });
  store.update = () => Promise.reject(new FleetError('ECONFLICT', 'x'));
  await assert.rejects(kept.change(add(A)), { code: 'ECONFLICT', message: /other hubs/ });
  await kept.settled();
});

test('what is not as it should be is refused, and left as it is', async (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'certificates.json'), '{"hosts":{"a":7}}');
  const strict = ({ value }: Entry) => {
    if (typeof value !== 'object') throw new FleetError('ECONFIG', 'x');
    return value as Counted;
  };
  await assert.rejects(KeptRecords.open(new FileStore(dir, assert.fail), PREFIX, strict), {
    code: 'ECONFIG',
  });
  assert.equal(readFileSync(join(dir, 'certificates.json'), 'utf8'), '{"hosts":{"a":7}}');
});
