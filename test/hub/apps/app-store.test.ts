import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppStore } from '../../../src/hub/apps/app-store.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { makeApp, makeRelease } from './records.ts';

const APP = makeApp([makeRelease(1, { state: 'live', toml: 'x = 1' })], { live: 1, scale: { web: 4 } });

test('what was saved is there after a restart, of every app and stage, for its owner only', (t) => {
  const dir = temporaryFolder(t);
  const stage = { ...APP, stage: 'pr-12' };
  const store = new AppStore(dir, assert.fail);
  assert.deepEqual(store.load(), [], 'nothing was saved yet');
  store.save(APP);
  store.save(stage);
  assert.deepEqual(readdirSync(join(dir, 'apps')).sort(), ['webapp.json', 'webapp@pr-12.json']);
  assert.equal(statSync(join(dir, 'apps/webapp.json')).mode & 0o777, 0o600);
  assert.deepEqual(new AppStore(dir, assert.fail).load(), [APP, stage]);
  store.remove(stage);
  store.remove(stage);
  assert.deepEqual(store.load(), [APP]);
});

test('a damaged file is left alone and logged, and the other apps are loaded', (t) => {
  const dir = temporaryFolder(t);
  const said: string[] = [];
  const store = new AppStore(dir, (line) => said.push(line));
  store.save(APP);
  for (const [name, text] of [
    ['cut', '{"version":1,"re'],
    ['wrong', '{"repo":"wrong","last":"one","releases":[]}'],
    ['.hidden', '{}'],
  ] as const)
    writeFileSync(join(dir, 'apps', `${name}.json`), text);
  assert.deepEqual(store.load(), [APP]);
  assert.deepEqual(said.map((line) => line.split(':', 1)[0]).sort(), [
    'cut is left alone',
    'wrong is left alone',
  ]);
  assert.match(said.join('\n'), /wrong\.json: last: /);
  assert.equal(readFileSync(join(dir, 'apps/cut.json'), 'utf8'), '{"version":1,"re', 'for its owner to mend');
});

test('what a newer version has written is kept, and what an older one has not has defaults', (t) => {
  const dir = temporaryFolder(t);
  const store = new AppStore(dir, assert.fail);
  store.save({ ...APP, color: 'green' } as typeof APP);
  const [newer] = store.load();
  assert.equal((newer as unknown as { color: string }).color, 'green');
  const older = { repo: 'old', last: 1, releases: [{ release: 1, commit: 'c', state: 'live' }] };
  writeFileSync(join(dir, 'apps/old.json'), JSON.stringify(older));
  const [old] = store.load();
  assert.deepEqual([old?.live, old?.scale, old?.releases[0]?.canary], [null, {}, null]);
});
