import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filtered } from '../../src/client/filter.ts';
import type { ProcessStatus } from '../../src/protocol/process.ts';

const process = (repo: string, commit: string): ProcessStatus => ({
  status: 'running',
  repo,
  commit: commit.repeat(40),
  command: ['node'],
  restarts: 0,
  lastExit: null,
  pid: 1,
  uptime: 0,
  respawnIn: 0,
});
const drones = {
  web1: { lost: null, processes: { '00000a': process('webapp', 'a'), '00000b': process('stats', 'b') } },
  web2: { lost: 7, processes: { '00000a': process('webapp', 'b') } },
};
const idsOf = (filter: Parameters<typeof filtered>[1], names: string[] | null = null) =>
  Object.fromEntries(
    Object.entries(filtered(drones, filter, names)).map(([name, one]) => [name, Object.keys(one.processes)]),
  );

test('the answer of a hub that does not select is filtered at the client', () => {
  assert.equal(filtered(drones, {}, null), drones);
  assert.deepEqual(idsOf({ repo: 'webapp' }), { web1: ['00000a'], web2: ['00000a'] });
  assert.deepEqual(idsOf({ commit: 'bbb' }), { web1: ['00000b'], web2: ['00000a'] });
  assert.deepEqual(idsOf({ ids: ['web2#00000a', 'pid#00000b'] }), { web1: ['00000b'], web2: ['00000a'] });
  assert.deepEqual(idsOf({ repo: 'webapp' }, ['web2']), { web2: ['00000a'] });
  assert.equal(filtered(drones, { repo: 'webapp' }, ['web2'])['web2']?.lost, 7);
});
