import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Client } from '../../src/index.ts';
import { basicAuth } from '../../src/protocol/authorization.ts';
import { commit, git, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { FLUSH, packet } from '../fixtures/push.ts';

// What was committed by mistake, such as a secret, can be taken back.

const fleet = new LocalFleet();
let owner: Client;
before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
});
after(() => fleet.end());

/** Asks the hub for a single object by its hash, as anybody may. Returns true if it has it. */
async function canFetch(hash: string, repo = 'webapp'): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${fleet.hub.gport}/${repo}.git/git-upload-pack`, {
    method: 'POST',
    headers: { authorization: basicAuth(SECRET) },
    body: `${packet(`want ${hash} side-band-64k\n`)}${FLUSH}${packet('done\n')}`,
  });
  return Buffer.from(await answer.arrayBuffer()).includes('PACK');
}

/** Returns true if a repository on disk has an object, reachable or not. */
function has(repository: string, hash: string): boolean {
  try {
    execFileSync('git', ['--git-dir', repository, 'cat-file', '-e', hash], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a commit with a secret that was amended away is gone from hub and drones, and so is the secret', async () => {
  await fleet.startDrone('web1');
  const app = fleet.app('webapp', { 'a.txt': 'a' });
  await owner.deploy({ dir: app });
  const bad = commit(app, { 'secret.txt': 'hunter2', 'b.txt': 'b' });
  const blob = git(app, 'rev-parse', 'HEAD:secret.txt');
  await owner.deploy({ dir: app });
  git(app, 'rm', '-q', 'secret.txt');
  git(app, 'commit', '-q', '--amend', '-m', 'amended');
  const good = git(app, 'rev-parse', 'HEAD');
  await owner.deploy({ dir: app });
  const shared = git(app, 'rev-parse', 'HEAD:b.txt');
  const [hub, mirror] = [join(fleet.dir, 'hub/repos/webapp.git'), join(fleet.dir, 'web1/repos/webapp.git')];
  assert.deepEqual([await canFetch(blob), has(mirror, blob)], [true, true]);

  assert.deepEqual(await owner.commitForget('webapp', bad), { refs: [], failed: {}, absent: {} });
  for (const hash of [bad, blob]) {
    assert.equal(await canFetch(hash), false, 'nobody can fetch it');
    assert.deepEqual([has(hub, hash), has(mirror, hash)], [false, false]);
  }
  assert.equal(existsSync(join(fleet.dir, `web1/deploy/webapp.${bad}`)), false);
  assert.ok(existsSync(join(fleet.dir, `web1/deploy/webapp.${good}/b.txt`)));
  assert.deepEqual([await canFetch(good), await canFetch(shared), has(mirror, shared)], [true, true, true]);
  await assert.rejects(owner.commitForget('webapp', bad), { code: 'ENOCOMMIT' });
  await owner.deploy({ dir: app, force: true });
});

test('the commit that was deployed last can be forgotten, and the one before takes its place', async () => {
  const app = fleet.app('last', { 'a.txt': 'a' });
  const first = git(app, 'rev-parse', 'HEAD');
  await owner.deploy({ dir: app });
  const bad = commit(app, { 'secret.txt': 'hunter3' });
  await owner.deploy({ dir: app });
  await owner.commitForget('last', bad);
  assert.equal(await canFetch(bad, 'last'), false);
  const [last] = (await owner.repoList()).filter(({ repo }) => repo === 'last');
  assert.equal(last?.commit, first);
});

test('a commit that others contain, or that something runs from, is not gone, and the answer says so', async () => {
  const app = fleet.app('kept', { 'secret.txt': 'hunter4' });
  const bad = git(app, 'rev-parse', 'HEAD');
  await owner.deploy({ dir: app });
  await owner.spawn({ command: ['sleep', '60'], dir: app, drones: ['web1'] });
  await assert.rejects(owner.commitForget('kept', bad), { code: 'EBUSY', message: /fleet stop/ });
  await owner.stop({ repo: 'kept' });
  const next = commit(app, { 'b.txt': 'b' });
  await owner.deploy({ dir: app });
  const { refs } = await owner.commitForget('kept', bad);
  assert.ok(refs.includes(`refs/fleet/${next}`), String(refs));
  assert.equal(await canFetch(bad, 'kept'), true);
});

test('what was pushed without its history is forgotten, too, and shares nothing with what is left', async () => {
  const app = fleet.app('shallow', { 'a.txt': 'a' });
  await owner.deploy({ dir: app });
  const bad = commit(app, { 'secret.txt': 'hunter5', 'b.txt': 'b' });
  const blob = git(app, 'rev-parse', 'HEAD:secret.txt');
  await owner.deploy({ dir: app });
  // As CI clones: this commit borrows b.txt from the one that is to be forgotten.
  git(app, 'rm', '-q', 'secret.txt');
  git(app, 'commit', '-q', '--amend', '-m', 'without it');
  commit(app, { 'c.txt': 'c' });
  const clone = join(fleet.dir, 'apps/clone');
  git(fleet.dir, 'clone', '-q', '--depth=1', `file://${app}`, clone);
  await owner.deploy({ dir: clone, repo: 'shallow' });
  const good = git(app, 'rev-parse', 'HEAD');
  const { refs } = await owner.commitForget('shallow', bad);
  assert.deepEqual(refs, []);
  assert.deepEqual([await canFetch(blob, 'shallow'), await canFetch(good, 'shallow')], [false, true]);
  assert.equal((await owner.deploy({ dir: clone, repo: 'shallow', force: true })).drones['web1'], null);
});

test('only an administrator can do that', async () => {
  const token = await owner.tokenCreate({ name: 'ci', can: ['deploy', 'read'] });
  const ci = await fleet.connect(token);
  await assert.rejects(ci.commitForget('webapp', 'a'.repeat(40)), { code: 'EFORBIDDEN' });
});
