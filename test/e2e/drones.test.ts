import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../../src/index.ts';
import { makeIo, run } from '../cli/world.ts';
import { eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
let client: Client;
before(async () => {
  await fleet.startHub();
  await fleet.startDrone('web1', { labels: { role: 'web' } });
  client = await fleet.connect();
});
after(() => fleet.end());

async function fleetCommand(name: string, ...argv: string[]) {
  const io = makeIo(fleet.dir);
  const status = await run(io, name, ...argv, `--hub=${fleet.address}`, `--secret=${SECRET}`);
  return { status, out: io.out, err: io.err };
}

const names = async () => (await client.drones()).map(({ name }) => name);

test('drones are listed, and a lost one is forgotten for good, also by the next hub', async () => {
  const gone = await fleet.startDrone('web2');
  await assert.rejects(fleetCommand('drones', 'rm', 'web2'), { code: 'ENODRONE', message: /is connected/ });
  await gone.close();
  await eventually(async () => (await client.drones()).some(({ lost }) => lost !== null), 'web2 is lost');
  const [first = '', second = ''] = (await fleetCommand('drones')).out.split('\n');
  assert.match(
    first,
    /^web1 +\S+ +role=web +127\.0\.0\.1 +load \d+\.\d\d +mem \S+\/\S+ +disk \S+\/\S+ +0 processes$/,
  );
  assert.match(second, /^web2 .* lost \d+s$/);
  const [json] = JSON.parse((await fleetCommand('drones', '--json')).out) as Record<string, unknown>[];
  assert.deepEqual(Object.keys((json?.['disk'] ?? {}) as object), ['used', 'total']);
  assert.deepEqual(await fleetCommand('drones', 'rm', 'web2'), { status: 0, out: '', err: '' });
  assert.deepEqual(await names(), ['web1']);
  await assert.rejects(fleetCommand('drones', 'rm', 'web2'), {
    code: 'ENODRONE',
    message: /there is no drone/,
  });
  await fleet.hub.close();
  await fleet.startHub();
  await eventually(async () => (await names()).length > 0, 'the drones are known again');
  assert.deepEqual(await names(), ['web1']);
});

test('--drone=KEY=VALUE selects by label, in each command that takes --drone', async () => {
  const dir = fleet.app('webapp', { 'a.txt': '' });
  await fleet.startDrone('db', { labels: { role: 'db' } });
  await client.deploy({ dir });
  const command = ['sh', '-c', 'echo hello; exec sleep 300'];
  const { drones } = await client.spawn({ dir, command, drones: ['role=web'] });
  assert.deepEqual(Object.keys(drones), ['web1']);
  assert.deepEqual(Object.keys(await client.ps({ drones: ['role=web'] })), ['web1']);
  const line = await eventually(async () => {
    const { out } = await fleetCommand('logs', '--drone=role=web');
    return out;
  }, 'the line is logged');
  assert.match(line, /hello\n$/);
  await assert.rejects(fleetCommand('logs', '--drone=role=x'), {
    code: 'ENODRONE',
    message: /no drone has the label role=x/,
  });
  assert.equal((await fleetCommand('stop', '--drone=role=web', '--all')).status, 0);
  assert.deepEqual(
    Object.keys((await client.ps({ drones: ['role=web'] }))['web1']?.processes ?? { left: 1 }),
    [],
  );
});

test('fleet label wins over what a drone says, also after a restart of drone and hub, until it is taken back', async () => {
  const labels = async () =>
    (await client.drones()).find(({ name, lost }) => name === 'web3' && lost === null)?.labels;
  const start = () => fleet.startDrone('web3', { labels: { role: 'own', zone: 'a' } });
  let drone = await start();
  assert.equal((await fleetCommand('label', 'web3', 'role=given', 'x=1')).status, 0);
  assert.deepEqual(await labels(), { role: 'given', zone: 'a', x: '1' });
  const own = await fleetCommand('label', 'web3', 'zone-');
  assert.deepEqual([own.status, own.out], [0, 'web3: role=given x=1 zone=a\n']);
  assert.equal(own.err, 'zone=a is what web3 itself was started with; start it without that --label\n');
  await drone.close();
  await fleet.hub.close();
  await fleet.startHub();
  drone = await start();
  const back = await eventually(labels, 'web3 is back');
  assert.deepEqual(back, { role: 'given', zone: 'a', x: '1' });
  assert.equal((await fleetCommand('label', 'web3', 'role-', 'x-')).status, 0);
  assert.deepEqual(await labels(), { role: 'own', zone: 'a' });
  await assert.rejects(fleetCommand('label', 'nope', 'a=b'), { code: 'ENODRONE' });
  await assert.rejects(fleetCommand('label', 'web3', 'wrong'), { code: 'EUSAGE' });
});

test('only administrators forget a drone', async () => {
  const limited = await fleet.connect(
    await client.tokenCreate({ name: 'ci', can: ['read', 'deploy', 'exec'] }),
  );
  await assert.rejects(limited.droneForget('web1'), { code: 'EFORBIDDEN' });
});
