import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppParts } from '../../../src/hub/apps/parts.ts';
import { Telling } from '../../../src/hub/apps/telling.ts';
import type { Instance } from '../../../src/hub/apps/world.ts';
import { makeApp, makeDrone, makeInstance, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const FILE = fileOf({ toml: '[services.web]\ncommand = "x"\ncount = 2\n' });

/** An app whose release 1 is live and whose release 2 is under way, and what is told of it. */
function telling(underWay: number | null = 2) {
  const said: string[] = [];
  const add = ({ type, ...event }: Record<string, unknown>) =>
    said.push(
      type === 'instance'
        ? `web.${event['slot']} v${event['release']} ${event['state']}`
        : `v${event['release']} ${event['state']} ${event['why']}`,
    );
  const app = makeApp([makeRelease(1, { state: 'live' }), makeRelease(2)], { live: 1, underWay });
  const states = { ofInstance: () => null };
  const parts = { events: { add }, states, fileOf: () => FILE } as unknown as AppParts;
  const told = new Telling(app, parts);
  const look = async (instances: Instance[], isConnected = true) => {
    told.instances(makeWorld([makeDrone('d1', { isConnected }), makeDrone('d2')], instances));
    await told.settled();
    return said.splice(0);
  };
  return { app, told, look, said };
}

const OLD = makeInstance(1, 1, { drone: 'd1', id: 'a1' });
const NEW = makeInstance(2, 2, { drone: 'd1', id: 'b2' });
const STARTING = { ...NEW, state: 'starting', isGood: false } as const;

test('what an instance becomes is told once', async () => {
  const { look } = telling();
  await look([]);
  assert.deepEqual(await look([STARTING]), ['web.2 v2 starting']);
  assert.deepEqual(await look([STARTING]), []);
  assert.deepEqual(await look([NEW]), ['web.2 v2 ready']);
  assert.deepEqual(await look([{ ...NEW, isLeaving: true }]), ['web.2 v2 leaving']);
  assert.deepEqual(await look([]), ['web.2 v2 gone']);
});

test('a drone that comes back brings nothing new, but what has changed meanwhile', async () => {
  const { look } = telling();
  await look([]);
  await look([OLD, STARTING]);
  assert.deepEqual(await look([], false), []);
  assert.deepEqual(await look([OLD, NEW]), ['web.2 v2 ready']);
});

test('what a drone brings along is checked anew, which is told only if it is no good', async () => {
  const { look } = telling();
  await look([OLD]);
  await look([], false);
  const checked = { ...OLD, state: 'starting', isGood: false } as const;
  assert.deepEqual(await look([checked]), []);
  assert.deepEqual(await look([checked]), []);
  assert.deepEqual(await look([OLD]), []);
  const bad = { ...OLD, state: 'not-ready', isGood: false } as const;
  assert.deepEqual(await look([bad]), ['web.1 v1 not-ready']);
  assert.deepEqual(await look([OLD]), ['web.1 v1 ready']);
  await look([], false);
  assert.deepEqual(await look([checked]), []);
  assert.deepEqual(await look([bad]), ['web.1 v1 not-ready']);
  assert.deepEqual(await look([{ ...OLD, isLeaving: true }]), ['web.1 v1 leaving']);
});

test('a hub that starts repeats what is of the release under way: the one before it may not have told it', async () => {
  assert.deepEqual(await telling().look([OLD, NEW]), ['web.2 v2 ready']);
  assert.deepEqual(await telling(null).look([OLD, NEW]), []);
  const late = telling();
  assert.deepEqual(await late.look([], false), []);
  assert.deepEqual(
    await late.look([OLD, NEW]),
    ['web.2 v2 ready'],
    'a drone that connects later than others',
  );
});

test('what is told later is told of the release that is live then, for as long as it takes', async () => {
  const { told, said } = telling();
  const late = { ...NEW, isGood: false, state: 'starting' } as const;
  told.whenSettled(() => makeRelease(2, { state: 'scaled' }), 60_000);
  assert.equal(told.isAwaited, true);
  told.settle(makeWorld([makeDrone('d1')], [late]), false);
  await told.settled();
  assert.deepEqual(said, [], 'there is still time');
  told.settle(makeWorld([makeDrone('d1')], [NEW]), true);
  told.whenSettled(() => makeRelease(2, { state: 'scaled' }), -1);
  told.settle(makeWorld([makeDrone('d1')], [late]), false);
  await told.settled();
  assert.deepEqual(said, ['v2 scaled null', 'v2 scaled web.2 is starting']);
});
