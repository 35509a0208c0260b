import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { GitHub } from '../../fixtures/git-hubs.ts';
import { GitHubs } from '../../fixtures/git-hubs.ts';
import { commit, eventually, git, headOf } from '../../fixtures/local-fleet.ts';

/** Two hubs, linked, and an app at the first. */
async function pair(t: TestContext) {
  const hubs = new GitHubs();
  t.after(() => hubs.end());
  const [h1, h2] = [await hubs.add('h1'), await hubs.add('h2')];
  const cut = await hubs.link(h1, h2);
  h1.catch();
  h2.catch();
  return { hubs, h1, h2, cut, app: h1.host.app('webapp') };
}

const refsAt = async (hub: GitHub, repo = 'webapp') => {
  const { text } = await hub.host.run(hub.host.dir, 'ls-remote', '--symref', hub.host.url(repo));
  return text;
};
const push = (hub: GitHub, app: string, ...refs: string[]) =>
  hub.host.run(app, 'push', hub.host.url('webapp'), ...refs);

test('a push is acknowledged when another hub has its commit and its branch', async (t) => {
  const { h1, h2, app } = await pair(t);
  const head = headOf(app);
  const pushed = await push(h1, app, 'main');
  assert.equal(pushed.code, 0, pushed.text);
  assert.doesNotMatch(pushed.text, /alone/);
  assert.ok(await h2.host.store.has('webapp', head));
  assert.equal(await h2.host.store.ref('webapp', 'refs/heads/main'), head);
  assert.equal(await refsAt(h2), await refsAt(h1));
  assert.deepEqual([...h1.lines, ...h2.lines], []);
});

test('a commit that is deployed is at another hub before the push of it is acknowledged', async (t) => {
  const { h1, h2, app } = await pair(t);
  const head = headOf(app);
  const pushed = await push(h1, app, `main:refs/fleet/${head}`);
  assert.equal(pushed.code, 0, pushed.text);
  assert.ok(await h2.host.store.has('webapp', head));
  await h1.host.git.hold('webapp', head);
  await eventually(async () => (await refsAt(h2)) === (await refsAt(h1)), 'a clone gets the same');
  assert.match(await refsAt(h2), new RegExp(`${head}\tHEAD`));
});

test('a commit without its history is kept by other hubs as such', async (t) => {
  const { h1, h2, app } = await pair(t);
  commit(app, { 'a.txt': 'two\n' });
  git(h1.host.dir, 'clone', '-q', '--depth=1', `file://${app}`, 'shallow');
  const shallow = join(h1.host.dir, 'shallow');
  const head = headOf(shallow);
  const pushed = await push(h1, shallow, `HEAD:refs/fleet/${head}`);
  assert.equal(pushed.code, 0, pushed.text);
  assert.ok(await h2.host.store.has('webapp', head));
  assert.equal(await h2.host.store.holderOf('webapp', head), 'webapp.git/shallow');
});

test('many branches and tags at once, moved and removed, are the same at all hubs', async (t) => {
  const { h1, h2, app } = await pair(t);
  git(app, 'branch', 'side');
  git(app, 'tag', '-a', 'v1', '-m', 'one');
  assert.equal((await push(h1, app, 'main', 'side', 'v1', 'main:folder')).code, 0);
  assert.equal(await refsAt(h2), await refsAt(h1));
  assert.match(await refsAt(h2), /refs\/tags\/v1\^\{\}/);
  const next = commit(app, { 'a.txt': 'two\n' });
  assert.equal((await push(h2, app, 'main', ':side', ':folder', 'main:folder/a')).code, 0);
  assert.equal(await refsAt(h1), await refsAt(h2));
  assert.match(await refsAt(h1), new RegExp(`${next}\trefs/heads/folder/a`));
  assert.doesNotMatch(await refsAt(h1), /side/);
  const cloned = await h1.host.run(h1.host.dir, 'clone', '-q', h1.host.url('webapp'), 'clone');
  assert.deepEqual([cloned.code, cloned.text], [0, '']);
});

test('without another hub, a push is acknowledged at once, and one that comes fetches it', async (t) => {
  const hubs = new GitHubs();
  t.after(() => hubs.end());
  const h1 = await hubs.add('h1');
  h1.catch();
  const app = h1.host.app('webapp');
  const head = headOf(app);
  const pushed = await push(h1, app, 'main');
  assert.equal(pushed.code, 0, pushed.text);
  assert.doesNotMatch(pushed.text, /alone/);
  const h2 = await hubs.add('h2');
  await hubs.link(h1, h2);
  h2.catch();
  await eventually(() => h2.host.store.has('webapp', head), 'it has what was pushed before');
  await eventually(async () => (await refsAt(h2)) === (await refsAt(h1)), 'with its branch');
});

test('if no other hub can fetch it, whoever pushes is told, and the push stands', async (t) => {
  const { h1, h2, app } = await pair(t);
  Object.assign(h2.others.all()[0] ?? {}, { git: 'http://127.0.0.1:9' });
  const head = headOf(app);
  const pushed = await push(h1, app, 'main');
  assert.equal(pushed.code, 0, pushed.text);
  assert.equal(pushed.text.match(/remote: held by h1 alone/g)?.length, 1, pushed.text);
  assert.equal(await h1.host.store.ref('webapp', 'refs/heads/main'), head);
  const own = await push(h1, app, 'main:other', 'main:more');
  assert.match(own.text, /remote: held by h1 alone/);
});

test('two pushes of one branch at two hubs: the second is refused, as at one hub', async (t) => {
  const { h1, h2, app } = await pair(t);
  assert.equal((await push(h1, app, 'main')).code, 0);
  commit(app, { 'a.txt': 'one more\n' });
  git(app, 'branch', 'mine');
  git(app, 'reset', '-q', '--hard', 'HEAD~1');
  commit(app, { 'a.txt': 'another\n' });
  const results = await Promise.all([push(h1, app, 'mine:main'), push(h2, app, 'main')]);
  assert.equal(results.filter(({ code }) => code === 0).length, 1, results.map(({ text }) => text).join());
  assert.match(results.map(({ text }) => text).join(), /somebody else has pushed meanwhile|rejected/);
  assert.equal(await refsAt(h1), await refsAt(h2));
});

test('a branch is not moved while the hubs cannot agree on it', async (t) => {
  const { hubs, h1, app } = await pair(t);
  assert.equal((await push(h1, app, 'main')).code, 0);
  const before = await refsAt(h1);
  commit(app, { 'a.txt': 'two\n' });
  hubs.memory.isAway = true;
  for (const refs of [['main'], ['main', 'main:side']]) {
    const pushed = await push(h1, app, ...refs);
    assert.equal(pushed.code, 1, pushed.text);
    assert.match(pushed.text, /the hubs cannot move it now, push again later: the engine does not answer/);
    assert.equal(await refsAt(h1), before);
  }
  hubs.memory.isAway = false;
  assert.equal((await push(h1, app, 'main', 'main:side')).code, 0);
});

test('a hub fetches a commit that it is asked for from one that has it, once for all who ask', async (t) => {
  const { h1, h2, app, cut, hubs } = await pair(t);
  await cut();
  const head = headOf(app);
  assert.equal((await push(h1, app, `main:refs/fleet/${head}`)).code, 0);
  assert.equal(await h2.host.git.has('webapp', head), false);
  await h2.commits.shared.bring('webapp', [head]);
  assert.equal(await h2.host.git.has('webapp', head), false);
  await hubs.link(h1, h2);
  await Promise.all([1, 2, 3].map(() => h2.commits.shared.bring('webapp', [head])));
  assert.ok(await h2.host.git.has('webapp', head));
  const next = commit(app, { 'a.txt': 'two\n' });
  await h1.host.run(app, 'push', '-q', h1.host.path('webapp'), `main:refs/fleet/${next}`);
  const fetched = await h2.host.run(app, 'fetch', h2.host.url('webapp'), next);
  assert.equal(fetched.code, 0, fetched.text);
});

test('a repository that is removed at one hub is removed at all, also at one that was away', async (t) => {
  const { h1, h2, app, cut, hubs } = await pair(t);
  assert.equal((await push(h1, app, 'main')).code, 0);
  await h1.host.git.removals.remove('webapp');
  assert.equal(h2.host.store.exists('webapp'), false);
  assert.equal((await push(h2, app, 'main')).code, 0);
  assert.equal(await refsAt(h1), await refsAt(h2));
  await h2.commits.shared.settle('webapp');
  await cut();
  hubs.memory.deafen();
  await h1.host.git.removals.remove('webapp');
  assert.ok(h2.host.store.exists('webapp'));
  hubs.memory.tellAll();
  await eventually(() => !h2.host.store.exists('webapp'), 'it follows');
});

test('a commit that is forgotten at one hub is forgotten at all, and stays so until it is pushed again', async (t) => {
  const { h1, h2, app } = await pair(t);
  const first = headOf(app);
  const second = commit(app, { 'a.txt': 'two\n' });
  for (const one of [first, second]) {
    assert.equal((await push(h1, app, `${one}:refs/fleet/${one}`)).code, 0);
    await h1.host.git.hold('webapp', one);
  }
  assert.deepEqual(await h1.host.git.removals.forget('webapp', second, first), []);
  await eventually(async () => !(await h2.host.store.has('webapp', second)), 'h2 forgets it');
  assert.equal(await h1.host.git.has('webapp', second), false);
  await eventually(async () => (await refsAt(h2)) === (await refsAt(h1)), 'clones get what was before');
  assert.equal((await push(h2, app, `${second}:refs/fleet/${second}`)).code, 0);
  assert.ok(await h1.host.store.has('webapp', second));
});

test('a hub that was alone takes its branches along', async (t) => {
  const { h1, h2, app, hubs } = await pair(t);
  assert.equal((await push(h1, app, 'main')).code, 0);
  const alone = await hubs.add('h3');
  const own = alone.host.app('webapp2');
  git(alone.host.dir, 'clone', '-q', '--bare', own, alone.host.path('webapp'));
  git(alone.host.path('webapp'), 'branch', 'extra');
  git(alone.host.path('webapp'), 'config', 'uploadpack.hideRefs', 'refs/fleet');
  await hubs.link(h1, alone);
  await hubs.link(h2, alone);
  alone.catch();
  await eventually(async () => /extra/.test(await refsAt(h2)), 'it brings the branch that only it has');
  await eventually(
    async () => (await refsAt(alone)) === (await refsAt(h1)),
    'and takes the other from the hubs',
  );
  assert.match(await refsAt(alone), new RegExp(`${headOf(app)}\trefs/heads/main`));
});

test('a hub without its repositories fetches them, with what was deployed', async (t) => {
  const { h1, h2, app, hubs } = await pair(t);
  const head = headOf(app);
  assert.equal((await push(h1, app, 'main')).code, 0);
  const next = commit(app, { 'a.txt': 'two\n' });
  assert.equal((await push(h1, app, `main:refs/fleet/${next}`)).code, 0);
  rmSync(h2.host.path('webapp'), { recursive: true });
  const again = await hubs.add('h2', h2.host.repos);
  again.wanted = [{ repo: 'webapp', commit: next }];
  await hubs.link(h1, again);
  again.catch();
  await eventually(() => again.host.store.has('webapp', next), 'what was deployed');
  await eventually(async () => (await refsAt(again)) === (await refsAt(h1)), 'and the branches');
  assert.ok(await again.host.store.has('webapp', head));
});
