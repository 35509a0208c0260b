import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appName, isStage, parseAppName, stageOption } from '../../src/protocol/app-names.ts';

test('an app is a repository, or a stage of it', () => {
  for (const name of ['webapp', 'webapp@pr-12', 'a.b@c_d']) {
    const app = parseAppName(name);
    assert.ok(app, name);
    assert.equal(appName(app), name);
  }
  assert.deepEqual(parseAppName('webapp@pr-12'), { repo: 'webapp', stage: 'pr-12' });
  for (const name of ['', '@', 'a@', '@a', 'a@b@c', 'a/b', '.a', 'a@-b'])
    assert.equal(parseAppName(name), null, name);
});

test('a stage may have any name that a drone may have, of at most 40 characters', () => {
  assert.ok(isStage('a'.repeat(40)));
  for (const name of ['a'.repeat(41), '', 'a@b', 'a/b', '-a', 'a.git'])
    assert.equal(isStage(name), false, name);
});

test('a command line names a stage by --as', () => {
  assert.deepEqual(['webapp', 'webapp@pr-12'].map(stageOption), ['', ' --as=pr-12']);
});
