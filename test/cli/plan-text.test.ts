import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planLines } from '../../src/cli/plan-text.ts';
import type { PlannedEnd, ReleasePlan } from '../../src/protocol/plans.ts';

const STEPS: ReleasePlan['steps'] = [
  { do: 'replace', service: 'web', slot: 1, drone: 'web1', id: '4be001', port: 20_000, from: 'web1' },
  { do: 'replace', service: 'web', slot: 2, drone: 'web2', id: '9b0c11', port: 20_001, from: 'web1' },
  { do: 'start', service: 'worker', slot: 1, drone: 'web2', id: null },
  { do: 'stop', service: 'cron', slot: 1, drone: 'web1', id: '02fe11', port: null },
];
const BEGIN: ReleasePlan['begin'] = {
  ...{ commit: '1b8050f'.padEnd(40, '0'), subject: 'Better', by: 'ada', of: null, builds: true },
  replaces: { release: 3, commit: '77ab01c'.padEnd(40, '0') },
  ...{ env: { set: ['LOG'], changed: [], unset: [] }, notes: ['web 2 (scaled; fleet.toml: 1)'] },
  ...{ drones: ['web1', 'web2'], job: { drone: 'web1', command: ['node', 'migrate.js'] } },
};
const end = (more: Partial<PlannedEnd> = {}): PlannedEnd => ({
  ...{ state: 'live', services: { web: { ready: 2, count: 2 }, worker: { ready: 1, count: 1 } } },
  ...{ why: null, replaces: null, lost: [], ...more },
});
const plan = (more: Partial<ReleasePlan> = {}): ReleasePlan => ({
  ...{ app: 'webapp', release: 4, steps: STEPS, begin: BEGIN, end: end(), ...more },
});
const last = (more: Partial<ReleasePlan>) => planLines(plan(more)).at(-1);

test('a plan has the lines of a release, with what would be started, replaced and stopped where', () => {
  assert.deepEqual(planLines(plan()), [
    'v4 webapp 1b8050f Better  by ada, replaces v3 77ab01c  env: +LOG',
    'web 2 (scaled; fleet.toml: 1)',
    'deploy    web1 web2            would deploy and build',
    'release   web1                 would run  node migrate.js',
    'web.1     web1#4be001  :20000  would be replaced',
    'web.2     web1#9b0c11  :20001  would be replaced on web2',
    'worker.1  web2                 would be started',
    'cron.1    web1#02fe11          would be stopped',
    'v4 would be live  web 2/2  worker 1/1',
  ]);
});

test('the last line says how it would end', () => {
  const services = { web: { ready: 4, count: 4, canary: 1 } };
  const replaces = { release: 3, commit: '' };
  const table: [Partial<ReleasePlan>, string][] = [
    [{ end: end({ lost: ['web2'] }) }, 'v4 would be live  web 2/2  worker 1/1 (web2 lost)'],
    [{ end: end({ state: 'canary', services, replaces }) }, 'v4 would be a canary  web 4/4 v3, 1 v4'],
    [
      { end: end({ state: 'scaled', services: { web: { ready: 4, count: 4, file: 1 } } }) },
      'v4 would be scaled  web 4/4 (fleet.toml: 1)',
    ],
    [
      {
        end: end({
          state: 'failed',
          why: 'none of the drones of worker is connected',
          lost: ['d2'],
          replaces,
        }),
      },
      'v4 would fail  none of the drones of worker is connected; v3 serves on  web 2/2  worker 1/1 (d2 lost)',
    ],
    [
      { end: end({ state: 'cancelled', replaces }) },
      'v4 would be cancelled; v3 serves on  web 2/2  worker 1/1',
    ],
    [
      { end: end({ state: 'stopped' }), steps: [] },
      'v4 would be stopped; nothing would be started or stopped',
    ],
  ];
  for (const [more, line] of table) assert.equal(last(more), line);
});

test('a hub that names the steps alone is shown with these', () => {
  const { begin, end, ...older } = plan();
  assert.equal(planLines(older)[0], 'web.1     web1#4be001  :20000  would be replaced');
});
