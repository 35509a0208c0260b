import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { commitFilter, filterOf, requireSelection } from '../../src/cli/selection.ts';

const args = (words: string[], values: Record<string, string[]> = {}) =>
  new Arguments('', words, new Map(Object.entries(values)));

test('stop requires a selection', () => {
  const usage = { code: 'EUSAGE' };
  assert.throws(() => requireSelection(args([]), { name: 'stop' }), {
    ...usage,
    message: /fleet stop ID\.\.\./,
  });
  assert.throws(() => requireSelection(args([], { drone: ['*'] }), { name: 'stop' }), {
    ...usage,
    message: /--drone=\* --all/,
  });
  for (const given of [
    args(['1e99f4']),
    args([], { all: [] }),
    args([], { repo: ['x'] }),
    args([], { commit: ['x'] }),
  ])
    requireSelection(given, { name: 'stop' });
});

test('a hash prefix is a commit to filter by, without asking git', async () => {
  assert.equal(await commitFilter('1b8050f', { cwd: '/nowhere' }), '1b8050f');
  assert.equal(await commitFilter(undefined, { cwd: '/nowhere' }), undefined);
  await assert.rejects(commitFilter('HEAD', { cwd: '/' }), { code: 'ENOREPO' });
});

test('all given conditions must hold, and an option that is not given is no condition', async () => {
  assert.deepEqual(
    await filterOf(
      args(['1e99f4'], { repo: ['webapp'], commit: ['1b8050f'] }),
      { repo: undefined },
      { cwd: '/' },
    ),
    {
      ids: ['1e99f4'],
      repo: 'webapp',
      commit: '1b8050f',
      drones: undefined,
    },
  );
  assert.deepEqual(await filterOf(args([], { drone: ['a', '/b/'] }), { repo: undefined }, { cwd: '/' }), {
    ids: undefined,
    repo: undefined,
    commit: undefined,
    drones: ['a', '/b/'],
  });
});

test("a service or a stage is the current app's, unless the remote or --repo names another repository", async () => {
  const of = (values: Record<string, string[]>, repo?: string) =>
    filterOf(args([], values), { repo }, { cwd: '/' });
  const none = { ids: undefined, commit: undefined, drones: undefined };
  const stage = { ...none, repo: 'webapp', service: undefined, stage: 'pr-12' };
  assert.deepEqual(await of({ as: ['pr-12'] }, 'webapp'), stage);
  const service = { ...none, repo: 'stats', service: 'web', stage: '' };
  assert.deepEqual(await of({ service: ['web'], repo: ['stats'] }, 'webapp'), service);
  await assert.rejects(of({ service: ['web'] }), { code: 'ENOREPO' });
});
