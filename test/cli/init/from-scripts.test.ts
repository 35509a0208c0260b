import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildOf, fromScripts, toPackage } from '../../../src/cli/init/from-scripts.ts';

test('start, start:NAME and worker are services, and node is run without npm if it can be', () => {
  const cases: [scripts: Record<string, string>, services: object[]][] = [
    [{ start: 'node server.js' }, [{ name: 'web', command: 'node server.js' }]],
    [{ start: 'next start' }, [{ name: 'web', command: 'npm start' }]],
    [{ start: 'node a.js', prestart: 'x' }, [{ name: 'web', command: 'npm start' }]],
    [{ start: 'node a.js && b' }, [{ name: 'web', command: 'npm start' }]],
    [{ worker: 'tsx w.ts' }, [{ name: 'worker', command: 'npm run worker' }]],
    [{ 'start:mail': 'node m.js', 'start:dev': 'x' }, [{ name: 'mail', command: 'node m.js' }]],
    [{ test: 'x', dev: 'y' }, []],
  ];
  for (const [scripts, services] of cases)
    assert.deepEqual(fromScripts(toPackage({ scripts })).services, services, JSON.stringify(scripts));
});

test('other scripts are left out, with a reason', () => {
  const scripts = {
    start: 'node a.js',
    prestart: 'x',
    build: 'b',
    'db:up': 'knex migrate:latest',
    lint: 'l',
  };
  assert.deepEqual(fromScripts(toPackage({ scripts })).left, [
    { what: 'prestart', why: 'npm runs it with start' },
    { what: 'db:up', why: 'if it has to run before each release: release = "npm run db:up" in [deploy]' },
    { what: 'lint', why: 'not known to be a service; only start, start:NAME and worker are taken' },
  ]);
});

test('what is not a package is one without scripts', () => {
  for (const json of [null, 1, [], { scripts: 'x' }, { scripts: { start: 1 } }])
    assert.deepEqual(toPackage(json), { scripts: {}, hasDependencies: false });
});

test('an app is built by the package manager whose lock file is there', () => {
  const npm = ' --cache .npm --prefer-offline';
  const cases: [json: object, files: string[], build: string | undefined][] = [
    [{}, ['package-lock.json'], undefined],
    [{ dependencies: { a: '1' } }, ['package-lock.json'], `npm ci --omit=dev${npm}`],
    [{ dependencies: { a: '1' } }, [], `npm install --omit=dev${npm}`],
    [{ scripts: { build: 'tsc' } }, ['package-lock.json'], `npm ci${npm} && npm run build`],
    [{ scripts: { build: 'tsc' } }, ['pnpm-lock.yaml'], 'pnpm install --frozen-lockfile && pnpm run build'],
    [{ dependencies: { a: '1' } }, ['yarn.lock'], 'yarn install --frozen-lockfile --production'],
  ];
  for (const [json, files, build] of cases) assert.equal(buildOf(toPackage(json), files)?.build, build);
});
