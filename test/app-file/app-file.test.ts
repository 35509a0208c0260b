import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppFile } from '../../src/app-file/app-file.ts';

const parse = (toml: string | null, procfile: string | null = null, stage: string | null = null) =>
  parseAppFile({ toml, procfile, stage });

/** The one service of an app. */
function serviceOf(keys: string, name = 'web') {
  const [service] = parse(`[services.${name}]\ncommand = "x"\n${keys}`).services;
  assert.ok(service);
  return service;
}

test('a Procfile is enough: each line is a service with defaults, and release is the release command', () => {
  const file = parse(
    null,
    '\ufeff# what runs\r\nrelease: node migrate.js\r\n\r\nweb: node server.js\r\nworker:node a: b\r\n',
  );
  assert.deepEqual(file.deploy, {
    build: null,
    buildTimeoutMs: 600_000,
    cache: [],
    release: { command: ['node', 'migrate.js'], on: [], timeoutMs: 600_000 },
    needs: [],
    shared: [],
    keep: 5,
    branch: null,
    on: [],
    user: null,
    signed: false,
    lfs: false,
    submodules: false,
    lines: { lfs: 'fleet.toml:1', submodules: 'fleet.toml:1' },
  });
  const worker = {
    name: 'worker',
    at: 'Procfile:5',
    command: ['node', 'a:', 'b'],
    count: 1,
    on: [],
    served: false,
    health: null,
    stableMs: 5000,
    host: [],
    port: null,
    parallel: 1,
    order: 'start-first',
    drainMs: 10_000,
    stop: { signal: 'SIGTERM', graceMs: 30_000, waitMs: 0 },
    memoryBytes: null,
    maxRestarts: null,
    dir: null,
    rescheduleMs: null,
    env: {},
  };
  const health = {
    check: { type: 'connection' },
    intervalMs: 2000,
    timeoutMs: 5000,
    withinMs: 30_000,
    restartAfterMs: null,
  };
  const web = {
    ...worker,
    name: 'web',
    at: 'Procfile:4',
    command: ['node', 'server.js'],
    served: true,
    health,
  };
  assert.deepEqual(file.services, [web, worker]);
  assert.deepEqual(file.env, {});
});

test('empty files are an app without services', () => {
  for (const [toml, procfile] of [
    ['', ''],
    [null, '# none\n'],
    ['\ufeff# none\r\n', null],
  ] as const)
    assert.deepEqual(parse(toml, procfile).services, []);
  assert.deepEqual(parse(null, 'release: x').deploy.release?.command, ['x']);
});

test('fleet.toml adds to the Procfile and wins, key by key', () => {
  const { services, deploy } = parse(
    [
      '[deploy]',
      'release = { timeout = "1m", on = ["db*"] }',
      '[services.api]',
      'command = "api"',
      '[services.worker]',
      'count = 0',
      '[services.web]',
      'command = "b"',
    ].join('\n'),
    'web: a\nworker: w\nrelease: r',
  );
  assert.deepEqual(
    services.map(({ name, command, count }) => [name, command, count]),
    [
      ['web', ['b'], 1],
      ['worker', ['w'], 0],
      ['api', ['api'], 1],
    ],
  );
  assert.deepEqual(deploy.release, { command: ['r'], on: [[{ name: 'db*' }]], timeoutMs: 60_000 });
});

test('services keep the order of the file, even if their names are numbers', () => {
  const toml = ['b', '10', 'a', '2'].map((name) => `[services.${name}]\ncommand = "x"`).join('\n');
  assert.deepEqual(
    parse(toml).services.map(({ name }) => name),
    ['b', '10', 'a', '2'],
  );
});

test('each key has its value, in a single unit', () => {
  const cases: [keys: string, read: object][] = [
    ['count = "each"', { count: 'each' }],
    [
      'on = ["web*", "role=web,zone=a"]',
      {
        on: [
          [{ name: 'web*' }],
          [
            { label: 'role', value: 'web' },
            { label: 'zone', value: 'a' },
          ],
        ],
      },
    ],
    [
      'host = ["Example.com", "{app}.example.com/api/", "*.a.org"]',
      {
        host: [
          { host: 'example.com', path: '/' },
          { host: '{app}.example.com', path: '/api' },
          { host: '*.a.org', path: '/' },
        ],
      },
    ],
    ['port = 8080', { port: 8080, order: 'stop-first' }],
    ['parallel = "25%"', { parallel: { percent: 25 } }],
    ['parallel = 3', { parallel: 3 }],
    ['order = "stop-first"', { order: 'stop-first' }],
    ['drain = "1.5s"', { drainMs: 1500 }],
    ['drain = "0s"', { drainMs: 0 }],
    [
      'stop = { signal = "SIGINT", wait = "500ms" }',
      { stop: { signal: 'SIGINT', graceMs: 30_000, waitMs: 500 } },
    ],
    ['memory = "1.5G"', { memoryBytes: 1_610_612_736 }],
    ['max-restarts = { count = 3 }', { maxRestarts: { count: 3, withinMs: 3_600_000 } }],
    ['dir = "./apps/api/"', { dir: 'apps/api' }],
    ['reschedule = "5m"', { rescheduleMs: 300_000 }],
    ['env = { ROLE = "web" }', { env: { ROLE: 'web' } }],
  ];
  for (const [keys, read] of cases) {
    const service: object = serviceOf(keys);
    assert.deepEqual({ ...service, ...read }, service, keys);
  }
});

test('a service is served if it has host, health or port, or is called web', () => {
  const cases: [name: string, keys: string, served: boolean][] = [
    ['web', '', true],
    ['web', 'health = false', false],
    ['api', '', false],
    ['api', 'host = ["a.com"]', true],
    ['api', 'health = "/up"', true],
    ['api', 'health = {}', false],
    ['api', 'health = { timeout = "1s" }', true],
    ['api', 'health = { stable = "10s" }', false],
    ['api', 'port = 80', true],
    ['api', 'port = 80\nhealth = false', false],
  ];
  for (const [name, keys, served] of cases) {
    const service = serviceOf(keys, name);
    assert.deepEqual([service.served, service.health !== null], [served, served], `${name} ${keys}`);
  }
  assert.equal(serviceOf('health = { stable = "10s" }', 'api').stableMs, 10_000);
});

test('a check is a path, a command or the connection', () => {
  const checkOf = (keys: string) => serviceOf(keys).health?.check;
  assert.deepEqual(checkOf(''), { type: 'connection' });
  assert.deepEqual(checkOf('health = "/up?a=1"'), { type: 'path', path: '/up?a=1' });
  assert.deepEqual(checkOf('health = { path = "/up" }'), { type: 'path', path: '/up' });
  assert.deepEqual(checkOf('health = { command = "curl $PORT" }'), {
    type: 'command',
    command: { shell: 'curl $PORT' },
  });
});

const STAGES = `
[env]
A = "1"
B = "1"
[services.web]
command = "x"
count = 4
health = { command = "check", within = "9s" }
[services.worker]
command = "y"
count = "each"
[services.off]
command = "z"
count = 0
[as."pr-*"]
env.B = "2"
services.web.health = "/up"
[as.pr-1]
env.B = "3"
services.web.count = 2
services.extra.command = "e"
[as.other]
services.web.count = 9
`;

test('a stage has one instance of each service, unless a section for it says otherwise', () => {
  const countsOf = (stage: string | null) =>
    Object.fromEntries(parse(STAGES, null, stage).services.map(({ name, count }) => [name, count]));
  assert.deepEqual(countsOf(null), { web: 4, worker: 'each', off: 0 });
  assert.deepEqual(countsOf('pr-2'), { web: 1, worker: 1, off: 0 });
  assert.deepEqual(countsOf('pr-1'), { web: 2, worker: 1, off: 0, extra: 1 });
  assert.deepEqual(countsOf('other'), { web: 9, worker: 1, off: 0 });
});

test('sections for a stage win key by key, later ones over earlier ones', () => {
  assert.deepEqual(parse(STAGES).env, { A: '1', B: '1' });
  assert.deepEqual(parse(STAGES, null, 'pr-2').env, { A: '1', B: '2' });
  assert.deepEqual(parse(STAGES, null, 'pr-1').env, { A: '1', B: '3' });
  const [web] = parse(STAGES, null, 'pr-1').services;
  assert.deepEqual([web?.health?.check, web?.health?.withinMs], [{ type: 'path', path: '/up' }, 9000]);
});

test('the deploy section has its values', () => {
  const { deploy } = parse(`[deploy]
build = "npm ci && npm run build"
cache = [".npm", ".next/cache/"]
needs = ["DATABASE_URL"]
shared = ["uploads/", "config/local.json"]
branch = "feature/x"
on = ["role=web"]
user = "app"
signed = true`);
  assert.deepEqual(deploy.build, { shell: 'npm ci && npm run build' });
  assert.deepEqual(deploy.cache, ['.npm', '.next/cache']);
  assert.deepEqual(deploy.shared, [
    { path: 'uploads', directory: true },
    { path: 'config/local.json', directory: false },
  ]);
  assert.deepEqual(
    [deploy.branch, deploy.user, deploy.signed, deploy.lfs],
    ['feature/x', 'app', true, false],
  );
  assert.deepEqual(deploy.on, [[{ label: 'role', value: 'web' }]]);
});
