import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Service, servicePaths, systemctlCalls, unitText } from '../../src/cli/systemd.ts';
import { makeDir } from './world.ts';

const SERVICE: Service = {
  unit: 'fleet-drone',
  description: 'fleet drone in /srv/d0',
  dir: '/srv/d0',
  command: [
    process.execPath,
    '/usr/bin/fleet',
    'drone',
    '--hub=x:7000',
    '--secret-file=/etc/fleet/fleet-drone.secret',
  ],
  path: '/usr/local/bin:/usr/bin',
  scope: 'system',
  daemon: 'drone',
  user: { uid: 1000, name: 'ada' },
};

test('a unit keeps the daemon up, and lets its processes survive it', () => {
  const lines = unitText(SERVICE).split('\n');
  for (const line of [
    'WorkingDirectory=/srv/d0',
    `ExecStart=${SERVICE.command.join(' ')}`,
    'Environment="PATH=/usr/local/bin:/usr/bin"',
    'Restart=always',
    'KillMode=process',
    'WantedBy=multi-user.target',
  ])
    assert.ok(lines.includes(line), line);
  assert.match(unitText({ ...SERVICE, scope: 'user' }), /^WantedBy=default\.target$/m);
});

test('a service of the system runs as its user, and a hub is confined to what it needs', () => {
  const linesOf = (service: Partial<Service>) => unitText({ ...SERVICE, ...service }).split('\n');
  const confined = ['NoNewPrivileges=true', 'MemoryMax=75%', 'ProtectSystem=full', 'PrivateTmp=true'];
  const bind = 'AmbientCapabilities=CAP_NET_BIND_SERVICE';
  const has = (lines: string[], wanted: string[]) => wanted.filter((line) => lines.includes(line));
  assert.deepEqual(has(linesOf({}), [...confined, bind]), [], 'what a drone runs may need anything');
  assert.ok(linesOf({}).includes('User=ada'));
  const hub = linesOf({ daemon: 'hub' });
  assert.deepEqual(has(hub, [...confined, bind]), [...confined, bind]);
  assert.ok(hub.includes('ReadWritePaths="/srv/d0"'));
  const root = linesOf({ daemon: 'hub', user: { uid: 0, name: 'root' } });
  assert.deepEqual(has(root, ['User=root', bind]), ['User=root']);
  for (const where of [{ dir: '/tmp/hub' }, { command: ['fleet', '--cert=/var/tmp/cert.pem'] }])
    assert.ok(!linesOf({ daemon: 'hub', ...where }).includes('PrivateTmp=true'));
  const own = linesOf({ daemon: 'hub', scope: 'user', user: null });
  assert.deepEqual(
    own.filter((line) => /^(User|NoNew|Memory|Protect|Private|Restrict|ReadWrite)/.test(line)),
    ['NoNewPrivileges=true', 'MemoryMax=75%'],
  );
});

test('the memory of what a drone runs is not limited with it, and a process that runs out ends alone', () => {
  for (const scope of ['system', 'user'] as const) {
    const lines = unitText({ ...SERVICE, scope }).split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('Memory')),
      [],
    );
    for (const line of ['OOMPolicy=continue', 'KillMode=process']) assert.ok(lines.includes(line), line);
  }
});

test('text that systemd would interpret is quoted', () => {
  const command = ['/bin/a', 'two words', '100%', '$HOME', 'say "hi"', 'back\\slash', "it's", ''];
  const unit = unitText({ ...SERVICE, command, dir: '/srv/50% off' });
  assert.ok(
    unit.includes('ExecStart=/bin/a "two words" 100%% $$HOME "say \\"hi\\"" "back\\\\slash" "it\'s" ""\n'),
    unit,
  );
  assert.ok(unit.includes('WorkingDirectory=/srv/50%% off\n'));
});

test('a proxy is confined as a hub is, and listens below 1024 without being root', () => {
  const lines = unitText({ ...SERVICE, daemon: 'proxy', user: { uid: 1000, name: 'edge' } }).split('\n');
  const bind = 'CAP_NET_BIND_SERVICE';
  for (const line of ['User=edge', `AmbientCapabilities=${bind}`, 'ProtectSystem=full', 'MemoryMax=50%'])
    assert.ok(lines.includes(line), line);
});

test('systemd accepts the unit without complaints', (t) => {
  if (spawnSync('systemd-analyze', ['--version']).error) return t.skip('there is no systemd-analyze here');
  const dir = makeDir(t);
  mkdirSync(join(dir, 'two words'));
  const services: [string, Service][] = [
    ['fleet-plain', { ...SERVICE, dir, user: { uid: 0, name: 'root' } }],
    ['fleet-hub', { ...SERVICE, dir, daemon: 'hub', user: { uid: 0, name: 'root' } }],
    ['fleet-proxy', { ...SERVICE, dir, daemon: 'proxy', user: { uid: 1, name: 'daemon' } }],
    ['fleet-own', { ...SERVICE, dir, daemon: 'hub', scope: 'user', user: null }],
    ['fleet-odd', { ...SERVICE, dir: join(dir, 'two words'), command: [process.execPath, 'a b', '$x', '%'] }],
  ];
  for (const [unit, service] of services) {
    const file = join(dir, `${unit}.service`);
    writeFileSync(file, unitText(service));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    assert.deepEqual(
      [status, stdout, stderr.split('\n').filter((line) => line.includes(unit))],
      [0, '', []],
      unit,
    );
  }
});

test('units and secrets are where systemd and their owner expect them', () => {
  assert.deepEqual(servicePaths('fleet-hub', 'system', {}), {
    unit: '/etc/systemd/system/fleet-hub.service',
    secret: '/etc/fleet/fleet-hub.secret',
  });
  assert.deepEqual(servicePaths('fleet-hub', 'user', { HOME: '/h' }), {
    unit: '/h/.config/systemd/user/fleet-hub.service',
    secret: '/h/.config/fleet/fleet-hub.secret',
  });
  for (const call of Object.values(systemctlCalls('fleet-hub', 'user')).flat())
    assert.equal(call[0], '--user');
  for (const call of Object.values(systemctlCalls('fleet-hub', 'system')).flat())
    assert.notEqual(call[0], '--user');
});
