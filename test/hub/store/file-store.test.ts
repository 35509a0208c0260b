import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { groupKey } from '../../../src/hub/store/groups.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('files', async (t) => {
  const dir = temporaryFolder(t);
  return async () => new FileStore(dir, assert.fail);
});

const read = (dir: string, file: string) => JSON.parse(readFileSync(join(dir, file), 'utf8'));

test('files are those that a hub has always had, for its owner only', async (t) => {
  const dir = temporaryFolder(t);
  const store = new FileStore(dir, assert.fail);
  const commit = 'c'.repeat(40);
  await Promise.all([
    store.create('app.webapp@pr-12', { repo: 'webapp' }),
    store.create(groupKey('drones', 'abc'), { abc: { name: 'web1', seen: 1, connected: true } }),
    store.create('deployed.webapp', [{ repo: 'webapp', commit, time: 2 }]),
    store.create('deployed.stats', [{ repo: 'stats', commit, time: 1 }]),
    store.create('events', 10_000),
    store.create('token.ci', { name: 'ci', hash: 'h', can: [] }),
    store.create('drone-key.k', { name: 'k', key: 'x' }),
    store.create('certificate.example.com', { kept: null }),
    store.create('account.https://acme.example/directory', 'sealed'),
    store.create('secret', { current: 'h', old: [] }),
  ]);
  const found = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  const files = ['certificates.json', 'drone-keys.json', 'hub.json', 'secret.json', 'tokens.json'];
  assert.deepEqual(found, ['apps', 'apps/webapp@pr-12.json', ...files]);
  for (const file of files) assert.equal(statSync(join(dir, file)).mode & 0o777, 0o600);
  assert.deepEqual(read(dir, 'hub.json'), {
    version: 1,
    drones: { abc: { name: 'web1', seen: 1, connected: true } },
    deployed: [
      { repo: 'stats', commit, time: 1 },
      { repo: 'webapp', commit, time: 2 },
    ],
    events: 10_000,
  });
  assert.deepEqual(read(dir, 'tokens.json'), { tokens: [{ name: 'ci', hash: 'h', can: [] }] });
  assert.deepEqual(read(dir, 'drone-keys.json'), { keys: [{ name: 'k', key: 'x' }] });
  assert.deepEqual(read(dir, 'certificates.json'), {
    accounts: { 'https://acme.example/directory': 'sealed' },
    hosts: { 'example.com': { kept: null } },
  });
  assert.deepEqual(read(dir, 'secret.json'), { current: 'h', old: [] });
  await store.close();
});

test('keys of a file that this version does not know are kept', async (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'hub.json'), '{"version":1,"drones":{},"deployed":[],"later":[1]}');
  const store = new FileStore(dir, assert.fail);
  await store.create('events', 1);
  assert.deepEqual(read(dir, 'hub.json'), { version: 1, drones: {}, deployed: [], later: [1], events: 1 });
});

test('a file that no hub wrote is refused, and left as it is', async (t) => {
  for (const [file, text, key] of [
    ['hub.json', '[]', 'drones.1'],
    ['hub.json', '{"drones":7,"deployed":[]}', 'drones.1'],
    ['hub.json', '{"drones":{},"deployed":[{}]}', 'events'],
    ['tokens.json', '{}', 'token.ci'],
    ['tokens.json', '{"tokens":[null]}', 'token.ci'],
    ['tokens.json', '{"tokens":', 'token.ci'],
    ['certificates.json', '{"hosts":{"example.com":null}}', 'certificate.example.com'],
    ['secret.json', '"x"', 'secret'],
  ] as const) {
    const dir = temporaryFolder(t);
    writeFileSync(join(dir, file), text);
    const store = new FileStore(dir, assert.fail);
    const refused = { code: 'ECONFIG', message: /(hub|tokens|certificates|secret)\.json .*move it away/ };
    await assert.rejects(store.get(key), refused);
    await assert.rejects(store.create(key, { name: 'x' }), refused);
    assert.equal(readFileSync(join(dir, file), 'utf8'), text);
  }
});

test('a damaged file of an app is left alone and logged once, and the other apps are listed', async (t) => {
  const dir = temporaryFolder(t);
  const said: string[] = [];
  const store = new FileStore(dir, (line) => said.push(line));
  assert.deepEqual(await store.list('app.'), [], 'nothing was stored yet');
  await store.create('app.webapp', { repo: 'webapp' });
  writeFileSync(join(dir, 'apps/cut.json'), '{"re');
  writeFileSync(join(dir, 'apps/.hidden.json'), '{}');
  mkdirSync(join(dir, 'apps/folder.json'));
  for (let n = 0; n < 2; n++)
    assert.deepEqual(
      (await store.list('app.')).map(({ key }) => key),
      ['app.webapp'],
    );
  assert.deepEqual(said.map((line) => line.split(':', 1)[0]).sort(), [
    'cut is left alone',
    'folder is left alone',
  ]);
  await assert.rejects(store.create('app.cut', { repo: 'cut' }), { code: 'ECONFIG' });
  assert.equal(readFileSync(join(dir, 'apps/cut.json'), 'utf8'), '{"re', 'for its owner to mend');
});
