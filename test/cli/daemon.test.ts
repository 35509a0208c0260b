import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { becomeDaemon, giveBackAfterStart, untilSignal } from '../../src/cli/daemon.ts';
import { makeIo } from './world.ts';

test("a daemon hides its secret from the machine's ps, and survives closed output", () => {
  const did: string[] = [];
  const args = new Arguments(
    '',
    ['7000'],
    new Map([
      ['secret', ['beepboop']],
      ['host', ['::1']],
      ['tls', []],
    ]),
  );
  becomeDaemon('hub', args, {
    ...makeIo('/'),
    outliveReaders: () => void did.push('outlives'),
    setTitle: (title) => void did.push(title),
  });
  assert.deepEqual(did, ['outlives', 'fleet hub 7000 --host=::1 --tls']);
});

test('the first signal ends the daemon gracefully, and the second one at once', async () => {
  const handlers = new Map<NodeJS.Signals, () => void>();
  const died: NodeJS.Signals[] = [];
  const first = untilSignal(['SIGTERM', 'SIGINT'], {
    ...makeIo('/'),
    onSignal: (signal, handler) => void handlers.set(signal, handler),
    dieOf: (signal) => void died.push(signal),
  });
  assert.deepEqual([...handlers.keys()], ['SIGTERM', 'SIGINT']);
  handlers.get('SIGINT')?.();
  assert.equal(await first, 'SIGINT');
  assert.deepEqual(died, []);
  handlers.get('SIGTERM')?.();
  assert.deepEqual(died, ['SIGTERM']);
});

test('a daemon gives back memory once, when it has started', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let times = 0;
  giveBackAfterStart({
    ...makeIo('/'),
    giveBackMemory: async () => {
      times++;
    },
  });
  assert.equal(times, 0);
  t.mock.timers.tick(60_000);
  assert.equal(times, 1);
});
