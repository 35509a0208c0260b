import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppEvent } from '../../src/protocol/apps.ts';
import { isGoodResult, ReleaseText } from '../../src/protocol/release-text.ts';

const COMMIT = '77ab01c'.padEnd(40, '0');
const release = (state: string, more: Record<string, unknown> = {}): AppEvent => ({
  ...{ type: 'release', app: 'webapp', repo: 'webapp', release: 3, state, why: null, by: 'secret' },
  ...{ commit: COMMIT, subject: 'Broken', of: null, elapsed: 6.12, notes: [], lost: [] },
  replaces: { release: 2, commit: '9f3c2e1'.padEnd(40, '0') },
  env: { set: [], changed: [], unset: [] },
  services: { web: { ready: 4, count: 4 }, worker: { ready: 1, count: 1 } },
  ...more,
});
const of3 = { app: 'webapp', repo: 'webapp', release: 3, tail: [] };
const instance = (more: Record<string, unknown>): AppEvent =>
  ({ ...of3, type: 'instance', why: null, elapsed: 0.31, ...more }) as unknown as AppEvent;

test('a release is told in the lines of the manual', () => {
  const text = new ReleaseText();
  const said = [
    release('building'),
    { ...of3, type: 'build', drones: ['web1', 'web2'], done: 2, failed: {}, elapsed: 0.21 } as AppEvent,
    {
      ...{ ...of3, type: 'job', drone: 'web1', id: 'e01a77', state: 'ok', why: null, elapsed: 0.4 },
      command: ['node', 'migrate.js'],
    } as AppEvent,
    release('rolling'),
    instance({ service: 'web', slot: 1, drone: 'web1', id: '4be001', port: 20_000, state: 'starting' }),
    instance({ service: 'web', slot: 1, drone: 'web1', id: '4be001', port: 20_000, state: 'ready' }),
    instance({ service: 'web', slot: 1, drone: 'web1', id: '4be001', port: 20_000, state: 'ready' }),
    instance({
      service: 'worker',
      slot: 1,
      drone: 'web2',
      id: '02fe11',
      port: null,
      state: 'up',
      elapsed: 5,
    }),
    instance({
      ...{ service: 'web', slot: 2, drone: 'web1', id: 'c0ffee', port: 20_004, state: 'failed' },
      ...{ why: 'exited with code 1 after 0.2s', tail: ["Error: Cannot find module './prices'"] },
    }),
    release('reverting'),
    release('failed', { why: 'web.2 exited with code 1 after 0.2s' }),
  ].flatMap((event) => text.lines(event).map((line) => line.text));
  assert.deepEqual(said, [
    'v3 webapp 77ab01c Broken  by secret, replaces v2 9f3c2e1',
    'deploy    web1 web2            2/2    0.2s',
    'release   web1#e01a77          ok     0.4s  node migrate.js',
    'web.1     web1#4be001  :20000  ready  0.3s',
    'worker.1  web2#02fe11          up     5.0s',
    'web.2     web1#c0ffee  :20004  exited with code 1 after 0.2s',
    "  [web1#c0ffee] Error: Cannot find module './prices'",
    'v3 failed  web.2 exited with code 1 after 0.2s; v2 serves on  web 4/4  worker 1/1',
  ]);
});

test('a heading says what is repeated, replaced and changed', () => {
  const heading = (more: Record<string, unknown>) =>
    new ReleaseText().lines(release('building', more))[0]?.text;
  assert.equal(
    heading({ of: 1, env: { set: ['A', 'LOG'], changed: ['LOG'], unset: ['FLAG'] } }),
    'v3 webapp 77ab01c Broken  by secret, v1 again, replaces v2 9f3c2e1  env: +A ~LOG -FLAG',
  );
  assert.equal(heading({ replaces: null, by: 'ada', subject: '' }), 'v3 webapp 77ab01c  by ada');
});

test('a result is one line, and says how it ended', () => {
  const result = (state: string, more: Record<string, unknown> = {}) => {
    const [line] = new ReleaseText().lines(release(state, more));
    assert.equal(line?.isResult, true);
    return line?.text;
  };
  assert.equal(result('live'), 'v3 live  web 4/4  worker 1/1  6.1s');
  assert.equal(result('stopped'), 'v3 stopped');
  assert.equal(result('live', { lost: ['web2'] }), 'v3 live  web 4/4  worker 1/1 (web2 lost)  6.1s');
  const canary = { web: { ready: 4, count: 4, canary: 1 }, worker: { ready: 1, count: 1 } };
  assert.equal(
    result('canary', { services: canary }),
    'v3 canary  web 4/4 v2, 1 v3  worker 1/1; fleet promote or fleet rollback',
  );
  assert.equal(
    result('failed', { replaces: null, why: 'no drone is connected' }),
    'v3 failed  no drone is connected',
  );
  assert.equal(
    result('scaled', { services: { web: { ready: 4, count: 4, file: 1 } } }),
    'v3 scaled  web 4/4 (fleet.toml: 1)',
  );
  for (const [state, why, isGood] of [
    ['live', null, true],
    ['canary', null, true],
    ['scaled', null, true],
    ['scaled', 'web.2 is starting', false],
    ['failed', 'x', false],
    ['cancelled', null, false],
  ] as const)
    assert.equal(isGoodResult({ state, why }), isGood, state);
});

test('the log of a build that has failed is that of the first drone', () => {
  const failed = { web2: 'the build exited with code 1', web3: 'the build exited with code 1' };
  const build = { ...of3, type: 'build', drones: ['web1', 'web2', 'web3'], done: 1, failed, elapsed: 0.2 };
  const lines = new ReleaseText().lines({ ...build, tail: ['npm error', ''] } as AppEvent);
  assert.deepEqual(
    lines.map(({ text }) => text),
    [
      'deploy    web1 web2 web3       1/3    0.2s',
      '  [web2] the build exited with code 1',
      '  [web3] the build exited with code 1',
      '  [web2] npm error',
      '  [web2] ',
    ],
  );
});
