import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLinkedAlike, isNeedy, needOf } from '../../../src/drone/releases/need.ts';
import { needOfApp } from '../../fixtures/release-world.ts';

test('an order to build again is for once, and is not kept', () => {
  const need = needOfApp({ build: ['make'] });
  assert.deepEqual(needOf({ ...need, rebuild: true }), need);
});

for (const [what, more, needy] of [
  ['nothing', {}, false],
  ['caches, which only save time for a build,', { cache: ['node_modules'] }, false],
  ['variables', { env: { A: '1' } }, false],
  ['a build', { build: ['make'] }, true],
  ['shared files', { shared: [{ path: 'up', directory: true }] }, true],
  ['a user', { user: 'app' }, true],
] as const) {
  test(`an app that needs ${what} ${needy ? 'has' : 'has not'} its checkout changed before it starts`, () => {
    assert.equal(isNeedy(needOfApp(structuredClone(more) as Parameters<typeof needOfApp>[0])), needy);
  });
}

test('a prepared checkout serves an app with the same links and user, whatever its build', () => {
  const need = needOfApp({ shared: [{ path: 'up', directory: true }], user: 'app' });
  assert.ok(isLinkedAlike(need, { ...need, build: ['make'], env: { A: '1' }, cache: ['c'] }));
  assert.ok(!isLinkedAlike(need, { ...need, user: null }));
  assert.ok(!isLinkedAlike(need, { ...need, shared: [{ path: 'up', directory: false }] }));
});
