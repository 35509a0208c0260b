import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepConfiguration } from '../../src/git/configuration.ts';
import { git } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('the configuration is one that git understands, and says what a hub and its drones rely on', (t) => {
  const home = join(temporaryFolder(t), 'repos');
  keepConfiguration(home);
  const listed = git(home, 'config', '--file', join(home, '.gitconfig'), '--list').split('\n');
  for (const setting of [
    ...['safe.directory=*', 'core.hookspath=/dev/null', 'core.fsync=all', 'gc.auto=0'],
    ...['http.followredirects=false', 'http.proxy=', 'credential.helper=', 'receive.fsck.badName=ignore'],
  ])
    assert.ok(
      listed.some((line) => line.toLowerCase() === setting.toLowerCase()),
      setting,
    );
  assert.equal(statSync(home).mode & 0o777, 0o700);
});

test('it is written again only if it is not what it should be', (t) => {
  const home = temporaryFolder(t);
  const path = join(home, '.gitconfig');
  keepConfiguration(home);
  const text = readFileSync(path, 'utf8');
  const { ino } = statSync(path);
  keepConfiguration(home);
  assert.equal(statSync(path).ino, ino);
  writeFileSync(path, `${text}[core]\n\tpager = evil\n`);
  keepConfiguration(home);
  assert.equal(readFileSync(path, 'utf8'), text);
});

test('where it cannot be written, that is EIO', (t) => {
  const home = temporaryFolder(t);
  mkdirSync(join(home, '.gitconfig/taken'), { recursive: true });
  assert.throws(() => keepConfiguration(home), { code: 'EIO' });
});
