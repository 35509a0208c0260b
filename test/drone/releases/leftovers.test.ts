import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Leftovers } from '../../../src/drone/releases/leftovers.ts';
import { ReleaseWorld } from '../../fixtures/release-world.ts';

const C = 'c'.repeat(40);

test('what a killed drone left half done goes, and everything else stays', (t) => {
  const world = new ReleaseWorld(t);
  const stays = [
    `deploy/webapp.${C}/a.txt`,
    `deploy/webapp.${C}/.old-notes/a.txt`,
    'deploy/.mine/a.txt',
    'repos/webapp.git/HEAD',
    'repos/.gitconfig',
    `release/webapp.${C}.git/index`,
    `release/webapp.${C}.json`,
  ];
  const goes = [
    `deploy/.tmp-webapp.${C}.7/a.txt`,
    `deploy/.old-webapp.${C}.7/a.txt`,
    'repos/.new-webapp.git/HEAD',
    'repos/.old-webapp.git/HEAD',
    'repos/webapp.git/packed-refs.lock',
    'repos/webapp.git/objects/pack/tmp_pack_1',
    `release/webapp.${C}.git.tmp/index`,
    `release/webapp.${C}.json.7.tmp`,
  ];
  for (const path of [...stays, ...goes]) world.write(path);
  new Leftovers(world.store).remove();
  const left = readdirSync(world.dir, { recursive: true, encoding: 'utf8', withFileTypes: false });
  assert.deepEqual(
    stays.filter((path) => !left.includes(path)),
    [],
  );
  assert.deepEqual(
    goes.filter((path) => left.includes(path)),
    [],
  );
});

test('what this drone has begun since is not left over', (t) => {
  const world = new ReleaseWorld(t);
  const old = `deploy/.tmp-webapp.${C}.7`;
  world.write(`${old}/a.txt`);
  const leftovers = new Leftovers(world.store);
  world.write(`deploy/.tmp-webapp.${C}.8/a.txt`);
  leftovers.remove();
  assert.deepEqual(world.store.directories(), [`.tmp-webapp.${C}.8`]);
});
