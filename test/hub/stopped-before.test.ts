import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stoppedBefore } from '../../src/hub/stopped-before.ts';
import type { ClientAnswers } from '../../src/protocol/client-calls.ts';
import { directoryOf } from '../fixtures/fake-connection.ts';
import { report } from '../fixtures/fake-drone.ts';

/** A hub whose drones remember that they have stopped these. */
function remembering(stopped: Record<'d1' | 'd2', string[]>) {
  const { directory, drones } = directoryOf({ d1: [report('aaaaaa')], d2: [] });
  for (const name of ['d1', 'd2'] as const)
    drones[name].connection.answer = (_, { ids }) => ({
      stopped: (ids as string[]).filter((id) => stopped[name].includes(id)),
      killed: [],
      errors: {},
    });
  return { directory, drones };
}

test('what a drone remembers to have stopped is not unknown, however it was named', async () => {
  const { directory } = remembering({ d1: ['000001'], d2: ['000002'] });
  const found: ClientAnswers['stop']['drones'] = { d1: { stopped: ['000009'], killed: [], errors: {} } };
  assert.deepEqual(await stoppedBefore(directory, ['000001', 'd2#000002', '000003'], found), ['000003']);
  assert.deepEqual(found, {
    d1: { stopped: ['000009', '000001'], killed: [], errors: {} },
    d2: { stopped: ['000002'], killed: [], errors: {} },
  });
});

test('a drone is asked only for what may be there, and never for what runs', async () => {
  const { directory, drones } = remembering({ d1: ['aaaaaa'], d2: ['000002'] });
  assert.deepEqual(await stoppedBefore(directory, ['aaaaaa', 'd1#000002'], {}), ['aaaaaa', 'd1#000002']);
  assert.deepEqual(
    drones.d1.connection.ordered.map(([, { ids }]) => ids),
    [['000002']],
  );
  assert.deepEqual(drones.d2.connection.ordered, []);
});

test('a drone that does not answer leaves its ids unknown', async () => {
  const { directory, drones } = remembering({ d1: ['000001'], d2: ['000001'] });
  drones.d1.connection.answer = () => {
    throw new Error('lost');
  };
  const found: ClientAnswers['stop']['drones'] = {};
  assert.deepEqual(await stoppedBefore(directory, ['d1#000001'], found), ['d1#000001']);
  assert.deepEqual(found, {});
});
