import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromPm2 } from '../../../src/cli/init/from-pm2.ts';

const stop = { signal: 'SIGINT' };

test("each app of an ecosystem file becomes a service, stopped by pm2's signal", () => {
  const cases: [app: object, service: object][] = [
    [
      { name: 'web', script: 'server.js' },
      { name: 'web', command: 'node server.js', stop },
    ],
    [
      { name: 'api', script: './api/main.mjs', args: '--port 1 "a b"', node_args: '--inspect' },
      { name: 'api', command: ['node', '--inspect', './api/main.mjs', '--port', '1', 'a b'], stop },
    ],
    [
      { name: 'x', script: 'npm', args: ['run', 'x'] },
      { name: 'x', command: 'npm run x', stop },
    ],
    [
      { name: 'x', script: 'bin/www' },
      { name: 'x', command: 'node bin/www', stop },
    ],
    [
      { name: 'x', script: './x', interpreter: 'none' },
      { name: 'x', command: './x', stop },
    ],
    [
      { name: 'x', script: 'next start', args: ["it's"] },
      { name: 'x', command: "next start 'it'\\''s'", stop },
    ],
    [
      { name: 'x', script: 'job.py' },
      { name: 'x', command: 'python3 job.py', stop },
    ],
    [
      { script: 'a.js', instances: '4' },
      { name: 'a-js', command: 'node a.js', count: 4, stop },
    ],
    [
      { name: 'x', script: 'a.js', cwd: './apps/x/' },
      { name: 'x', command: 'node a.js', dir: 'apps/x', stop },
    ],
    [
      { name: 'x', script: 'a.js', max_memory_restart: '1.5G', kill_timeout: 3000 },
      { name: 'x', command: 'node a.js', memory: '1.5G', stop: { signal: 'SIGINT', grace: '3000ms' } },
    ],
    [
      { name: 'x', script: 'a.js', max_memory_restart: 300 * 2 ** 20 },
      { name: 'x', command: 'node a.js', memory: '300M', stop },
    ],
    [
      { name: 'x', script: 'a.js', env: { A: 1, B: 'b' }, env_production: { B: 'p' } },
      { name: 'x', command: 'node a.js', stop, env: { A: '1', B: 'p' } },
    ],
  ];
  for (const [app, service] of cases) assert.deepEqual(fromPm2({ apps: [app] }).services, [service]);
});

test('what has no place in fleet.toml is left out, with a reason', () => {
  const cases: [settings: object, what: string, why: RegExp][] = [
    [{ instances: 'max' }, 'x.instances', /depends on the machine/],
    [{ cwd: '/srv/x' }, 'x.cwd', /not inside the checkout/],
    [{ cwd: '../x' }, 'x.cwd', /not inside the checkout/],
    [{ watch: true }, 'x.watch', /fleet up/],
    [{ cron_restart: '0 0 * * *' }, 'x.cron_restart', /no scheduled restarts/],
    [{ error_file: 'e.log' }, 'x.error_file', /fleet logs/],
    [{ nonsense: 1 }, 'x.nonsense', /nothing like it/],
    [{ max_memory_restart: 'much' }, 'x.max_memory_restart', /not a size/],
    [{ kill_timeout: 'soon' }, 'x.kill_timeout', /not a time/],
    [{ env_staging: { A: 1 } }, 'x.env_staging', /\[as\.staging\]/],
    [{ env: { PORT: 3000 } }, 'x.env.PORT', /\$PORT of its own/],
    [{ env: { API_KEY: 'k' } }, 'x.env.API_KEY', /fleet env set API_KEY=@-/],
    [{ env: { DB: 'postgres://me:pw@db/x' } }, 'x.env.DB', /fleet env set DB=@-/],
    [{ env: { 'a b': '' } }, 'x.env.a b', /not the name/],
  ];
  for (const [settings, what, why] of cases) {
    const { services, left } = fromPm2([{ name: 'x', script: 'a.js', ...settings }]);
    assert.deepEqual(services, [{ name: 'x', command: 'node a.js', stop }], what);
    assert.equal(left.length, 1, what);
    assert.equal(left[0]?.what, what);
    assert.match(left[0]?.why ?? '', why);
  }
});

test('names that a service cannot have are changed, each to one of its own', () => {
  const { services, left } = fromPm2([
    { name: 'my app', script: 'a.js' },
    { name: 'my-app', script: 'b.js' },
  ]);
  assert.deepEqual(
    services.map(({ name }) => name),
    ['my-app', 'my-app-2'],
  );
  assert.deepEqual(
    left.map(({ what }) => what),
    ['my app', 'my-app'],
  );
});

test('a file without apps is an error', () => {
  for (const config of [null, {}, [], 'x', { apps: 1 }, { apps: [{}] }])
    assert.throws(() => fromPm2(config), { code: 'ECONFIG' });
});
