import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  addRemote,
  allRemotes,
  checkRemoteName,
  findRemote,
  noRemote,
  pathToWrite,
  removeRemote,
} from '../../src/cli/remotes.ts';
import { makeDir } from './world.ts';

/** A checkout with remotes, and a user's own configuration with others. */
function makePlaces(t: TestContext) {
  const dir = makeDir(t);
  const [app, config] = [join(dir, 'app'), join(dir, 'config')];
  for (const one of [join(app, '.git'), join(config, 'fleet')]) mkdirSync(one, { recursive: true });
  const [own, global] = [join(app, 'fleet.json'), join(config, 'fleet/fleet.json')];
  writeFileSync(own, JSON.stringify({ remote: { prod: { hub: 'own', ca: 'ca.pem' } } }));
  writeFileSync(global, JSON.stringify({ remote: { prod: { hub: 'global' }, other: { hub: 'o' } } }));
  return { app, env: { XDG_CONFIG_HOME: config }, own, global };
}

const remotesOf = (path: string) => (JSON.parse(readFileSync(path, 'utf8')) as { remote: object }).remote;

test("a remote of the checkout hides the user's remote of the same name", (t) => {
  const { app, env, own, global } = makePlaces(t);
  assert.equal(findRemote('prod', app, env)?.hub, 'own');
  assert.equal(findRemote('other', app, env)?.hub, 'o');
  assert.equal(findRemote('toString', app, env), undefined);
  assert.deepEqual(Object.keys(allRemotes([own, global])).sort(), ['other', 'prod']);
});

test("the path of a remote's CA is relative to its file, wherever the command runs", (t) => {
  const { app, env } = makePlaces(t);
  mkdirSync(join(app, 'deep'));
  assert.equal(findRemote('prod', join(app, 'deep'), env)?.ca, join(app, 'ca.pem'));
});

test('a remote is removed from the first file that has it', (t) => {
  const { own, global } = makePlaces(t);
  removeRemote([own, global], 'prod');
  assert.deepEqual([remotesOf(own), Object.keys(remotesOf(global))], [{}, ['prod', 'other']]);
  removeRemote([own, global], 'prod');
  assert.deepEqual(Object.keys(remotesOf(global)), ['other']);
  assert.throws(() => removeRemote([own, global], 'prod'), { code: 'ECONFIG' });
});

test('a symbolic link to a fleet.json stays one', (t) => {
  const { app, global } = makePlaces(t);
  const link = join(app, 'link.json');
  symlinkSync(global, link);
  addRemote(link, 'new', { hub: 'n' });
  assert.deepEqual(remotesOf(global), { prod: { hub: 'global' }, other: { hub: 'o' }, new: { hub: 'n' } });
});

test("a remote is written to the root of the repository, or to the user's configuration", (t) => {
  const { app, env, own, global } = makePlaces(t);
  assert.equal(pathToWrite('checkout', app, env), own);
  assert.equal(pathToWrite('global', '/', env), global);
  assert.throws(() => pathToWrite('checkout', join(app, '../config'), env), { code: 'ENOREPO' });
});

test('an invalid name is refused, and the error for an unknown one lists the known ones', (t) => {
  const path = join(makeDir(t), 'fleet.json');
  writeFileSync(path, JSON.stringify({ remote: { prod: { hub: 'h' } } }));
  assert.equal(checkRemoteName('prod-1'), 'prod-1');
  for (const name of ['', 'a b', '__proto__', '-x', '../x'])
    assert.throws(() => checkRemoteName(name), { code: 'EUSAGE' }, name);
  assert.equal(
    noRemote('prdo', [path], 'ECONFIG').message,
    "no remote 'prdo'; did you mean prod?; there are: prod",
  );
  assert.equal(
    noRemote('x', [], 'ENOREMOTE').message,
    "no remote 'x'; there are none; see: fleet help remote",
  );
});
