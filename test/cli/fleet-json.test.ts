import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { globalPath, readFleetFile, searchPaths } from '../../src/cli/fleet-json.ts';
import { makeDir } from './world.ts';

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

test('a worktree and a submodule find the remotes of the checkout that they belong to', (t) => {
  const app = makeRepo(join(makeDir(t), 'app'));
  const dir = join(app, '..');
  const library = makeRepo(join(dir, 'library'));
  git(app, 'worktree', 'add', '--quiet', join(dir, 'tree'));
  git(app, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'lib');
  const env = { XDG_CONFIG_HOME: join(dir, 'config') };
  const user = join(dir, 'config/fleet/fleet.json');
  assert.deepEqual(searchPaths(join(dir, 'tree'), env), [
    join(dir, 'tree/fleet.json'),
    join(app, 'fleet.json'),
    user,
  ]);
  assert.deepEqual(searchPaths(join(app, 'lib'), env), [
    join(app, 'lib/fleet.json'),
    join(app, 'fleet.json'),
    user,
  ]);
});

test("the user's own configuration is where XDG says", () => {
  assert.equal(globalPath({ XDG_CONFIG_HOME: '/c', HOME: '/h' }), '/c/fleet/fleet.json');
  assert.equal(globalPath({ HOME: '/h' }), '/h/.config/fleet/fleet.json');
});

test('a missing fleet.json has no remotes', (t) => {
  assert.deepEqual(readFleetFile(join(makeDir(t), 'fleet.json')).remotes, {});
});

test('outside of git, fleet.json is looked up in the directory itself', (t) => {
  const dir = makeDir(t);
  assert.deepEqual(searchPaths(dir, { HOME: '/h' }), [
    join(dir, 'fleet.json'),
    '/h/.config/fleet/fleet.json',
  ]);
});

test('a byte order mark is skipped, and unknown keys are kept', (t) => {
  const path = join(makeDir(t), 'fleet.json');
  const text = '\uFEFF{"name": "mine", "remote": {"a": {"hub": "h", "note": 1}}}';
  writeFileSync(path, text);
  const { stats, ...read } = readFleetFile(path) ?? assert.fail('there is one');
  assert.equal(stats?.uid, process.getuid?.());
  assert.deepEqual(read, {
    path,
    text,
    remotes: { a: { hub: 'h', note: 1 } },
    content: { name: 'mine', remote: { a: { hub: 'h', note: 1 } } },
  });
});
