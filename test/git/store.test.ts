import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { GitStore, shallowName } from '../../src/git/store.ts';
import { git } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];

/** A store with the empty repository `app`. */
async function storeOf(t: TestContext): Promise<GitStore> {
  const store = new GitStore(join(temporaryFolder(t), 'repos'));
  await store.create('app');
  return store;
}

function write(store: GitStore, file: string, text: string): void {
  const path = join(store.path('app'), file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test('a repository is made once, whoever asks for it at the same time, and only its owner can read it', async (t) => {
  const store = new GitStore(join(temporaryFolder(t), 'repos'));
  assert.equal(store.exists('app'), false);
  await Promise.all([store.create('app'), store.create('app'), store.create('app')]);
  assert.deepEqual(readdirSync(store.dir), ['app.git']);
  assert.equal(store.exists('app'), true);
  assert.equal(statSync(store.dir).mode & 0o777, 0o700);
  assert.equal(git(store.path('app'), 'config', '--local', 'uploadpack.hideRefs'), 'refs/fleet');
  const config = readFileSync(join(store.path('app'), 'config'), 'utf8');
  await store.create('app', '[more]\n\tis = true\n');
  assert.equal(readFileSync(join(store.path('app'), 'config'), 'utf8'), config, 'and it stays as it is');
});

test('a hub keeps a thousand repositories, and no more', async (t) => {
  const store = await storeOf(t);
  for (let n = 1; n < 1_000; n++) mkdirSync(join(store.dir, `r${n}.git`));
  await assert.rejects(store.create('one-more'), { code: 'ELIMIT' });
  assert.equal(readdirSync(store.dir).length, 1_000);
});

test('a repository that cannot be made is EIO', async () => {
  await assert.rejects(new GitStore('/dev/null/repos').create('app'), { code: 'EIO' });
});

test('a ref is read as git would, from its file or from the packed ones', async (t) => {
  const store = await storeOf(t);
  write(store, 'packed-refs', `# pack-refs with: peeled\n${A} refs/heads/main\n${A} refs/tags/one\n^${B}\n`);
  write(store, 'refs/heads/main', `${B}\n`);
  write(store, 'refs/heads/broken', 'no hash\n');
  write(store, 'secret', `${A}\n`);
  const table: [string, string | null][] = [
    ['refs/heads/main', B],
    ['refs/tags/one', A],
    ['refs/heads/none', null],
    ['refs/heads/broken', null],
    ['ain', null],
    ['refs/heads/../../secret', null],
    ['refs/heads//main', null],
    ['refs/remotes/main', null],
  ];
  for (const [ref, commit] of table) assert.equal(await store.ref('app', ref), commit, ref);
  assert.equal(await store.ref('none', 'refs/heads/main'), null);
});

test('a ref that is set is read by git, and one that git has locked is left alone', async (t) => {
  const store = await storeOf(t);
  await store.setRef('app', 'refs/heads/main', A);
  assert.equal(readFileSync(join(store.path('app'), 'refs/heads/main'), 'utf8'), `${A}\n`);
  write(store, 'refs/heads/main.lock', '');
  await store.setRef('app', 'refs/heads/main', B);
  assert.equal(await store.ref('app', 'refs/heads/main'), A);
  await store.setRef('app', 'refs/heads/main/below', B);
  assert.equal(await store.ref('app', 'refs/heads/main/below'), null, 'a branch is in the way');
  store.sweep('app');
  await store.setRef('app', 'refs/heads/main', B);
  assert.equal(await store.ref('app', 'refs/heads/main'), B);
});

test('a commit is kept under its own ref, in whichever repository has it', async (t) => {
  const store = await storeOf(t);
  assert.equal(await store.has('app', A), false);
  await store.hold('app', A);
  assert.equal(await store.has('app', A), true);
  assert.equal(await store.ref('app', 'refs/heads/deployed'), A);
  assert.equal(await store.holderOf('app', A), 'app');
  await store.create(shallowName('app'));
  await store.setRef(shallowName('app'), `refs/fleet/${B}`, B);
  assert.equal(await store.holderOf('app', B), shallowName('app'));
  assert.equal(await store.has('app', B), true);
});

test('HEAD follows the first branch that is pushed, and stays once it names one', async (t) => {
  const store = await storeOf(t);
  const head = () => readFileSync(join(store.path('app'), 'HEAD'), 'utf8');
  assert.equal(await store.isEmpty('app'), true);
  await store.settleHead('app', 'refs/heads/../evil');
  assert.equal(head(), 'ref: refs/heads/deployed\n');
  await store.setRef('app', 'refs/heads/main', A);
  await store.settleHead('app', 'refs/heads/main');
  assert.equal(head(), 'ref: refs/heads/main\n');
  assert.equal(await store.isEmpty('app'), false);
  await store.settleHead('app', 'refs/heads/other');
  assert.equal(head(), 'ref: refs/heads/main\n');
});

test('what a killed hub was making is removed when the next one starts', async (t) => {
  const store = await storeOf(t);
  mkdirSync(join(store.dir, 'other.git.7.1.new'));
  write(store, 'packed-refs.lock', '');
  store.sweepAll();
  assert.deepEqual(readdirSync(store.dir), ['app.git']);
  assert.ok(!existsSync(join(store.path('app'), 'packed-refs.lock')));
});
