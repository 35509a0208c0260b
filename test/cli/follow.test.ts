import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { follow } from '../../src/cli/follow.ts';
import type { Underway } from '../../src/client/app-types.ts';
import type { AppEvent } from '../../src/protocol/apps.ts';
import { fakeIo } from '../fixtures/io.ts';

type State = Extract<AppEvent, { type: 'release' }>;

function state(name: string, more: Partial<State> = {}): State {
  return {
    ...{ app: 'webapp', repo: 'webapp', release: 3, type: 'release', state: name, why: null, by: 'ada' },
    ...{
      commit: 'c'.repeat(40),
      subject: 'Better',
      of: null,
      replaces: null,
      elapsed: 6.1,
      lost: [],
      notes: [],
    },
    ...{ env: { set: [], changed: [], unset: [] }, services: { web: { ready: 1, count: 1 } } },
    ...more,
  };
}

/** Follows a release with these events; `interrupt` presses Ctrl-C after the last. */
async function followed(events: AppEvent[], options: string[] = [], interrupt = false) {
  let press = () => {};
  const underway: Underway = {
    ...{ app: 'webapp@pr-1', release: 3, ended: () => Promise.resolve('live') },
    async *events(signal) {
      yield* events;
      if (interrupt) press();
      assert.equal(signal?.aborted, interrupt);
    },
  };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const onSignal = (name: string, handler: () => void) => {
    if (name === 'SIGINT') press = handler;
  };
  const io = fakeIo({ cwd: '/', env: {}, stdout, stderr, onSignal });
  const code = await follow(underway, new Arguments('', [], new Map(options.map((name) => [name, []]))), io);
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

test('the result is on standard output, and all before it on standard error', async () => {
  const { code, out, err } = await followed([state('building'), state('rolling'), state('live')]);
  assert.deepEqual([code, out, err], [0, 'v3 live  web 1/1  6.1s\n', 'v3 webapp ccccccc Better  by ada\n']);
});

test('the exit status says whether the release did what it was meant to', async () => {
  const table: [State, string[], number][] = [
    [state('failed', { why: 'web.1 exited' }), [], 1],
    [state('cancelled'), [], 1],
    [state('canary'), [], 0],
    [state('live', { lost: ['web2'] }), [], 0],
    [state('live', { lost: ['web2'] }), ['strict'], 1],
    [state('live'), ['strict'], 0],
  ];
  for (const [last, options, code] of table)
    assert.equal((await followed([last], options)).code, code, last.state);
  assert.equal((await followed([state('rolling')])).code, 1, 'its end was never told');
  const other = state('failed', { release: 2 });
  assert.equal((await followed([state('live'), other])).code, 0, 'how another release ends does not matter');
  const scaled = state('scaled', { release: 2, why: 'web.2 is starting' });
  assert.equal((await followed([state('live'), scaled])).code, 1, 'a scale ends with what is live then');
});

test('Ctrl-C ends only the looking on', async () => {
  const { code, err } = await followed([state('rolling')], [], true);
  assert.deepEqual([code, err], [130, 'v3 goes on; see: fleet status --as=pr-1\n']);
});

test('--detach does not look on, and --json prints each event', async () => {
  const detached = await followed([state('failed')], ['detach']);
  assert.deepEqual([detached.code, detached.err], [0, '']);
  assert.equal(
    detached.out,
    'v3 begun; see: fleet status --as=pr-1, or look on with: fleet up --attach --as=pr-1\n',
  );
  const events = [state('building'), state('live')];
  const { out, err } = await followed(events, ['json']);
  assert.deepEqual(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    events,
  );
  assert.equal(err, '');
  const timed = { ...state('live'), seq: 7, time: Date.UTC(2026, 7, 30) };
  assert.match((await followed([timed], ['json'])).out, /"seq":7,"time":"2026-08-30T00:00:00\.000Z"/);
});
