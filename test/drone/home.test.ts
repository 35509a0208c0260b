import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { homeOf, isCopy } from '../../src/drone/home.ts';
import { DroneIdentity } from '../../src/drone/identity.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/** A drone's directory, with what it has promised and printed. */
function droneDirectory(root: string): string {
  const dir = join(root, 'd0');
  for (const name of ['run', 'log', 'deploy']) mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, 'run/1e99f4.json'), '{}');
  return dir;
}

test('a copy of a directory that is still there is a drone of its own, without its processes and logs', (t) => {
  const root = temporaryFolder(t);
  const first = droneDirectory(root);
  const lines: string[] = [];
  const load = (dir: string) => new DroneIdentity(dir, undefined, (line) => lines.push(line));
  const { secret, mark } = load(first);
  const copy = join(root, 'd1');
  cpSync(first, copy, { recursive: true });
  assert.equal(load(first).secret, secret, 'the first one stays who it is');
  const other = load(copy);
  assert.notEqual(other.secret, secret);
  assert.notEqual(other.mark, mark, 'so that neither takes up what the other runs');
  assert.match(
    lines.join('\n'),
    /^this directory is a copy of .*d0, so it is a drone of its own.* are in copied\/$/,
  );
  assert.deepEqual(readdirSync(copy).sort(), ['copied', 'deploy', 'drone.json']);
  assert.ok(existsSync(join(copy, 'copied/run/1e99f4.json')));
  assert.equal(load(copy).secret, other.secret, 'from then on it is the same');
  assert.equal(lines.length, 1);
});

test('a directory that was moved is still the same drone', (t) => {
  const root = temporaryFolder(t);
  const first = droneDirectory(root);
  const load = (dir: string) => new DroneIdentity(dir, undefined, assert.fail);
  const { secret } = load(first);
  renameSync(first, join(root, 'moved'));
  assert.equal(load(join(root, 'moved')).secret, secret);
  assert.ok(existsSync(join(root, 'moved/run')));
});

test('a copy on another machine, or one whose original is gone or another drone, cannot be seen here', (t) => {
  const root = temporaryFolder(t);
  const now = homeOf(root);
  assert.ok(now);
  const home = { ...now, path: '/elsewhere', inode: '1:1' };
  assert.equal(
    isCopy(now, { home, identity: 'a' }, () => 'a'),
    true,
  );
  assert.equal(
    isCopy(now, { home: { ...home, machine: 'x' }, identity: 'a' }, () => 'a'),
    false,
  );
  assert.equal(
    isCopy(now, { home, identity: 'a' }, () => null),
    false,
  );
  assert.equal(
    isCopy(now, { home, identity: 'a' }, () => 'b'),
    false,
  );
});
