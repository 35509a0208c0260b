import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/hub/access/principal.ts';
import { KnownDrone } from '../../src/hub/drones/known-drone.ts';
import { spareInstances } from '../../src/hub/owned.ts';
import { EVERYTHING, type Selection, selectProcesses } from '../../src/hub/selection.ts';
import { report } from '../fixtures/fake-drone.ts';

const of = (app: string, service: string, slot: number) => ({
  instance: { app, service, slot, release: 1, port: null, state: 'ready', why: null },
});

const web1 = new KnownDrone('web1', 'web1');
web1.know(report('4be001', of('webapp', 'web', 1)));
web1.know(report('4be002', of('webapp', 'web', 2)));
web1.know(report('4be003', of('webapp@pr-12', 'worker', 1)));
web1.know(report('000004'));

function spared(how: 'stop' | 'restart' | 'change', given: Partial<Selection>) {
  const select = { ...EVERYTHING, ...given };
  const { byDrone } = selectProcesses([web1], select, { repo: null } as Principal);
  const { leftAlone, refused, byDrone: rest } = spareInstances(how, [web1], byDrone, select);
  return { ids: rest.get('web1') ?? [], leftAlone, refused: refused.get('web1') ?? {} };
}

const ids = (...all: string[]) => ({ ids: all.map((id) => ({ drone: null, id })) });

test('a stop of everything leaves the instances of apps alone, and counts them by app', () => {
  for (const how of ['stop', 'restart'] as const)
    assert.deepEqual(spared(how, { drones: ['web1'] }), {
      ids: ['000004'],
      leftAlone: { webapp: 2, 'webapp@pr-12': 1 },
      refused: {},
    });
});

test('a stop of an instance by id is refused, with what to do instead', () => {
  const { refused, ...rest } = spared('stop', ids('4be001', '4be003', '000004'));
  assert.deepEqual(rest, { ids: ['000004'], leftAlone: {} });
  assert.deepEqual(refused, {
    '4be001': {
      code: 'EINSTANCE',
      message:
        '4be001 is web.1 of webapp, which would start another; fleet restart 4be001, fleet scale web=1 or fleet down; --force stops it all the same',
    },
    '4be003': {
      code: 'EINSTANCE',
      message:
        '4be003 is worker.1 of webapp@pr-12, which would start another; fleet restart 4be003, fleet scale --as=pr-12 worker=0 or fleet down --as=pr-12; --force stops it all the same',
    },
  });
});

test('a restart takes the instances that it names by id, service or stage', () => {
  for (const [select, expected] of [
    [ids('4be001'), ['4be001']],
    [{ service: 'web' }, ['4be001', '4be002']],
    [{ stage: 'pr-12' }, ['4be003']],
  ] as const)
    assert.deepEqual(spared('restart', select as Partial<Selection>), {
      ...{ ids: expected, leftAlone: {}, refused: {} },
    });
});

test('a restart that changes the environment is refused by instances, however they are named', () => {
  const { refused, ...rest } = spared('change', ids('4be001', '4be003', '000004'));
  assert.deepEqual(rest, { ids: ['000004'], leftAlone: {} });
  assert.equal(
    refused['4be001']?.message,
    '4be001 is web.1 of webapp, whose environment it has; fleet env set changes that',
  );
  assert.match(refused['4be003']?.message ?? '', /fleet env set --as=pr-12 changes that$/);
  assert.deepEqual(spared('change', { service: 'web' }).leftAlone, { webapp: 2 });
});
