import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deploys } from '../../src/drone/deploys.ts';

const C = 'c'.repeat(40);

for (const [force, want] of [
  [false, 'whole'],
  [true, 'new'],
] as const) {
  test(`a deploy${force ? ' --force' : ''} wants a ${want} checkout, and is told if one was made`, async () => {
    const brought: unknown[] = [];
    let isMade = true;
    const deploys = new Deploys(
      {
        bring: async (...wanted) => {
          brought.push(wanted);
          return isMade;
        },
        room: { learn: () => assert.fail('the hub has told no size') },
      },
      () => {},
    );
    const told: unknown[] = [];
    deploys.on('deployed', (one) => told.push(one));
    await deploys.order({ repo: 'webapp', commit: C, force });
    isMade = false;
    await deploys.order({ repo: 'webapp', commit: C, force });
    deploys.close();
    assert.deepEqual(brought, Array(2).fill([want, 'webapp', C]));
    assert.deepEqual(told, [{ repo: 'webapp', commit: C }]);
  });
}

test('the size of a commit that the hub has counted is passed on', async () => {
  const learnt: unknown[] = [];
  const room = { learn: (...size: unknown[]) => void learnt.push(size) };
  const releases = { bring: async () => true, room };
  const deploys = new Deploys(releases, () => {});
  const size = { files: 3, bytes: 12_288 };
  await deploys.order({ repo: 'webapp', commit: C, force: false, size });
  deploys.close();
  assert.deepEqual(learnt, [[C, size]]);
});
