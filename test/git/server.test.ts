import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { clutterOf } from '../../src/git/maintenance.ts';
import { GitHost } from '../fixtures/git-host.ts';
import { commit, eventually, git, headOf } from '../fixtures/local-fleet.ts';

let host: GitHost;
before(async () => {
  host = await new GitHost().start();
});
after(() => host.end());

test('any git client can push and clone, with the secret in the URL, whatever characters it has', async () => {
  const app = host.app('plain');
  const head = headOf(app);
  const pushed = await host.run(app, 'push', host.url('plain'), 'main');
  assert.equal(pushed.code, 0, pushed.text);
  await eventually(() => host.pushes.some(({ repo }) => repo === 'plain'), 'the push is announced');
  const push = host.pushes.find(({ repo }) => repo === 'plain');
  assert.deepEqual(push, { repo: 'plain', ref: 'refs/heads/main', commit: head });
  assert.ok(await host.store.has('plain', head), 'what was pushed by hand is held, as a deploy is');
  const cloned = await host.run(host.dir, 'clone', '-q', host.url('plain'), 'plain-clone');
  assert.equal(cloned.code, 0, cloned.text);
  assert.equal(readFileSync(join(host.dir, 'plain-clone/a.txt'), 'utf8'), 'one\n');
});

test('a tag is announced with the commit that it points to; a deleted branch and an empty push are not', async () => {
  const app = host.app('tags');
  const head = headOf(app);
  git(app, 'tag', '-a', 'v1', '-m', 'one');
  const announced = () =>
    host.pushes.filter(({ repo }) => repo === 'tags').map(({ ref, commit }) => [ref, commit]);
  assert.equal((await host.run(app, 'push', host.url('tags'), 'main', 'v1', 'main:side')).code, 0);
  await eventually(() => announced().length === 3, 'all three are announced');
  assert.deepEqual(announced().sort(), [
    ['refs/heads/main', head],
    ['refs/heads/side', head],
    ['refs/tags/v1', head],
  ]);
  assert.equal((await host.run(app, 'push', host.url('tags'), ':side', 'main')).code, 0);
  const next = commit(app, { 'a.txt': 'two\n' });
  assert.equal((await host.run(app, 'push', host.url('tags'), 'main')).code, 0);
  await eventually(() => announced().length === 4, 'the new commit is announced');
  assert.deepEqual(announced().at(-1), ['refs/heads/main', next]);
});

test('the branch that was pushed first can be removed, and a clone still finds a HEAD', async () => {
  const app = host.app('first');
  const head = headOf(app);
  const push = (...refs: string[]) => host.run(app, 'push', host.url('first'), ...refs);
  assert.equal((await push('main:feature')).code, 0);
  const removed = await push(':feature');
  assert.equal(removed.code, 0, removed.text);
  const cloned = await host.run(host.dir, 'clone', '-q', host.url('first'), 'first-clone');
  assert.deepEqual([cloned.code, cloned.text], [0, '']);
  assert.equal(headOf(join(host.dir, 'first-clone')), head);
  assert.equal((await push('main')).code, 0);
  const said = await host.run(app, 'ls-remote', '--symref', host.url('first'), 'HEAD');
  assert.match(said.text, /^ref: refs\/heads\/main\tHEAD$/m);
});

test('rewritten history is accepted', async () => {
  const app = host.app('amended');
  assert.equal((await host.run(app, 'push', host.url('amended'), 'main')).code, 0);
  git(app, 'commit', '-q', '--amend', '-m', 'amended');
  assert.equal((await host.run(app, 'push', '--force', host.url('amended'), 'main')).code, 0);
  const head = headOf(app);
  const said = await host.run(app, 'ls-remote', host.url('amended'), 'refs/heads/main');
  assert.match(said.text, new RegExp(`^${head}\t`));
});

test('every version of the git protocol works', async () => {
  const app = host.app('versions');
  const head = headOf(app);
  await host.run(app, 'push', host.url('versions'), 'main');
  for (const version of ['0', '1', '2']) {
    const listed = await host.run(
      app,
      '-c',
      `protocol.version=${version}`,
      'ls-remote',
      host.url('versions'),
    );
    assert.match(listed.text, new RegExp(`^${head}\tHEAD`), `ls-remote, version ${version}`);
    const to = `versions-${version}`;
    const cloned = await host.run(
      host.dir,
      '-c',
      `protocol.version=${version}`,
      'clone',
      '-q',
      host.url('versions'),
      to,
    );
    assert.equal(cloned.code, 0, cloned.text);
    assert.equal(headOf(join(host.dir, to)), head);
  }
});

test('a shallow clone works', async () => {
  const app = host.app('shallow');
  commit(app, { 'a.txt': 'two\n' });
  await host.run(app, 'push', host.url('shallow'), 'main');
  const cloned = await host.run(host.dir, 'clone', '-q', '--depth=1', host.url('shallow'), 'shallow-clone');
  assert.equal(cloned.code, 0, cloned.text);
  assert.equal(git(join(host.dir, 'shallow-clone'), 'rev-list', '--count', 'HEAD'), '1');
});

test('a deployed commit can be fetched by its hash, and appears in no clone', async () => {
  const app = host.app('fleet');
  const head = headOf(app);
  assert.equal((await host.run(app, 'push', host.url('fleet'), `${head}:refs/fleet/${head}`)).code, 0);
  assert.equal(await host.store.has('fleet', head), true);
  assert.equal(await host.store.has('fleet', '0'.repeat(40)), false);
  assert.equal(await host.store.has('nothing', head), false);
  await host.store.hold('fleet', head);
  const mirror = join(host.dir, 'mirror');
  git(host.dir, 'init', '-q', '--bare', mirror);
  for (const version of ['0', '2']) {
    const listed = await host.run(app, '-c', `protocol.version=${version}`, 'ls-remote', host.url('fleet'));
    assert.doesNotMatch(listed.text, /refs.fleet/);
    const spec = `${head}:refs/got/${version}`;
    const fetched = await host.run(
      mirror,
      '-c',
      `protocol.version=${version}`,
      'fetch',
      '-q',
      host.url('fleet'),
      spec,
    );
    assert.equal(fetched.code, 0, fetched.text);
  }
  assert.equal((await host.run(host.dir, 'clone', '-q', host.url('fleet'), 'fleet-clone')).code, 0);
  assert.equal(headOf(join(host.dir, 'fleet-clone')), head, 'a held commit is what a clone shows');
  const lacking = await host.run(mirror, 'fetch', '-q', host.url('fleet'), 'd'.repeat(40));
  assert.match(lacking.text, /not our ref d{40}/);
});

test("fleet's own refs point to the commit in their name and stay; other namespaces cannot be written", async () => {
  const app = host.app('rules');
  const head = headOf(app);
  await host.run(app, 'push', host.url('rules'), `main:refs/fleet/${head}`);
  const table: [string, RegExp][] = [
    [
      `main:refs/fleet/${'0'.repeat(39)}1`,
      /remote rejected.*it must be set to the commit that it is named after/,
    ],
    [`:refs/fleet/${head}`, /remote rejected.*a commit that was deployed stays/],
    ['main:refs/fleet/main', /remote rejected.*only branches and tags/],
    ['main:refs/notes/x', /remote rejected.*only branches and tags/],
    ['main:refs/heads/../../config', /invalid refspec|not a valid ref|rejected/],
  ];
  for (const [spec, says] of table) {
    const said = await host.run(app, 'push', host.url('rules'), 'main:refs/heads/main', spec);
    assert.notEqual(said.code, 0, spec);
    assert.match(said.text, says, spec);
  }
  const listed = await host.run(app, 'ls-remote', host.url('rules'));
  assert.equal(listed.text, '', 'a push is refused as a whole');
});

test('objects that could harm a checkout are refused', async () => {
  const app = host.app('bad');
  const blob = git(app, 'hash-object', '-w', 'a.txt');
  writeFileSync(
    join(host.dir, 'tree'),
    Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]),
  );
  const tree = git(app, 'hash-object', '-w', '--literally', '-t', 'tree', join(host.dir, 'tree'));
  const bad = git(app, 'commit-tree', '-m', 'bad', tree);
  const said = await host.run(app, 'push', host.url('bad'), `${bad}:refs/heads/main`);
  assert.notEqual(said.code, 0);
  assert.match(said.text, /hasDotgit|contains '\.git'/);
  assert.equal(await host.store.has('bad', bad), false);
  await host.settled();
});

test('many clients push and fetch at once', async () => {
  const seed = host.app('busy');
  await host.run(seed, 'push', host.url('busy'), 'main');
  const clients = Array.from({ length: 4 }, (_, n) => n);
  const results = await Promise.all(
    clients.map(async (n) => {
      const dir = join(host.dir, `busy-${n}`);
      const cloned = await host.run(host.dir, 'clone', '-q', host.url('busy'), dir);
      if (cloned.code !== 0) return cloned.text;
      const head = commit(dir, { [`${n}.txt`]: `${n}\n` });
      const pushed = await host.run(
        dir,
        'push',
        host.url('busy'),
        `${head}:refs/fleet/${head}`,
        `HEAD:b${n}`,
      );
      return pushed.code === 0 && (await host.store.has('busy', head)) ? '' : pushed.text;
    }),
  );
  assert.deepEqual(
    results,
    clients.map(() => ''),
  );
  await host.settled();
});

test('two clients that deploy the same commit at once both succeed', async () => {
  const app = host.app('same');
  const head = headOf(app);
  const push = () => host.run(app, 'push', host.url('same'), `${head}:refs/fleet/${head}`);
  const said = await Promise.all([push(), push(), push()]);
  assert.deepEqual(
    said.map(({ code }) => code),
    [0, 0, 0],
    said.map(({ text }) => text).join(''),
  );
  assert.equal((await push()).code, 0);
});

/** Puts so many commits into a repository, each in a pack of its own; returns them. */
function packCommits(path: string, count: number): string[] {
  const author = 'committer Test <test@example.org> 0 +0000';
  const one = (n: number) =>
    `commit refs/heads/made\nmark :${n}\n${author}\ndata 1\nxM 100644 inline n\ndata ${`${n}`.length}\n${n}\ncheckpoint\n`;
  const input = Array.from({ length: count }, (_, n) => one(n + 1)).join('');
  const args = ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--export-marks=marks'];
  execFileSync('git', args, { cwd: path, input });
  return readFileSync(join(path, 'marks'), 'utf8').match(/[0-9a-f]{40}/g) ?? [];
}

test('after many deploys a repository is packed, and every commit is still there', async () => {
  const app = host.app('many');
  assert.equal((await host.run(app, 'push', host.url('many'), 'main')).code, 0);
  const heads = packCommits(host.path('many'), 60);
  mkdirSync(join(host.path('many'), 'refs/fleet'), { recursive: true });
  for (const head of heads) writeFileSync(join(host.path('many'), 'refs/fleet', head), `${head}\n`);
  assert.ok(clutterOf(host.path('many')).packs > 50);
  const last = commit(app, { 'a.txt': 'last\n' });
  assert.equal((await host.run(app, 'push', host.url('many'), `${last}:refs/fleet/${last}`)).code, 0);
  await eventually(() => existsSync(join(host.path('many'), 'packed-refs')), 'it is tidied up');
  await host.settled();
  const clutter = clutterOf(host.path('many'));
  assert.ok(clutter.packs < 5 && clutter.looseRefs === 0, JSON.stringify(clutter));
  for (const head of [...heads, last]) assert.ok(await host.store.has('many', head), head);
  const mirror = join(host.dir, 'many-mirror');
  git(host.dir, 'init', '-q', '--bare', mirror);
  const fetched = await host.run(
    mirror,
    'fetch',
    '-q',
    host.url('many'),
    `${heads[7]}:refs/x/1`,
    `${last}:refs/x/2`,
  );
  assert.equal(fetched.code, 0, fetched.text);
});

test("a branch named like one of fleet's folders does not interfere", async () => {
  const app = host.app('clash');
  const head = headOf(app);
  assert.equal((await host.run(app, 'push', host.url('clash'), 'main:refs/heads/deployed/x')).code, 0);
  await eventually(() => host.store.has('clash', head), 'it is held');
  mkdirSync(join(host.dir, 'clash-clone'));
  assert.equal(
    (await host.run(host.dir, 'clone', '-q', '-b', 'deployed/x', host.url('clash'), 'clash-clone')).code,
    0,
  );
});
