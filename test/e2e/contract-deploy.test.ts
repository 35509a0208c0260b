import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { commit, eventually, git, headOf } from '../fixtures/local-fleet.ts';
import { BIN, SECRET } from '../fixtures/real-fleet.ts';
import { assertFailed, assertGave, stage } from '../fixtures/stage.ts';

const on = stage(['web1', 'web2'], { 'a.txt': 'one' }, ['web2']);

const deployedText = (drone: string, commit: string, file = 'a.txt', repo = 'webapp') =>
  readFileSync(join(on.fleet.dir, drone, 'deploy', `${repo}.${commit}`, file), 'utf8');

test('any revision that git understands can be deployed', async () => {
  const first = headOf(on.app);
  git(on.app, 'tag', '-a', 'v1', '-m', 'annotated');
  const second = commit(on.app, { 'a.txt': 'two' });
  const third = commit(on.app, { 'a.txt': 'three' });
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${third}\n`);
  assert.deepEqual([deployedText('web1', third), deployedText('web2', third)], ['three', 'three']);
  const revisions: [string, string][] = [
    ['main~1', second],
    ['v1', first],
    [first.slice(0, 7), first],
    ['@^^', first],
    [':/change', third],
    ['HEAD^{tree}', ''],
  ];
  for (const [rev, expected] of revisions) {
    const result = await on.cli('deploy', '--commit', rev);
    if (expected) assertGave(result, 0, `deployed webapp/${expected}\n`);
    else assertFailed(result, 1, `fleet: there is no commit '${rev}' here; see: git log`);
  }
  assert.equal(deployedText('web2', second), 'two');
});

test('amended and rebased history can be deployed', async () => {
  git(on.app, 'commit', '-q', '--amend', '-m', 'amended');
  const amended = headOf(on.app);
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${amended}\n`);
  git(on.app, 'checkout', '-q', '-b', 'topic', 'HEAD~1');
  commit(on.app, { 'b.txt': 'topic' });
  git(on.app, 'rebase', '-q', 'main');
  const rebased = headOf(on.app);
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${rebased}\n`);
  git(on.app, 'reset', '-q', '--hard', 'main~2');
  const back = headOf(on.app);
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${back}\n`);
  git(on.app, 'checkout', '-q', 'main');
  assert.equal(deployedText('web1', rebased, 'b.txt'), 'topic');
});

test('several people deploy the same new commit to a new repository at once', async () => {
  const here = commit(on.app, { 'a.txt': 'at once' });
  const deploys = Array.from({ length: 5 }, () => on.cli('deploy', '--repo=crowd'));
  for (const result of await Promise.all(deploys)) assertGave(result, 0, `deployed crowd/${here}\n`);
  git(on.app, 'reset', '-q', '--hard', 'HEAD~1');
});

test('the repository is named after the nearest directory with a .git, unless --repo is given', async () => {
  const { dir } = on.fleet;
  const hub = [`--hub=${on.fleet.address}`, '--secret=beepboop'];
  const here = headOf(on.app);
  mkdirSync(join(on.app, 'deep/er'), { recursive: true });
  assertGave(
    await on.fleet.run(['deploy'], { cwd: join(on.app, 'deep/er') }),
    0,
    `deployed webapp/${here}\n`,
    '',
  );
  assertGave(await on.cli('deploy', '--repo=shop.v2'), 0, `deployed shop.v2/${here}\n`);
  assert.equal(deployedText('web2', here, 'a.txt', 'shop.v2'), 'three');

  git(on.app, 'worktree', 'add', '-q', join(dir, 'hotfix'), 'v1');
  const hotfix = await on.fleet.run(['deploy'], { cwd: join(dir, 'hotfix') });
  assertGave(hotfix, 0, `deployed hotfix/${git(on.app, 'rev-parse', 'v1^{commit}')}\n`);

  const outer = join(dir, 'outer');
  mkdirSync(outer);
  git(outer, 'init', '-q', '-b', 'main');
  git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', on.app, 'inner');
  commit(outer, {});
  const inner = await on.fleet.run(['deploy', ...hub], { cwd: join(outer, 'inner') });
  assertGave(inner, 0, `deployed inner/${here}\n`);
  const whole = await on.fleet.run(['deploy', ...hub], { cwd: outer });
  const said = 'inner is a submodule; its files are not in what is deployed\n';
  assertGave(whole, 0, `deployed outer/${headOf(outer)}\n`, said);
});

test('a remote in fleet.json may name the repository; --repo wins', async () => {
  const file = join(on.app, 'fleet.json');
  const text = readFileSync(file, 'utf8');
  const { remote } = JSON.parse(text);
  writeFileSync(file, JSON.stringify({ remote: { default: { ...remote.default, repo: 'shop' } } }));
  const here = headOf(on.app);
  const deploys = [await on.cli('deploy'), await on.cli('deploy', '--repo=other')];
  const exec = await on.cli('exec', '--raw', '--drone=web1', '--', 'sh', '-c', 'echo $REPO');
  writeFileSync(file, text);
  assert.deepEqual(
    deploys.map(({ stdout }) => stdout),
    [`deployed shop/${here}\n`, `deployed other/${here}\n`],
  );
  assertGave(exec, 0, 'shop\n');
});

test('a bare repository can be deployed, by hand and from its hook', async () => {
  const bare = join(on.fleet.dir, 'site.git');
  git(on.fleet.dir, 'clone', '-q', '--bare', on.app, bare);
  const env = { FLEET_HUB: on.fleet.address, FLEET_SECRET: SECRET };
  const here = headOf(on.app);
  assertGave(await on.fleet.run(['deploy'], { cwd: bare, env }), 0, `deployed site/${here}\n`);
  const line = `"${process.execPath}" "${BIN}" deploy --commit="$(cut -d' ' -f2)"`;
  writeFileSync(join(bare, 'hooks/post-receive'), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  const next = commit(on.app, { 'a.txt': 'pushed' });
  const push = await promisify(execFile)('git', ['push', bare, 'main'], {
    cwd: on.app,
    env: { ...on.fleet.env, ...env },
  });
  git(on.app, 'reset', '-q', '--hard', 'HEAD~1');
  assert.match(push.stderr, new RegExp(`^remote: deployed site/${next} *$`, 'm'));
});

test('a deploy from a dirty tree deploys the commit, and says that the changes are left out', async () => {
  const here = headOf(on.app);
  writeFileSync(join(on.app, 'a.txt'), 'dirty');
  const said = 'there are uncommitted changes, which are not deployed\n';
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${here}\n`, said);
  assertGave(await on.cli('deploy', '--commit=HEAD'), 0, `deployed webapp/${here}\n`);
  git(on.app, 'checkout', '-q', 'a.txt');
  writeFileSync(join(on.app, 'new.txt'), 'untracked');
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${here}\n`, said);
  rmSync(join(on.app, 'new.txt'));
  assert.equal(deployedText('web1', here), 'three');
});

test("changes are what the user's own git status reports, from any directory, and nothing is executed for it", async () => {
  writeFileSync(join(on.app, 'lines.txt'), 'one\r\ntwo\r\n');
  git(on.app, '-c', 'core.autocrlf=true', 'add', 'lines.txt');
  git(on.app, 'commit', '-q', '-m', 'lines');
  const here = headOf(on.app);
  const home = join(on.fleet.dir, 'configured');
  mkdirSync(home);
  const program = join(home, 'program');
  writeFileSync(program, `#!/bin/sh\ntouch ${home}/witness\n`, { mode: 0o755 });
  const settings = {
    autocrlf: 'true',
    excludesFile: join(home, 'ignored'),
    fsmonitor: program,
    hooksPath: home,
  };
  const lines = Object.entries(settings).map(([name, value]) => `\t${name} = ${value}\n`);
  writeFileSync(join(home, '.gitconfig'), `[core]\n${lines.join('')}`);
  writeFileSync(join(home, 'ignored'), '*.local\n');
  writeFileSync(join(home, 'post-index-change'), `#!/bin/sh\nexec ${program}\n`, { mode: 0o755 });
  // A hook of another repository's, which calls fleet, has these.
  const env = { HOME: home, GIT_DIR: join(home, 'nowhere'), GIT_INDEX_FILE: join(home, 'index') };
  writeFileSync(join(on.app, 'mine.local'), 'ignored');
  // Git has to read it to know.
  utimesSync(join(on.app, 'lines.txt'), 1, 1);
  const deployed = await on.fleet.runBinary(['deploy'], { cwd: on.app, env });
  rmSync(join(on.app, 'mine.local'));
  git(on.app, 'checkout', '-q', '.');
  assertGave(deployed, 0, `deployed webapp/${here}\n`);
  assert.deepEqual(
    readdirSync(home).filter((name) => /witness|index$/.test(name)),
    [],
  );
});

test('a clone of depth 1, as CI makes it, can be deployed', async () => {
  const shallow = join(on.fleet.dir, 'shallow');
  git(on.fleet.dir, 'clone', '-q', '--depth=1', `file://${on.app}`, shallow);
  const hub = [`--hub=${on.fleet.address}`, '--secret=beepboop', '--repo=fresh'];
  const result = await on.fleet.run(['deploy', ...hub], { cwd: shallow });
  const here = headOf(on.app);
  assertGave(result, 0, `deployed fresh/${here}\n`);
  assert.equal(deployedText('web1', here, 'a.txt', 'fresh'), readFileSync(join(on.app, 'a.txt'), 'utf8'));
});

test('a SHA-256 repository, and an object that could harm a checkout, are refused with the reason', async () => {
  const hub = [`--hub=${on.fleet.address}`, '--secret=beepboop'];
  const other = join(on.fleet.dir, 'sha256');
  git(on.fleet.dir, 'init', '-q', '--object-format=sha256', other);
  git(other, 'commit', '-q', '--allow-empty', '-m', 'one');
  const sha256 = await on.fleet.run(['deploy', ...hub], { cwd: other });
  assertFailed(sha256, 1, 'fleet: this repository uses SHA-256; fleet deploys those that use SHA-1 only');

  const blob = git(on.app, 'hash-object', '-w', 'a.txt');
  const entry = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
  writeFileSync(join(on.fleet.dir, 'tree'), entry);
  const tree = git(on.app, 'hash-object', '-w', '--literally', '-t', 'tree', join(on.fleet.dir, 'tree'));
  const bad = git(on.app, 'commit-tree', '-m', 'bad', tree);
  const why = `fleet: git push: the hub refuses object ${tree}: hasDotgit: contains '.git'`;
  assertFailed(await on.cli('deploy', `--commit=${bad}`), 1, why);
});

test('history with malformed names and dates can be deployed, as it can be pushed elsewhere', async () => {
  const tree = git(on.app, 'rev-parse', 'HEAD^{tree}');
  const authors = ['A 1 +0000', 'A<a@b> 1 +0000', 'A <a@b> 01 +0000', 'A <a@b> 18446744073709551616 +0000'];
  for (const author of authors) {
    const text = `tree ${tree}\nauthor ${author}\ncommitter A <a@b> 1 +0000\n\nold\n`;
    writeFileSync(join(on.fleet.dir, 'old'), text);
    const old = git(on.app, 'hash-object', '-w', '--literally', '-t', 'commit', join(on.fleet.dir, 'old'));
    assertGave(await on.cli('deploy', `--commit=${old}`), 0, `deployed webapp/${old}\n`);
  }
});

test('a failing drone is one line, the others go on, and the next deploy repairs it', async () => {
  const here = commit(on.app, { 'a.txt': 'four' });
  const blocked = join(on.fleet.dir, 'web2/deploy');
  const before = `${blocked}-before`;
  renameSync(blocked, before);
  writeFileSync(blocked, 'a file where a directory must be');
  const result = await on.cli('deploy');
  assert.match(result.stderr, /^\[web2\] cannot check out into [^\n]*deploy[^\n]*\n$/);
  assertGave(result, 1, `deployed webapp/${here}\n`, result.stderr);
  assert.equal(deployedText('web1', here), 'four');
  rmSync(blocked);
  renameSync(before, blocked);
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${here}\n`);
  assert.equal(deployedText('web2', here), 'four');
});

test('a modified checkout is restored by the next deploy, and --force makes a new one', async () => {
  const here = commit(on.app, { 'a.txt': 'four and a half' });
  await on.cli('deploy');
  const checkout = join(on.fleet.dir, 'web1/deploy', `webapp.${here}`);
  writeFileSync(join(checkout, 'a.txt'), 'changed');
  writeFileSync(join(checkout, 'upload'), 'of the app');
  assertGave(await on.cli('deploy'), 0, `deployed webapp/${here}\n`);
  assert.equal(deployedText('web1', here), 'four and a half');
  assert.equal(deployedText('web1', here, 'upload'), 'of the app');
  assertGave(await on.cli('deploy', '--force'), 0, `deployed webapp/${here}\n`);
  assert.ok(!existsSync(join(checkout, 'upload')));
});

test('a drone that joins later checks out what is deployed, and one that comes back catches up', async () => {
  await on.drones['web2']?.end('SIGTERM');
  const first = commit(on.app, { 'a.txt': 'five' });
  const named = /^\[web2\] not connected \(lost \d+s ago\): it catches up when it comes back\n$/;
  const one = await on.cli('deploy');
  assertGave(one, 0, `deployed webapp/${first}\n`, one.stderr);
  assert.match(one.stderr, named);
  const second = commit(on.app, { 'a.txt': 'six' });
  const two = await on.cli('deploy');
  assertGave(two, 0, `deployed webapp/${second}\n`, two.stderr);
  assert.match(two.stderr, named);
  const back = await on.fleet.drone('web2');
  for (const missed of [first, second])
    await back.printed(new RegExp(`^\\(deployed webapp/${missed}\\)$`, 'm'));
  const late = await on.fleet.drone('late');
  await late.printed(new RegExp(`^\\(deployed webapp/${second}\\)$`, 'm'));
  assert.deepEqual(
    ['web1', 'web2', 'late'].map((drone) => deployedText(drone, second)),
    ['six', 'six', 'six'],
  );
  await late.end('SIGTERM');
  on.drones['web2'] = back;
});

test('a drone that is lost during a deploy is one line, and catches up when it comes back', async () => {
  const here = commit(on.app, { 'a.txt': 'seven' });
  on.drones['web2']?.kill('SIGSTOP');
  const deploying = on.fleet.start(['deploy'], { cwd: on.app });
  await eventually(
    () => existsSync(join(on.fleet.dir, 'web1/deploy', `webapp.${here}`)),
    'web1 has it while web2 does not answer',
  );
  await on.drones['web2']?.end('SIGKILL');
  const result = await deploying.ended;
  assert.match(result.stderr, /^\[web2\] [^\n]*the connection was lost[^\n]*$/m);
  assertGave(result, 1, `deployed webapp/${here}\n`, result.stderr);
  on.drones['web2'] = await on.fleet.drone('web2');
  await on.drones['web2'].printed(new RegExp(`^\\(deployed webapp/${here}\\)$`, 'm'));
});

test('without drones, deploy says that the commit is stored and waits, not that it is deployed', async () => {
  for (const drone of Object.values(on.drones)) await drone.end('SIGTERM');
  const here = commit(on.app, { 'a.txt': 'eight' });
  const stored = await on.cli('deploy');
  assertGave(
    stored,
    0,
    `stored webapp/${here}: no drones are connected; it waits for drones\n`,
    stored.stderr,
  );
  assert.match(
    stored.stderr,
    /^(\[\w+\] not connected \(lost \d+s ago\): it catches up when it comes back\n)+$/,
  );
  on.drones['web1'] = await on.fleet.drone('web1');
  await on.drones['web1'].printed(new RegExp(`^\\(deployed webapp/${here}\\)$`, 'm'));
});

test('outside of a repository, or in one without a commit, there is nothing to deploy', async () => {
  const hub = [`--hub=${on.fleet.address}`, '--secret=beepboop'];
  const outside = await on.fleet.run(['deploy', ...hub], { cwd: on.fleet.dir });
  assertFailed(outside, 1, 'fleet: not in a git repository; go to one, or: git init');
  const empty = join(on.fleet.dir, 'empty');
  mkdirSync(empty);
  git(empty, 'init', '-q', '-b', 'main');
  const result = await on.fleet.run(['deploy', ...hub], { cwd: empty });
  assertFailed(result, 1, 'fleet: this repository has no commit yet; git commit first');
});

test('refusals of git are shown in its own words', async () => {
  const env = { PATH: join(on.fleet.dir, 'nothing') };
  const noGit = await on.fleet.runBinary(['deploy', '--repo=other'], { cwd: on.app, env });
  assertFailed(noGit, 1, 'fleet: there is no git on the PATH; install it');
  const unseen = await on.fleet.runBinary(['deploy'], { cwd: on.app, env });
  const why = 'cannot see whether there are uncommitted changes: there is no git on the PATH; install it\n';
  assertGave(unseen, 0, `deployed webapp/${headOf(on.app)}\n`, unseen.stderr);
  assert.ok(unseen.stderr.startsWith(why), unseen.stderr);
});
