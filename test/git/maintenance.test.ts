import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clutter, clutterOf, Maintenance, needsMaintenance } from '../../src/git/maintenance.ts';
import { GitProcesses } from '../../src/git/server-processes.ts';
import { GitStore } from '../../src/git/store.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const NONE: Clutter = { packs: 0, looseInOneFolder: 0, looseRefs: 0 };

test('a repository is tidied up when there is too much of one kind, and not before', () => {
  const most: Clutter = { packs: 50, looseInOneFolder: 20, looseRefs: 500 };
  assert.equal(needsMaintenance(most), false);
  for (const kind of Object.keys(most) as (keyof Clutter)[])
    assert.equal(needsMaintenance({ ...NONE, [kind]: most[kind] + 1 }), true, kind);
});

test('packs, the loose objects of one folder and the refs are counted, and nothing beside them', (t) => {
  const path = temporaryFolder(t);
  assert.deepEqual(clutterOf(path), NONE);
  const files = ['objects/pack/a.pack', 'objects/pack/a.idx', 'objects/17/x', 'objects/17/y', 'objects/18/z'];
  for (const folder of ['objects/pack', 'objects/17', 'objects/18', 'refs/fleet', 'refs/heads'])
    mkdirSync(join(path, folder), { recursive: true });
  for (const file of [...files, 'refs/fleet/a', 'refs/heads/main']) writeFileSync(join(path, file), '');
  assert.deepEqual(clutterOf(path), { packs: 1, looseInOneFolder: 2, looseRefs: 1 });
});

test('a repository that git cannot tidy up is reported, and the next one is still looked at', async (t) => {
  const store = new GitStore(join(temporaryFolder(t), 'repos'));
  const lines: string[] = [];
  const maintenance = new Maintenance(store, new GitProcesses(store.dir), (line) => lines.push(line));
  await store.create('tidy');
  maintenance.look('tidy');
  assert.equal(maintenance.isAt('tidy'), false);
  for (const name of ['broken', 'other']) {
    mkdirSync(join(store.path(name), 'objects/17'), { recursive: true });
    for (let n = 0; n <= 20; n++) writeFileSync(join(store.path(name), 'objects/17', String(n)), '');
    maintenance.look(name);
    maintenance.look(name);
    assert.equal(maintenance.isAt(name), true);
  }
  await maintenance.idle();
  assert.deepEqual([maintenance.isAt('broken'), maintenance.isAt('other')], [false, false]);
  assert.match(lines.join('\n'), /^tidying broken: .+\ntidying other: .+$/);
});
