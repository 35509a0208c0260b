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
