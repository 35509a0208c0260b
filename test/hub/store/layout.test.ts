import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKey } from '../../../src/hub/store/keys.ts';
import { folderOf, layoutOf, nameInFolder } from '../../../src/hub/store/layout.ts';

test('each kind of record has its file', () => {
  const paths = {
    'app.webapp@pr-12': 'apps/webapp@pr-12.json',
    'app.web.app': 'apps/web.app.json',
    'drones.17': 'hub.json',
    'deployed.webapp': 'hub.json',
    events: 'hub.json',
    'token.a/b': 'tokens.json',
    'drone-key.x': 'drone-keys.json',
    'certificate.*.example.com': 'certificates.json',
    'account.https://acme.example': 'certificates.json',
    'certificate-order': 'certificates.json',
    secret: 'secret.json',
  };
  for (const [key, path] of Object.entries(paths)) assert.equal(layoutOf(parseKey(key)).path, path);
});

test('what has no file is refused: no name leads out of the folder of apps', () => {
  for (const key of ['app.../x', 'app.a/b', 'app..a', 'app.a@b@c', 'app', 'nothing.x'])
    assert.throws(() => layoutOf(parseKey(key)), { code: 'EINTERNAL' }, key);
});

test('apps have a folder, in which only their files count', () => {
  assert.deepEqual([folderOf('app'), folderOf('token')], ['apps', null]);
  const names = ['webapp.json', 'webapp@pr-12.json', '.x.json', 'webapp.json.12.tmp', 'webapp', 'a b.json'];
  assert.deepEqual(names.map(nameInFolder), ['webapp', 'webapp@pr-12', null, null, null, null]);
});

test('a file keeps what it does not know, and the records of kinds that have not changed', () => {
  const { records, json } = layoutOf({ kind: 'events', name: null });
  const read = { version: 1, drones: { a: { n: 1 } }, deployed: [], events: 5, later: [1] };
  const all = new Set(['drones', 'deployed', 'events']);
  assert.deepEqual(json(records(read) ?? new Map(), read, all), read);
  const changed = new Map<string, object>([['drones.7', { b: { n: 2 } }]]);
  assert.deepEqual(json(changed, read, new Set(['drones'])), { ...read, drones: { b: { n: 2 } } });
  const fresh = { version: 1, drones: {}, deployed: [], events: undefined };
  assert.deepEqual(json(new Map(), undefined, new Set()), fresh);
});
