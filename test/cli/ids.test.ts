import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkIds, missingIds } from '../../src/cli/ids.ts';
import type { Client } from '../../src/client/types.ts';
import { makeStatus } from './status.ts';

/** A client of a fleet in which one process runs, and how often it was asked. */
function makeClient(): Pick<Client, 'ps'> & { asked: number } {
  const processes = { '1e99f4': makeStatus({ repo: 'webapp' }) };
  const client = {
    asked: 0,
    ps: async () => {
      client.asked++;
      return { web1: { lost: null, processes }, idle: { lost: null, processes: {} } };
    },
  };
  return client;
}

test('ids are accepted in every form', async () => {
  const client = makeClient();
  await checkIds('stop', ['1e99f4', 'pid#1e99f4', '#d7048a', 'web1#d7048a'], client);
  assert.equal(client.asked, 0);
});

test('a drone, repository or commit instead of an id gets a hint with the right option', async () => {
  const cases: ['stop' | 'logs' | 'ps', string, string][] = [
    ['logs', 'web1', "'web1' is a drone, not a process; write: fleet logs --drone=web1"],
    ['ps', 'web1', "'web1' is a drone, not a process; write: fleet ps --drone=web1"],
    ['stop', 'idle', "'idle' is a drone, not a process; write: fleet stop --drone=idle --all"],
    ['stop', 'webapp', "'webapp' is a repository, not a process; write: fleet stop --repo=webapp"],
    ['stop', '1b8050f', "'1b8050f' is a commit, not a process; write: fleet stop --commit=1b8050f"],
    ['logs', 'nope', "'nope' is not a process; write an id like web1#1e99f4; fleet ps lists what runs"],
    [
      'logs',
      'toString',
      "'toString' is not a process; write an id like web1#1e99f4; fleet ps lists what runs",
    ],
    ['logs', '', "'' is not a process; write an id like web1#1e99f4; fleet ps lists what runs"],
  ];
  for (const [name, word, message] of cases)
    await assert.rejects(checkIds(name, ['1e99f4', word], makeClient()), { code: 'ENOPROCESS', message });
});

test('a caller who may not list the processes is still told that it is not an id', async () => {
  const ps = () => Promise.reject(new Error('not allowed'));
  await assert.rejects(checkIds('stop', ['web1'], { ps }), { message: /^'web1' is not a process;/ });
});

test('ids that nothing has are named without pid#', () => {
  const drones = { web1: { lost: null, processes: { '1e99f4': makeStatus() } } };
  const asked = ['1e99f4', 'pid#1e99f4', 'web1#1e99f4', 'web2#1e99f4', 'pid#d7048a', '#d7048b'];
  assert.deepEqual(missingIds(asked, drones), ['web2#1e99f4', 'd7048a', 'd7048b']);
});
