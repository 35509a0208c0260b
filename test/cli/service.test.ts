import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { secretPath, serviceOf, serviceOptions } from '../../src/cli/service.ts';
import { argumentsOf, makeDir, makeIo, run } from './world.ts';

/** What runs before the drone's Node, which would raise the limit. */
const SHELL = ['/bin/sh', '-c', 'export FLEET_OPEN_FILES="$(ulimit -S -n)"; exec "$0" "$@"'];

test('a service starts with the typed options, except those that only concern the installation', () => {
  const values = { name: ['web1'], secret: ['s'], user: [], print: [], unit: ['mine'], quiet: [] };
  const args = new Arguments('install', [], new Map(Object.entries(values)));
  assert.deepEqual(serviceOptions(args), ['--name=web1', '--quiet']);
  const io = {
    ...makeIo('/srv/d0', { PATH: '/bin::/usr/bin:/bin' }),
    self: ['/opt/node/bin/node', '/opt/fleet'] as const,
  };
  assert.deepEqual(serviceOf('drone', ['--name=web1'], '/etc/s', args, io), {
    unit: 'mine',
    daemon: 'drone',
    user: null,
    description: 'fleet drone in /srv/d0',
    dir: '/srv/d0',
    command: [...SHELL, '/opt/node/bin/node', '/opt/fleet', 'drone', '--name=web1', '--secret-file=/etc/s'],
    path: '/opt/node/bin:/bin:/usr/bin',
    scope: 'user',
  });
  const bad = argumentsOf({ unit: '../x' });
  assert.throws(() => serviceOf('hub', [], undefined, bad, io), { code: 'EUSAGE' });
});

test('the secret is in the named file, or in one of the service, or nowhere', () => {
  const io = makeIo('/');
  assert.equal(secretPath('hub', 's', argumentsOf({ 'secret-file': 'mine' }), io), 'mine');
  assert.equal(secretPath('hub', 's', argumentsOf({}), io), '/etc/fleet/fleet-hub.secret');
  assert.equal(secretPath('hub', undefined, argumentsOf({}), io), undefined);
});

test('install --print shows the unit without the secret, and changes nothing', async (t) => {
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
  const shell = '/bin/sh -c "export FLEET_OPEN_FILES=\\"$$(ulimit -S -n)\\"; exec \\"$$0\\" \\"$$@\\""';
  const typed = `${shell} /usr/bin/node /usr/bin/fleet drone --hub=x:7000 --name=web1 --quiet --secret-file=${secret}`;
  assert.ok(io.out.includes(`ExecStart=${typed}\n`), io.out);
  assert.ok(io.out.includes(`WorkingDirectory=${dir}\n`));
  assert.ok(io.out.includes('Environment="PATH=/usr/bin:/opt/bin"\n'));
  assert.doesNotMatch(io.out, /beepboop/);
  assert.equal(existsSync(join(dir, 'home')), false);
});

test('a drone that joins by an invitation is started with neither that nor a secret', async (t) => {
  const dir = makeDir(t);
  const io = makeIo(dir, { PATH: '/usr/bin', FLEET_SECRET: 'beepboop' });
  await run(io, 'drone', 'install', '--print', '--user', '--hub=x:7000', '--join=fleet_abc', '--name=web1');
  assert.match(io.out, /fleet drone --hub=x:7000 --name=web1 --quiet\n/);
  assert.doesNotMatch(io.out, /beepboop|fleet_abc|secret|join/);
  assert.equal(existsSync(join(dir, 'invitation')), false, 'and --print changes nothing');
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

test('a proxy as a service keeps its options, and reads renewed certificates', async (t) => {
  const dir = makeDir(t);
  const io = makeIo(dir, { PATH: '/usr/bin' });
  await run(
    io,
    'proxy',
    'install',
    '--print',
    '--hub=x:7000',
    '--secret=beepboop',
    '--tls',
    '--cert=c',
    '--key=k',
  );
  const typed = 'proxy --hub=x:7000 --tls=:443 --cert=c --key=k --secret-file=/etc/fleet/fleet-proxy.secret';
  for (const line of [
    `ExecStart=/usr/bin/node /usr/bin/fleet ${typed}`,
    'ExecReload=/bin/kill -HUP $MAINPID',
  ])
    assert.ok(io.out.split('\n').includes(line), `${line}: ${io.out}`);
  const own = makeIo(dir, { PATH: '/usr/bin' });
  await run(own, 'proxy', 'install', '--print', '--user', '--hub=x:7000', '--secret=beepboop');
  assert.doesNotMatch(own.out, /^User=|Capabilit/m);
});

test('a service that is not installed cannot be uninstalled', async (t) => {
  const io = makeIo(makeDir(t));
  await assert.rejects(run(io, 'hub', 'uninstall', '--user'), {
    code: 'ECONFIG',
    message: /nothing to uninstall/,
  });
});
