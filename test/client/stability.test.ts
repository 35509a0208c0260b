import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Link } from '../../src/client/link.ts';
import { notRunning, restarted, untilStable } from '../../src/client/stability.ts';
import type { DroneStatus, ProcessStatus } from '../../src/protocol/process.ts';

const LONG_MS = 2 ** 30;

const running: ProcessStatus = {
  ...{ status: 'running', repo: 'webapp', commit: 'c'.repeat(40), command: ['node'], restarts: 0 },
  ...{ lastExit: null, pid: 1, uptime: 1, respawnIn: 0 },
};
const waiting: ProcessStatus = {
  ...running,
  ...{ status: 'respawning', lastExit: { code: 7, signal: null }, pid: null },
};
const fleet = (processes: Record<string, ProcessStatus>, lost: number | null = null) =>
  ({ web1: { lost, processes } }) satisfies Record<string, DroneStatus>;

test('a process is not stable if it waits for its next start, was stopped, or is out of sight', () => {
  const table: [Record<string, DroneStatus>, ReturnType<typeof notRunning>][] = [
    [fleet({ aaaaaa: running }), []],
    [fleet({ aaaaaa: waiting }), [['web1#aaaaaa', { code: 7, signal: null }]]],
    [fleet({}), [['web1#aaaaaa', 'stopped']]],
    [{}, [['web1#aaaaaa', 'stopped']]],
    [fleet({ aaaaaa: running }, 3), [['web1#aaaaaa', 'lost']]],
  ];
  for (const [drones, expected] of table) assert.deepEqual(notRunning(['web1#aaaaaa'], drones), expected);
});

test('a process that runs again has ended meanwhile if it counts more restarts', () => {
  const again = { ...running, restarts: 1, lastExit: { code: null, signal: 'SIGKILL' } };
  const [then, now] = [fleet({ aaaaaa: running }), fleet({ aaaaaa: again })];
  assert.deepEqual(restarted(['web1#aaaaaa'], then, now), [['web1#aaaaaa', again.lastExit]]);
  assert.deepEqual(restarted(['web1#aaaaaa'], now, now), []);
});

/** A link whose hub answers every subscription. */
class FakeLink extends EventEmitter {
  async connect(): Promise<void> {}
  async subscribe() {
    return { seq: 0, missed: 0 };
  }
  unsubscribe(): void {}
}

const exited = (seq: number, more: object) => ({
  ...{
    type: 'exited',
    drone: 'web1',
    id: 'aaaaaa',
    repo: 'webapp',
    commit: 'c'.repeat(40),
    command: ['node'],
  },
  ...{ code: 7, signal: null, seq, time: 0, ...more },
});

test('the wait ends as soon as all have ended; a restart that somebody asked for does not end it', async () => {
  const link = new FakeLink();
  const look = async () => {
    setImmediate(() => {
      link.emit('event', exited(1, { asked: true }));
      link.emit('event', exited(2, { id: 'bbbbbb' }));
      link.emit('event', exited(3, { code: 9 }));
    });
    return fleet({ aaaaaa: running });
  };
  const ended = await untilStable(link as unknown as Link, ['web1#aaaaaa'], LONG_MS, look);
  assert.deepEqual(ended, { 'web1#aaaaaa': { code: 9, signal: null } });
  assert.equal(link.listenerCount('event'), 0);
});

test('what has ended before the first event could tell is seen at once', async () => {
  const link = new FakeLink() as unknown as Link;
  const ended = await untilStable(link, ['web1#aaaaaa'], LONG_MS, async () => fleet({ aaaaaa: waiting }));
  assert.deepEqual(ended, { 'web1#aaaaaa': { code: 7, signal: null } });
});

test('if events were lost with a hub, the last look tells what has ended', async () => {
  const looks = [fleet({ aaaaaa: running }), fleet({ aaaaaa: { ...running, restarts: 1 } })];
  const look = async () => looks.shift() ?? {};
  const ended = await untilStable(new FakeLink() as unknown as Link, ['web1#aaaaaa'], 20, look);
  assert.deepEqual(ended, { 'web1#aaaaaa': { code: null, signal: null } });
});
