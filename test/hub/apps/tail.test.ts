import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTail } from '../../../src/hub/apps/tail.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { directoryOf } from '../../fixtures/fake-connection.ts';

test('the last lines of a log are asked of its drone', async () => {
  const { directory, drones } = directoryOf({ d1: [] });
  drones.d1.connection.answer = () => ({ from: 0, to: 4, start: 0, end: 4, dropped: 0, times: [] });
  drones.d1.connection.body = '\none\n\ntwo\n\n';
  assert.deepEqual(await readTail(directory, 'd1', '4be001'), ['', 'one', '', 'two']);
  const [[method, params] = []] = drones.d1.connection.ordered;
  assert.deepEqual(
    [method, params?.['id'], params?.['at']],
    ['logs.read', '4be001', { kind: 'tail', lines: 20 }],
  );
  drones.d1.connection.body = '\n';
  assert.deepEqual(await readTail(directory, 'd1', '4be001'), [], 'nothing was printed');
});

test('a log that cannot be read has no lines', async () => {
  const { directory, drones } = directoryOf({ d1: [] });
  drones.d1.connection.answer = () => {
    throw new FleetError('ENOPROCESS', 'no log');
  };
  assert.deepEqual(await readTail(directory, 'd1', '4be001'), []);
  assert.deepEqual(await readTail(directory, 'd2', '4be001'), []);
});
