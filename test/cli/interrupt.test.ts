import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { endOnInterrupt } from '../../src/cli/interrupt.ts';

function interrupted(t: TestContext, kill: () => Promise<void>) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const done: string[] = [];
  let interrupt = () => {};
  const exec = {
    kill: (signal?: string) => {
      done.push(`kill ${signal}`);
      return kill();
    },
  };
  endOnInterrupt(exec, {
    onSignal: (_, act) => {
      interrupt = act;
    },
    dieOf: (signal) => void done.push(`die of ${signal}`) as never,
  });
  return { done, interrupt: () => interrupt() };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('Ctrl-C reaches the process, and then this program, also if the hub is gone', async (t) => {
  for (const kill of [() => Promise.resolve(), () => Promise.reject(new Error('lost'))]) {
    const { done, interrupt } = interrupted(t, kill);
    interrupt();
    await turn();
    assert.deepEqual(done, ['kill SIGINT', 'die of SIGINT']);
    t.mock.timers.reset();
  }
});

test('if nothing answers, it ends all the same, after a moment or at the second Ctrl-C', (t) => {
  const { done, interrupt } = interrupted(t, () => new Promise(() => {}));
  interrupt();
  assert.deepEqual(done, ['kill SIGINT']);
  interrupt();
  assert.deepEqual(done, ['kill SIGINT', 'die of SIGINT']);
  t.mock.timers.tick(500);
  assert.equal(done.length, 3);
});
