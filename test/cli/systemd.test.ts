import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Service, servicePaths, systemctlCalls, unitText } from '../../src/cli/systemd.ts';
import { makeDir, makeIo, run } from './world.ts';

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
};

test('a unit keeps the daemon up, and lets its processes live on without it', () => {
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

test('what systemd would read as something else is quoted', () => {
  const command = ['/bin/a', 'two words', '100%', '$HOME', 'say "hi"', 'back\\slash', "it's", ''];
  const unit = unitText({ ...SERVICE, command, dir: '/srv/50% off' });
  assert.ok(
    unit.includes('ExecStart=/bin/a "two words" 100%% $$HOME "say \\"hi\\"" "back\\\\slash" "it\'s" ""\n'),
    unit,
  );
  assert.ok(unit.includes('WorkingDirectory=/srv/50%% off\n'));
});

test('systemd finds nothing wrong with a unit', (t) => {
  if (spawnSync('systemd-analyze', ['--version']).error) return t.skip('there is no systemd-analyze here');
  const dir = makeDir(t);
  mkdirSync(join(dir, 'two words'));
  const services: [string, Service][] = [
    ['fleet-plain', { ...SERVICE, dir }],
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

test('units and secrets are where systemd and their owner look', () => {
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

test('install --print shows the unit, with the secret nowhere in it, and touches nothing', async (t) => {
  const dir = makeDir(t);
  const io = makeIo(dir, { PATH: '/opt/bin:/usr/bin' });
  assert.equal(
    await run(
      io,
      'drone',
      'install',
      '--print',
      '--user',
      '--hub=x:7000',
      '--secret=beepboop',
      '--name=web1',
    ),
    0,
  );
  const secret = join(dir, 'home/.config/fleet/fleet-drone.secret');
  const typed = `/usr/bin/node /usr/bin/fleet drone --hub=x:7000 --name=web1 --quiet --secret-file=${secret}`;
  assert.ok(io.out.includes(`ExecStart=${typed}\n`), io.out);
  assert.ok(io.out.includes(`WorkingDirectory=${dir}\n`));
  assert.ok(io.out.includes('Environment="PATH=/usr/bin:/opt/bin"\n'));
  assert.doesNotMatch(io.out, /beepboop/);
  assert.equal(existsSync(join(dir, 'home')), false);
});

test('a hub as a service keeps its options, with every path absolute', async (t) => {
  const dir = makeDir(t);
  const io = makeIo(dir, { PATH: '/usr/bin' });
  writeFileSync(join(dir, 'secret'), 'beepboop\n');
  const file = `--secret-file=${join(dir, 'secret')}`;
  await run(io, 'hub', 'install', '--print', '7001', '--cert=c.pem', '--key=k.pem', file);
  const typed = `hub --port=7001 --cert=${dir}/c.pem --key=${dir}/k.pem ${file}`;
  assert.ok(io.out.includes(`ExecStart=/usr/bin/node /usr/bin/fleet ${typed}\n`), io.out);
});

test('what is not installed cannot be uninstalled', async (t) => {
  const io = makeIo(makeDir(t));
  await assert.rejects(run(io, 'hub', 'uninstall', '--user'), {
    code: 'ECONFIG',
    message: /nothing to uninstall/,
  });
});
