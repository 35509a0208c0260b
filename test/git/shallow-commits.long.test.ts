import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkoutTree } from '../../src/git/checkout.ts';
import { fetchCommit } from '../../src/git/mirror.ts';
import { pushCommit } from '../../src/git/push.ts';
import { GIT_SECRET, GitHost } from '../fixtures/git-host.ts';
import { commit, git, headOf } from '../fixtures/local-fleet.ts';

let host: GitHost;
before(async () => {
  host = await new GitHost().start();
});
after(() => host.end());

const hub = () => ({ url: new URL(host.url('x')).origin, secret: GIT_SECRET });

/** An app of three commits that others may clone as they like. */
function appOfThree(name: string): string {
  const app = host.app(name, { 'a.txt': '1\n' });
  for (const text of ['2\n', '3\n']) commit(app, { 'a.txt': text });
  git(app, 'config', 'uploadpack.allowFilter', 'true');
  return app;
}

/** A clone as CI makes it. */
function cloneOf(app: string, name: string, ...options: string[]): string {
  const clone = join(host.dir, name);
  git(host.dir, 'clone', '-q', ...options, `file://${app}`, clone);
  return clone;
}

/** Has a drone of its own check the commit out, and returns the directory. */
async function deployed(repo: string, hash: string): Promise<string> {
  const drone = mkdtempSync(join(host.dir, 'drone-'));
  const [mirror, checkout] = [join(drone, 'repos', `${repo}.git`), join(drone, 'checkout')];
  await fetchCommit(mirror, hub(), repo, hash);
  await checkoutTree(mirror, hash, checkout);
  return checkout;
}

const countOf = (dir: string, ...args: string[]) => Number(git(dir, 'rev-list', '--count', ...args, 'HEAD'));

test('a clone of depth 1 can be deployed, and later pushes and clones have all of its history', async () => {
  const app = appOfThree('cut');
  const last = headOf(app);
  const shallow = cloneOf(app, 'cut-ci', '--depth=1');
  await pushCommit(shallow, hub(), 'cut', last);
  assert.ok(await host.store.has('cut', last));
  const checkout = await deployed('cut', last);
  assert.equal(readFileSync(join(checkout, 'a.txt'), 'utf8'), '3\n');
  assert.equal(countOf(checkout), 1, 'git log works there');
  await host.store.hold('cut', last);
  const early = await host.run(host.dir, 'clone', '-q', host.url('cut'), 'cut-early');
  assert.deepEqual([early.code, headOf(join(host.dir, 'cut-early'))], [0, last], early.text);

  assert.equal((await host.run(app, 'push', host.url('cut'), 'main')).code, 0);
  assert.equal((await host.run(host.dir, 'clone', '-q', host.url('cut'), 'cut-clone')).code, 0);
  assert.equal(countOf(join(host.dir, 'cut-clone')), 3);
  const next = commit(app, { 'a.txt': '4\n' });
  await pushCommit(app, hub(), 'cut', next);
  assert.equal(countOf(await deployed('cut', next)), 4);
  assert.equal(git(host.path('cut'), 'fsck', '--connectivity-only'), '');
  await host.settled();
});

test('a shallow commit whose parents the hub has is joined to them', async () => {
  const app = appOfThree('joined');
  await pushCommit(app, hub(), 'joined', headOf(app));
  const next = commit(app, { 'a.txt': '4\n' });
  await pushCommit(cloneOf(app, 'joined-ci', '--depth=1'), hub(), 'joined', next);
  assert.equal(countOf(host.path('joined'), '--ignore-missing', `refs/fleet/${next}`), 4);
  assert.equal(countOf(await deployed('joined', next)), 4);
});

test('many clones of depth 1 are deployed one after the other, and each is sent once', async () => {
  const app = appOfThree('often');
  for (const [n, text] of ['4\n', '5\n', '6\n'].entries()) {
    const hash = commit(app, { 'a.txt': text });
    const shallow = cloneOf(app, `often-${n}`, '--depth=1');
    await pushCommit(shallow, hub(), 'often', hash);
    await pushCommit(shallow, hub(), 'often', hash);
    assert.equal(readFileSync(join(await deployed('often', hash), 'a.txt'), 'utf8'), text);
  }
});

test('a clone without blobs or trees is deployed with objects from its origin', async () => {
  const app = appOfThree('partial');
  for (const filter of ['blob:none', 'tree:0']) {
    const hash = commit(app, { 'a.txt': `${filter}\n` });
    const partial = cloneOf(app, `partial-${filter.slice(0, 4)}`, '--no-checkout', `--filter=${filter}`);
    await pushCommit(partial, hub(), 'partial', hash);
    assert.equal(readFileSync(join(await deployed('partial', hash), 'a.txt'), 'utf8'), `${filter}\n`);
  }
  const stranded = cloneOf(app, 'stranded', '--no-checkout', '--filter=blob:none');
  git(stranded, 'remote', 'set-url', 'origin', `file://${host.dir}/away`);
  await assert.rejects(pushCommit(stranded, hub(), 'stranded', headOf(app)), {
    code: 'EGIT',
    message: /^files of \w+ are missing in this partial clone, and its origin does not give them: .*away/,
  });
});

test('a branch of a shallow clone cannot be pushed by hand, as with any git server that keeps full histories', async () => {
  const shallow = cloneOf(appOfThree('branch'), 'branch-ci', '--depth=1');
  const said = await host.run(shallow, 'push', host.url('branch'), 'HEAD:refs/heads/main');
  assert.match(said.text, /shallow update not allowed/);
  assert.ok(!existsSync(join(host.path('branch'), 'shallow')));
  rmSync(shallow, { recursive: true });
});
