import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listProcesses } from '../../src/adapters/procfs.ts';
import type { Peer } from '../../src/adapters/rpc.ts';
import { Execs } from '../../src/drone/execs.ts';
import { eventually } from '../fixtures/local-fleet.ts';

const MARK = 'beadbeadbeadbead';
const running = () => listProcesses(`FLEET_RUN=${MARK}.`).filter(({ mark }) => mark !== null);
const request = {
  key: '0'.repeat(32),
  repo: 'webapp',
  commit: 'c'.repeat(40),
  command: ['sleep', '307'],
  env: {},
  cwd: null,
  stdin: false,
  window: 65_536,
};

test('an exec whose client went away while it was being started does not stay', async () => {
  let checkedOut = (_dir: string) => {};
  const checkout = new Promise<string>((resolve) => {
    checkedOut = resolve;
  });
  const told: string[] = [];
  const peer = {
    closed: new Promise(() => {}),
    notify: (method: string) => void told.push(method),
  } as unknown as Peer;
  const execs = new Execs({ mark: MARK, name: () => 'web1', checkout: () => checkout });
  const started = execs.start(peer, { ...request, id: 'abcdef' });
  execs.abandon('abcdef');
  checkedOut('/tmp');
  await started;
  await eventually(() => running().length === 0 && told.includes('exec.exit'), 'it is ended');
  assert.equal(execs.size, 0);
});
