import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppFile } from '../../../src/app-file/app-file.ts';
import type { AppService } from '../../../src/hub/apps/apps.ts';
import { buildDeployed } from '../../../src/hub/apps/build-deployed.ts';
import { ALONE } from '../../../src/hub/apps/leader.ts';
import type { Prepared } from '../../../src/hub/apps/world.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { makeApp, makeDrone, makeWorld } from './records.ts';

const file = { toml: '[services.web]\ncommand = "web"\n', procfile: null, stage: null };
const COMMIT = { repo: 'webapp', commit: 'c'.repeat(40), drones: null };

/** A hub whose drones get this far with a build; `read` throws what is wrong with the commit. */
function building(ends: Record<string, Prepared>, read: () => unknown = () => file) {
  const prepared: string[] = [];
  const world = makeWorld(
    Object.keys(ends).map((name) => makeDrone(name)),
    [],
    {
      prepared: (drone) => ends[drone] ?? null,
    },
  );
  const conductor = { app: makeApp([]), world, errands: { prepare: (name: string) => prepared.push(name) } };
  const parts = {
    source: { read: async () => read() },
    fileOf: () => parseAppFile(file),
    directory: { lost: () => ({}) },
  };
  const service = {
    apps: { take: async () => conductor, find: () => conductor },
    leader: ALONE,
    parts,
  } as unknown as AppService;
  return { service, prepared };
}

test('an app is built where it was deployed, and a build that has failed is the error of its drone', async () => {
  const { service, prepared } = building({
    d1: 'ready',
    d2: { why: 'exited with code 2' },
    d3: { why: 'no npm' },
  });
  const own = { code: 'EGIT', message: 'no disk' };
  const { drones, isApp } = await buildDeployed(service, COMMIT, { drones: { d1: null, d2: null, d3: own } });
  assert.deepEqual(prepared, ['d1', 'd2', 'd3']);
  assert.equal(isApp, true);
  assert.deepEqual([drones['d1'], drones['d2']?.message], [null, 'exited with code 2']);
  assert.equal(drones['d3'], own, 'what went wrong first is what is said');
});

for (const code of ['ECONFIG', 'EBUSY'] as const) {
  test(`a commit that cannot be built because of ${code} is deployed all the same`, async () => {
    const { service, prepared } = building({ d1: 'ready' }, () => {
      throw new FleetError(code, 'no');
    });
    const deployed = { drones: { d1: null } };
    assert.equal(await buildDeployed(service, COMMIT, deployed), deployed);
    assert.deepEqual(prepared, []);
  });
}

test('any other error is one', async () => {
  const { service } = building({ d1: 'ready' }, () => {
    throw new FleetError('EIO', 'no disk');
  });
  await assert.rejects(buildDeployed(service, COMMIT, { drones: { d1: null } }), { code: 'EIO' });
});
