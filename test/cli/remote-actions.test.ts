import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FakeIo, makeDir, makeIo, run } from './world.ts';

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=e@example.com', ...args], {
    cwd,
    stdio: 'pipe',
  });

/** A git repository with one commit. */
function makeRepo(dir: string): string {
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '--quiet');
  git(dir, 'commit', '--quiet', '--allow-empty', '--message=one');
  return dir;
}

function makeApp(t: TestContext): { app: string; io: FakeIo; file: string } {
  const app = makeRepo(join(makeDir(t), 'app'));
  return { app, io: makeIo(app), file: join(app, 'fleet.json') };
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as unknown;

test('remote add writes fleet.json in the git root, readable by its owner only', async (t) => {
  const { app, file, io } = makeApp(t);
  mkdirSync(join(app, 'deep/er'), { recursive: true });
  const inside = { ...io, cwd: join(app, 'deep/er') };
  await run(inside, 'remote', 'add', 'default', '--hub=x:7000', '--secret=007', '--env.A=1');
  assert.deepEqual(read(file), { remote: { default: { hub: 'x:7000', secret: '007', env: { A: '1' } } } });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(io.out, '');
});

test('a remote without a name is the default, and adding it again replaces it', async (t) => {
  const { file, io } = makeApp(t);
  await run(io, 'remote', 'add', '--hub=x', '--secret=s');
  await run(io, 'remote', 'add', '--hub=y');
  await run(io, 'remote', 'add', '+prod', '--hub=z');
  assert.deepEqual(read(file), { remote: { default: { hub: 'y' }, prod: { hub: 'z' } } });
});

test('keys that a user added to fleet.json survive', async (t) => {
  const { file, io } = makeApp(t);
  const content = { build: ['make'], remote: { a: { hub: 'a', note: 'mine' } }, last: null };
  writeFileSync(file, JSON.stringify(content));
  await run(io, 'remote', 'add', 'b', '--hub=b');
  assert.deepEqual(read(file), { ...content, remote: { ...content.remote, b: { hub: 'b' } } });
  await run(io, 'remote', 'rm', 'b');
  assert.deepEqual(read(file), content);
  assert.deepEqual(Object.keys(read(file) as object), ['build', 'remote', 'last']);
});

test("remote ls prints the remotes as JSON; those of the checkout win over the user's", async (t) => {
  const { io } = makeApp(t);
  await run(io, 'remote', 'ls');
  assert.deepEqual(JSON.parse(io.out), {});
  await run(io, 'remote', 'add', 'a', '--hub=global', '--global');
  await run(io, 'remote', 'add', 'b', '--hub=global', '--global');
  await run(io, 'remote', 'add', 'a', '--hub=local');
  io.out = '';
  await run(io, 'remote', 'list');
  assert.deepEqual(JSON.parse(io.out), { a: { hub: 'local' }, b: { hub: 'global' } });
  io.out = '';
  await run(io, 'remote', 'ls', '--global');
  assert.deepEqual(JSON.parse(io.out), { a: { hub: 'global' }, b: { hub: 'global' } });
});

test('remote rm of an unknown name lists the known ones, each once', async (t) => {
  const { io } = makeApp(t);
  await run(io, 'remote', 'add', 'prod', '--hub=x');
  await run(io, 'remote', 'add', 'prod', '--hub=y', '--global');
  await run(io, 'remote', 'add', 'other', '--hub=z', '--global');
  await assert.rejects(run(io, 'remote', 'rm', 'prdo'), {
    message: "no remote 'prdo'; did you mean prod?; there are: prod, other",
  });
});

test('a broken fleet.json is reported with line and column, and not overwritten', async (t) => {
  const { file, io } = makeApp(t);
  const cases: [string, RegExp][] = [
    ['{"remote": {"default": {"hub": "x",}}}', /fleet\.json is broken at line 1, column 36/],
    ['{\n  "remote": {\n    "defa', /at line 3, column 5/],
    ['', /at line 1, column 1: it is empty/],
    ['[]', /it should be an object/],
    ['{"remote": []}', /"remote" should be an object of remotes/],
    ['{"remote": {"default": {"hub": 7000}}}', /remote\.default\.hub should be a string/],
    ['{"remote": {"default": {"repo": ["shop"]}}}', /remote\.default\.repo should be a string/],
    ['{"remote": {"default": {"env": {"A": 1}}}}', /remote\.default\.env\.A should be a string/],
  ];
  for (const [text, message] of cases) {
    writeFileSync(file, text);
    await assert.rejects(run(io, 'remote', 'add', '--hub=x'), { code: 'ECONFIG', message });
    await assert.rejects(run(io, 'ps'), { code: 'ECONFIG', message });
    assert.equal(readFileSync(file, 'utf8'), text);
  }
});

test('invalid remotes are refused before anything is written', async (t) => {
  const { file, io } = makeApp(t);
  const usage = { code: 'EUSAGE' };
  await assert.rejects(run(io, 'remote', 'add', 'x'), usage);
  await assert.rejects(run(io, 'remote', 'add', 'x', '--hub=a:b'), usage);
  await assert.rejects(run(io, 'remote', 'add', 'a b', '--hub=x'), usage);
  await assert.rejects(run(io, 'remote', 'add', '__proto__', '--hub=x'), usage);
  await assert.rejects(run(io, 'remote', 'add', 'a', 'b', '--hub=x'), usage);
  await assert.rejects(run(io, 'remote', 'add', 'x', '--hub=x', '--fingerprint=sha256:1'), usage);
  assert.throws(() => readFileSync(file), { code: 'ENOENT' });
});

test('outside of a git repository, remote add says what to do', async (t) => {
  const io = makeIo(makeDir(t));
  await assert.rejects(run(io, 'remote', 'add', '--hub=x'), { code: 'ENOREPO', message: /--global/ });
});

test('adding a secret to a fleet.json that git tracks prints a warning', async (t) => {
  const { app, io } = makeApp(t);
  await run(io, 'remote', 'add', '--hub=x', '--secret=s');
  io.err = '';
  git(app, 'add', '--force', 'fleet.json');
  await run(io, 'remote', 'add', '--hub=x', '--secret=s');
  assert.match(io.err, /^fleet\.json is tracked by git.*--global default\n$/);
});

test('remote add has git ignore fleet.json, and says so once', async (t) => {
  const { app, io } = makeApp(t);
  const exclude = join(app, '.git/info/exclude');
  writeFileSync(exclude, 'without a newline');
  await run(io, 'remote', 'add', '--hub=x');
  assert.equal(io.err, 'git ignores fleet.json from now on: /fleet.json is in .git/info/exclude\n');
  await run(io, 'remote', 'add', 'other', '--hub=y');
  assert.equal(io.err.split('\n').length, 2, 'once');
  assert.equal(readFileSync(exclude, 'utf8'), 'without a newline\n/fleet.json\n');
  assert.equal(String(git(app, 'status', '--porcelain')).includes('fleet.json'), false);
});

test('in a worktree, remote add uses the list of the repository', async (t) => {
  const { app } = makeApp(t);
  const tree = join(app, '../tree');
  git(app, 'worktree', 'add', '--quiet', tree);
  await run(makeIo(tree), 'remote', 'add', '--hub=x');
  assert.match(readFileSync(join(app, '.git/info/exclude'), 'utf8'), /^\/fleet\.json$/m);
  assert.equal(String(git(tree, 'status', '--porcelain', '--', 'fleet.json')), '');
});

test('remote add leaves the list alone if git ignores fleet.json already', async (t) => {
  const { app, io } = makeApp(t);
  writeFileSync(join(app, '.gitignore'), 'fleet.json\n');
  const before = readFileSync(join(app, '.git/info/exclude'), 'utf8');
  await run(io, 'remote', 'add', '--hub=x');
  assert.equal(io.err, '');
  assert.equal(readFileSync(join(app, '.git/info/exclude'), 'utf8'), before);
});

test('a secret may come from a file, without its final newline', async (t) => {
  const { app, file, io } = makeApp(t);
  writeFileSync(join(app, 'secret'), 'a b \n');
  await run(io, 'remote', 'add', '--hub=x', `--secret-file=${join(app, 'secret')}`);
  assert.deepEqual(read(file), { remote: { default: { hub: 'x', secret: 'a b ' } } });
  writeFileSync(join(app, 'secret'), '\n');
  await assert.rejects(run(io, 'remote', 'add', '--hub=x', `--secret-file=${join(app, 'secret')}`), {
    code: 'ECONFIG',
  });
});
