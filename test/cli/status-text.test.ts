import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusText } from '../../src/cli/status-text.ts';
import type { AppStatus, InstanceStatus } from '../../src/protocol/apps.ts';

const NOW = new Date(2026, 7, 12, 12, 50).getTime();
const LIVE: AppStatus = {
  ...{
    app: 'webapp',
    release: 42,
    state: 'live',
    commit: '9f3c2e1'.padEnd(40, '0'),
    subject: 'Better prices',
  },
  ...{ time: new Date(2026, 7, 12, 12, 40).toISOString(), by: 'ada', ok: true, why: null, services: {} },
};
const NOTHING: AppStatus = {
  ...{ ...LIVE, release: null, state: null, commit: null, subject: null, time: null, by: null, ok: false },
};

function instance(more: Partial<InstanceStatus>): InstanceStatus {
  return {
    ...{
      slot: 1,
      drone: 'web1',
      id: '4be001',
      port: null,
      state: 'up',
      why: null,
      release: 42,
      commit: null,
    },
    ...{ cpu: null, memory: null, uptime: null, restarts: null, lastExit: null },
    ...more,
  };
}

test('a drone that proxies cannot reach has a line', () => {
  assert.equal(
    statusText({ ...LIVE, unreached: ['web1'] }, NOW).at(-1),
    'web1 has no address for others; give it --address',
  );
});

test('a drone that lacks a commit has a line', () => {
  const lag = { repo: 'webapp', commit: '1b8050f'.padEnd(40, '0'), why: 'the disk is full', retries: false };
  assert.equal(
    statusText({ ...LIVE, lags: [{ drone: 'web2', ...lag }] }, NOW).at(-1),
    'web2 lacks webapp/1b8050f: the disk is full; try fleet deploy',
  );
});

const service = (...instances: InstanceStatus[]) => {
  return { count: 1, file: 1, scaled: false, ready: 1, instances };
};

test('the first line says what is live, since when, and what is wrong', () => {
  const table: [AppStatus, string][] = [
    [LIVE, 'v42 webapp 9f3c2e1 Better prices  by ada  live since 12:40'],
    [{ ...LIVE, subject: '' }, 'v42 webapp 9f3c2e1  by ada  live since 12:40'],
    [
      { ...LIVE, why: 'v43 is under way (rolling)' },
      'v42 webapp 9f3c2e1 Better prices  by ada  live since 12:40  v43 is under way (rolling)',
    ],
    [NOTHING, 'webapp was not released yet'],
    [{ ...NOTHING, state: 'failed', why: 'web.1 exited' }, 'webapp failed  web.1 exited'],
  ];
  for (const [status, line] of table) assert.deepEqual(statusText(status, NOW), [line]);
});

test('each instance is a line with what it uses, or with what is wrong with it', () => {
  const measured = {
    cpu: 3.4,
    memory: 91 * 1024 ** 2,
    uptime: 3 * 3600,
    ...{ restarts: 0, lastExit: { code: 0, signal: null } },
  };
  const exited = { restarts: 6, lastExit: { code: 1, signal: null } };
  const tooBig = { code: null, signal: 'SIGTERM', error: 'restarted because it uses 65M of memory' };
  const killed = { restarts: 2, lastExit: { code: null, signal: 'SIGKILL' } };
  const web = service(
    instance({ port: 20000, state: 'ready', ...measured }),
    instance({
      slot: 2,
      drone: 'web2',
      port: 20003,
      state: 'not-ready',
      why: 'GET /up answered 500',
      ...measured,
    }),
    instance({ slot: 3, id: null, state: 'missing', why: 'web1 is lost (40s)' }),
  );
  const worker = service(
    instance({ ...measured, ...exited, cpu: 97, memory: 1.5 * 1024 ** 3, uptime: 240 }),
    instance({ slot: 2, ...measured, ...killed, cpu: null, uptime: 3 }),
    instance({ slot: 3, ...measured, cpu: null, uptime: 3, restarts: 1, lastExit: tooBig }),
  );
  const [, ...lines] = statusText({ ...LIVE, services: { web, worker } }, NOW);
  assert.deepEqual(lines, [
    'web.1     web1#4be001  :20000  ready      cpu   3%  mem  91M    up 3h  restarts 0',
    'web.2     web2#4be001  :20003  not ready  GET /up answered 500',
    'web.3     web1                 missing    web1 is lost (40s)',
    'worker.1  web1#4be001          up         cpu  97%  mem 1.5G    up 4m  restarts 6, last exit 1',
    'worker.2  web1#4be001          up                               up 3s  restarts 2, last exit SIGKILL',
    'worker.3  web1#4be001          up                               up 3s  restarts 1, last exit SIGTERM, restarted because it uses 65M of memory',
  ]);
});
