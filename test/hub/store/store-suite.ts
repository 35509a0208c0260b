import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { groupKey } from '../../../src/hub/store/groups.ts';
import type { Entry, Json, Store } from '../../../src/hub/store/store.ts';

/** Opens a store; again and again on the same records, if the one before was closed. */
export type Open = () => Promise<Store>;

/** What may be stored under a kind, as its owner does. */
const SAMPLES: Record<string, (name: string, n: number) => Json> = {
  app: (name, n) => ({ version: 1, repo: name, last: n, releases: [] }),
  deployed: (repo, n) => [1, 2].map((time) => ({ repo, commit: String(n).padStart(40, 'a'), time })),
  token: (name, n) => ({ name, hash: String(n), can: ['read'] }),
  'drone-key': (name, n) => ({ name, key: String(n), at: 'hub', invitation: 'x' }),
  account: (_, n) => `sealed ${n}`,
  certificate: (_, n) => ({ kept: null, notBefore: n }),
};
const KINDS = Object.keys(SAMPLES);
const SINGLES: Record<string, (n: number) => Json> = {
  [groupKey('drones', 'abc')]: (n) => ({ abc: { name: 'web1', seen: n, connected: false } }),
  events: (n) => n + 1,
  secret: (n) => ({ current: String(n), old: [] }),
  'certificate-order': (n) => ({ key: 'k', host: 'example.com', until: n }),
};

/** A key with a value for each number. */
interface Sample {
  key: string;
  value(n: number): Json;
}

function sampleOf(kind: string, name: string): Sample {
  return { key: `${kind}.${name}`, value: (n) => SAMPLES[kind]?.(name, n) as Json };
}

const samples: Sample[] = [
  ...KINDS.flatMap((kind) => ['webapp', 'api.example'].map((name) => sampleOf(kind, name))),
  sampleOf('app', 'webapp@pr-12'),
  sampleOf('account', 'https://acme.example/directory?x=1'),
  sampleOf('certificate', '*.exämple.com'),
  sampleOf('token', 'a b/c'),
  ...Object.entries(SINGLES).map(([key, value]) => ({ key, value })),
];

const conflict = { code: 'ECONFLICT' };
const byKey = (entries: readonly Entry[]) =>
  Object.fromEntries(entries.map(({ key, value }) => [key, value]));

/** What each form of the store has to do. `make` prepares one that is empty. */
export function storeSuite(form: string, make: (t: TestContext) => Promise<Open>): void {
  const withStore = (what: string, act: (store: Store, open: Open) => Promise<unknown>) =>
    test(`${form}: ${what}`, async (t) => {
      const open = await make(t);
      const store = await open();
      try {
        await act(store, open);
      } finally {
        await store.close();
      }
    });

  withStore('what was created is there, with the revision that it was given', async (store) => {
    for (const { key, value } of samples) {
      assert.equal(await store.get(key), null);
      const revision = await store.create(key, value(1));
      assert.ok(revision > 0);
      assert.deepEqual(await store.get(key), { key, value: value(1), revision });
      assert.deepEqual(await store.list(key), [{ key, value: value(1), revision }]);
      assert.ok(store.where(key).length > 0);
    }
  });

  withStore('a key is created only once, and replaced or removed only by who has seen it', async (store) => {
    for (const { key, value } of samples) {
      await assert.rejects(store.update(key, value(0), 1_000_000), conflict);
      await assert.rejects(store.update(key, null, 1_000_000), conflict);
      const first = await store.create(key, value(1));
      await assert.rejects(store.create(key, value(2)), conflict);
      const second = await store.update(key, value(2), first);
      assert.ok(second > first);
      await assert.rejects(store.update(key, value(3), first), conflict);
      await assert.rejects(store.update(key, null, first), conflict);
      assert.deepEqual(await store.get(key), { key, value: value(2), revision: second });
    }
  });

  withStore('what is removed is gone, and has a higher revision when it is there again', async (store) => {
    for (const { key, value } of samples) {
      const first = await store.create(key, value(1));
      const removal = await store.update(key, null, first);
      assert.ok(removal > first);
      assert.equal(await store.get(key), null);
      assert.deepEqual(await store.list(key), []);
      await assert.rejects(store.update(key, value(2), first), conflict);
      await assert.rejects(store.update(key, value(2), removal), conflict);
      assert.ok((await store.create(key, value(3))) > removal);
    }
  });

  withStore('of changes that are made side by side on what all have seen, one is made', async (store) => {
    const changes = fc.array(fc.record({ n: fc.nat(99), removes: fc.boolean() }), {
      minLength: 2,
      maxLength: 6,
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...KINDS), changes, async (kind, wanted) => {
        const { key, value } = sampleOf(kind, `side-by-side-${round++}`);
        const created = await Promise.allSettled(wanted.map(({ n }) => store.create(key, value(n))));
        const [first, ...others] = fulfilled(created);
        assert.deepEqual([first !== undefined, others], [true, []]);
        const before = await store.get(key);
        assert.equal(before?.revision, first?.value);
        assert.deepEqual(before?.value, value(wanted[first?.n ?? 0]?.n ?? 0));
        const updated = await Promise.allSettled(
          wanted.map(({ n, removes }) => store.update(key, removes ? null : value(n), before?.revision ?? 0)),
        );
        const [winner, ...rest] = fulfilled(updated);
        assert.deepEqual([winner !== undefined, rest], [true, []]);
        const { n = 0, removes = false } = wanted[winner?.n ?? 0] ?? {};
        const after = removes ? null : { key, value: value(n), revision: winner?.value };
        assert.deepEqual(await store.get(key), after);
      }),
      { numRuns: 30 },
    );
  });

  withStore('many writers that look again after a conflict lose nothing', async (store) => {
    const { key, value } = sampleOf('certificate', 'counted.example');
    await store.create(key, value(0));
    const add = async (): Promise<void> => {
      const entry = await store.get(key);
      const { notBefore } = (entry?.value ?? {}) as { notBefore: number };
      await store.update(key, value(notBefore + 1), entry?.revision ?? 0).catch((error) => {
        if (error.code !== 'ECONFLICT') throw error;
        return add();
      });
    };
    await Promise.all(Array.from({ length: 8 }, add));
    assert.deepEqual((await store.get(key))?.value, value(8));
  });

  withStore('a list has all of a kind and nothing else, as soon as it is written', async (store) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.nat(3), fc.nat(9))), async (steps) => {
        for (const [kind, name, n] of steps) {
          const { key, value } = sampleOf(kind, `name-${name}`);
          const entry = await store.get(key);
          if (!entry) await store.create(key, value(n));
          else await store.update(key, n % 3 === 0 ? null : value(n), entry.revision);
        }
        for (const kind of KINDS) {
          const keys = [0, 1, 2, 3].map((name) => `${kind}.name-${name}`);
          const entries = await Promise.all(keys.map((key) => store.get(key)));
          const there = entries.flatMap((entry) => entry ?? []);
          assert.deepEqual(byKey(await store.list(`${kind}.`)), byKey(there));
        }
      }),
      { numRuns: 20 },
    );
  });

  withStore(
    'a watcher is told of what is created, changed and removed, of its prefix alone',
    async (store) => {
      const seen: string[] = [];
      const revisions: (number | null)[] = [];
      const end = store.watch('token.', (key, revision) => {
        seen.push(key);
        revisions.push(revision);
      });
      const { key, value } = sampleOf('token', 'ci');
      const one = await heard(store, key, () => store.create(key, value(1)));
      const two = await heard(store, key, () => store.update(key, value(2), one));
      await store.create('account.other', 'x');
      await heard(store, key, () => store.update(key, null, two));
      await heard(store, 'token.last', () =>
        store.create('token.last', { name: 'last', hash: 'x', can: [] }),
      );
      assert.deepEqual(new Set(seen), new Set([key, 'token.last']));
      for (const revision of [one, two]) assert.ok(revisions.includes(revision));
      end();
      const told = seen.length;
      await heard(store, 'token.more', () =>
        store.create('token.more', { name: 'more', hash: 'x', can: [] }),
      );
      assert.equal(seen.length, told);
    },
  );

  withStore('all is there after it was closed and opened again', async (store, open) => {
    for (const { key, value } of samples) await store.create(key, value(1));
    const gone = sampleOf('token', 'gone');
    await store.update(gone.key, null, await store.create(gone.key, gone.value(1)));
    await store.close();
    const again = await open();
    try {
      for (const { key, value } of samples) {
        const entry = await again.get(key);
        assert.deepEqual(entry?.value, value(1), key);
        await again.update(key, value(2), entry?.revision ?? 0);
      }
      assert.equal(await again.get(gone.key), null);
    } finally {
      await again.close();
    }
  });

  withStore('what was begun before it is closed is written, and nothing after it', async (store, open) => {
    const begun = samples.map(({ key, value }) => store.create(key, value(1)));
    await Promise.all([store.close(), ...begun]);
    await assert.rejects(store.create('token.late', { name: 'late', hash: 'x', can: [] }), {
      code: 'ECLOSED',
    });
    const again = await open();
    try {
      for (const { key, value } of samples) assert.deepEqual((await again.get(key))?.value, value(1), key);
      assert.equal(await again.get('token.late'), null);
    } finally {
      await again.close();
    }
  });
}

function fulfilled<T>(results: readonly PromiseSettledResult<T>[]): { n: number; value: T }[] {
  return results.flatMap((one, n) => {
    if (one.status === 'fulfilled') return [{ n, value: one.value }];
    assert.equal(one.reason.code, 'ECONFLICT', String(one.reason));
    return [];
  });
}

/** Performs a change, and resolves when a watcher of the key has been told. */
async function heard<T>(store: Store, key: string, change: () => Promise<T>): Promise<T> {
  let end = () => {};
  const hint = new Promise<void>((resolve) => {
    end = store.watch(key, () => resolve());
  });
  const result = await change();
  await hint;
  end();
  return result;
}
