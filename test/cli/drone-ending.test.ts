import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOnSignal, interruptText } from '../../src/cli/drone-ending.ts';
import { makeIo } from './world.ts';

/** A drone with two processes, the signals that it is sent, and what it does then. */
function makeDrone() {
  const io = makeIo('/');
  const handlers = new Map<NodeJS.Signals, () => void>();
  const did: string[] = [];
  const drone = {
    running: 2,
    stopAll: async (grace: number) => void did.push(`stop all within ${grace} ms`),
  };
  const end = async () => void did.push('end');
  const ended = endOnSignal(drone, end, {
    ...io,
    onSignal: (signal, handler) => void handlers.set(signal, handler),
    dieOf: (signal) => void did.push(`die of ${signal}`),
  });
  return { io, did, ended, send: (signal: NodeJS.Signals) => handlers.get(signal)?.() };
}

test('SIGTERM and SIGHUP end a drone in the way that its caller chose for the processes', async () => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const { did, ended, io, send } = makeDrone();
    send(signal);
    await ended;
    assert.deepEqual([did, io.err], [['end'], '']);
  }
});

test('Ctrl-C stops the processes and prints how many; a second one leaves them running', async () => {
  const { did, ended, io, send } = makeDrone();
  send('SIGINT');
  await ended;
  assert.deepEqual(did, ['stop all within 5000 ms']);
  assert.equal(io.err, 'stopping 2 processes; press Ctrl-C again to leave them running\n');
  send('SIGINT');
  assert.deepEqual(did, ['stop all within 5000 ms', 'die of SIGINT']);
  assert.equal(interruptText(1), 'stopping 1 process; press Ctrl-C again to leave it running');
});
