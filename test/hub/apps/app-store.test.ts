import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AppStore } from '../../../src/hub/apps/app-store.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { makeApp, makeRelease } from './records.ts';

const APP = makeApp([makeRelease(1, { state: 'live', toml: 'x = 1' })], { live: 1, scale: { web: 4 } });

const open = (dir: string, log: (line: string) => void = assert.fail) =>
  new AppStore(new FileStore(dir, log), log);
const appsIn = async (store: AppStore) => (await store.load()).map(({ app }) => app);

test('what was saved is there after a restart, of every app and stage', async (t) => {
  const dir = temporaryFolder(t);
  const stage = { ...APP, stage: 'pr-12' };
  const store = open(dir);
  assert.deepEqual(await store.load(), [], 'nothing was saved yet');
  await store.save(APP, 0);
  const revision = await store.save(stage, 0);
  assert.deepEqual(readdirSync(join(dir, 'apps')).sort(), ['webapp.json', 'webapp@pr-12.json']);
  assert.deepEqual(await appsIn(open(dir)), [APP, stage]);
  assert.deepEqual(await store.get('webapp@pr-12'), { app: stage, revision });
  await assert.rejects(store.save({ ...stage, last: 9 }, 0), { code: 'ECONFLICT' });
  await assert.rejects(store.remove(stage, revision + 1), { code: 'ECONFLICT' });
  await store.remove(stage, revision);
  await store.remove(stage, 0);
  assert.deepEqual(await appsIn(store), [APP]);
  assert.equal(await store.get('webapp@pr-12'), null);
});

test('a damaged file is left alone and logged, and the other apps are loaded', async (t) => {
  const dir = temporaryFolder(t);
  const said: string[] = [];
  const store = open(dir, (line) => said.push(line));
  await store.save(APP, 0);
  for (const [name, text] of [
    ['cut', '{"version":1,"re'],
    ['wrong', '{"repo":"wrong","last":"one","releases":[]}'],
  ] as const)
    writeFileSync(join(dir, 'apps', `${name}.json`), text);
  assert.deepEqual(await appsIn(store), [APP]);
  assert.deepEqual(said.map((line) => line.split(':', 1)[0]).sort(), [
    'cut is left alone',
    'wrong is left alone',
  ]);
  assert.match(said.join('\n'), /wrong\.json: last: /);
  await assert.rejects(store.get('wrong'), { code: 'ECONFIG' });
  for (const repo of ['cut', 'wrong'])
    await assert.rejects(store.save({ ...APP, repo }, 0), /ECONFIG|ECONFLICT|broken|changed/);
  assert.equal(readFileSync(join(dir, 'apps/cut.json'), 'utf8'), '{"version":1,"re', 'for its owner to mend');
});

test('what a newer version has written is kept, and what an older one has not has defaults', async (t) => {
  const dir = temporaryFolder(t);
  await open(dir).save({ ...APP, color: 'green' } as typeof APP, 0);
  const [newer] = await appsIn(open(dir));
  assert.equal((newer as unknown as { color: string }).color, 'green');
  const older = { repo: 'old', last: 1, releases: [{ release: 1, commit: 'c', state: 'live' }] };
  writeFileSync(join(dir, 'apps/old.json'), JSON.stringify(older));
  const old = (await open(dir).get('old'))?.app;
  assert.deepEqual([old?.live, old?.scale, old?.releases[0]?.canary], [null, {}, null]);
});
