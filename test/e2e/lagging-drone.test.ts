import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeIo, run } from '../cli/world.ts';
import { eventually, headOf, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
after(() => fleet.end());

async function fleetCommand(...argv: [string, ...string[]]): Promise<string> {
  const io = makeIo(fleet.dir);
  await run(io, ...argv, `--hub=${fleet.address}`, `--secret=${SECRET}`);
  return io.out;
}

test('a drone that lacks a commit says so, also to the next hub, until it has it', async () => {
  await fleet.startHub();
  const dir = join(fleet.dir, 'web1');
  const app = fleet.app('webapp', { Procfile: 'web: true\n' });
  const head = headOf(app);
  await fleet.startDrone('web1', { dir });
  const inTheWay = join(dir, 'repos');
  rmSync(inTheWay, { recursive: true, force: true });
  writeFileSync(inTheWay, '');
  const client = await fleet.connect();
  const { drones } = await client.deploy({ dir: app });
  assert.ok(drones['web1']);
  const lacks = new RegExp(`lacks webapp/${head.slice(0, 7)}: .+; tries again`);
  assert.match(await fleetCommand('ps'), new RegExp(`^drone#web1 \\(${lacks.source}\\)\n$`));
  assert.match(await fleetCommand('drones'), lacks);
  const [lag] = (await client.ps())['web1']?.lags ?? [];
  assert.deepEqual([lag?.repo, lag?.commit, lag?.retries], ['webapp', head, true]);
  const json = JSON.parse(await fleetCommand('ps', '--json'));
  assert.deepEqual(json.web1.lags, [lag]);

  await fleet.hub.close();
  await fleet.startHub();
  await eventually(async () => ((await client.ps())['web1']?.lags ?? []).length > 0, 'the next hub knows it');
  rmSync(inTheWay);
  await eventually(async () => ((await client.ps())['web1']?.lags ?? []).length === 0, 'it has caught up');
  assert.match(await fleetCommand('ps'), /^drone#web1\n$/);
});
