import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { deploy, resolveRelease, resolveRepo, withCommit } from '../../src/client/deploy.ts';
import type { Link } from '../../src/client/link.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { commit, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const C = 'c'.repeat(40);
const NAMED = { repo: 'webapp', commit: C };

/** A link to a hub that answers every call with this. */
function linkTo(answer: (params: unknown) => unknown) {
  const calls: unknown[] = [];
  const call = async (method: string, params: unknown) => {
    calls.push([method, params]);
    return { result: answer(params) };
  };
  const link = Object.assign(new EventEmitter(), { call, options: { hub: '127.0.0.1:1' } });
  return { calls, emitter: link, link: link as unknown as Link };
}

test('a repository and a full commit are taken as they are, wherever that is run', async () => {
  assert.deepEqual(await resolveRelease({ ...NAMED, dir: '/nowhere' }), { root: null, ...NAMED });
});

test('a name that no repository can have is a mistake of the caller', async () => {
  await assert.rejects(resolveRelease({ repo: 'a/b', commit: C }), {
    code: 'EUSAGE',
    message: "'a/b' cannot name a repository: letters, digits, '.', '_' and '-' only",
  });
});

test('what is not said is taken from the checkout: its name, and the commit that is checked out', async (t) => {
  const dir = `${temporaryFolder(t)}/my app`;
  initRepository(dir);
  const head = commit(dir, { 'a.txt': 'one\n' });
  const { repo, commit: found } = await resolveRelease({ dir });
  assert.equal(found, head);
  assert.match(repo, /^my.app$/);
  assert.equal((await resolveRelease({ dir, repo: 'other', commit: head.slice(0, 8) })).commit, head);
  assert.equal(await resolveRepo(dir), repo);
});

test('a commit that the hub has is not pushed', async () => {
  const { calls, link } = linkTo(() => ({
    drones: { web2: null, web1: { code: 'EGIT', message: 'no disk' } },
    absent: { db: 40 },
  }));
  const result = await deploy(link, NAMED);
  assert.deepEqual(calls, [['deploy', { ...NAMED, force: false, drones: null }]]);
  assert.deepEqual(Object.keys(result.drones), ['web1', 'web2']);
  assert.ok(result.drones['web1'] instanceof FleetError);
  assert.equal(result.drones['web1'].message, 'no disk');
  assert.deepEqual([result.drones['web2'], result.pushed, result.absent], [null, false, { db: 40 }]);
});

for (const [what, answer] of [
  ['throws', () => Promise.reject(new FleetError('ENOCOMMIT', 'the hub does not have it'))],
  ['says so, as fleet 1.0 does', async () => ({ missing: true, drones: {} })],
] as const) {
  test(`a hub without the commit ${what}: then it is pushed, from the checkout`, async (t) => {
    const { link } = linkTo(() => null);
    Object.assign(link, { call: async () => ({ result: await answer() }) });
    const dir = temporaryFolder(t);
    await assert.rejects(deploy(link, { ...NAMED, dir }), { code: 'ENOREPO' });
  });
}

test('any other error of the hub is an error, and nothing is pushed', async () => {
  const { link } = linkTo(() => null);
  const why = new FleetError('EBUSY', 'under way');
  await assert.rejects(
    withCommit(link, { ...NAMED, dir: '/nowhere' }, () => Promise.reject(why)),
    why,
  );
});

test('the progress of a deploy is told while it lasts, and not after it', async () => {
  const told: unknown[] = [];
  const { emitter, link } = linkTo(() => {
    emitter.emit('progress', { call: 'deploy', done: 1, total: 2, fetching: [] });
    return { drones: {} };
  });
  await deploy(link, { ...NAMED, onProgress: (progress) => told.push(progress) });
  assert.deepEqual(told, [{ phase: 'drones', done: 1, total: 2, fetching: [] }]);
  assert.equal(emitter.listenerCount('progress'), 0);
});
