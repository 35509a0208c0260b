import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppRecord } from '../../../src/hub/apps/app-record.ts';
import { type Resumption, resumption } from '../../../src/hub/cluster/resumption.ts';
import type { ClientCall } from '../../../src/protocol/client-calls.ts';
import { makeApp, makeRelease } from '../apps/records.ts';

const v1 = makeRelease(1, { state: 'live', by: 'ada' });
const v2 = makeRelease(2, { state: 'rolling', by: 'ada' });
const live = makeApp([v1], { live: 1 });
const begun = makeApp([v1, v2], { live: 1, underWay: 2 });
const canary = makeApp([v1, { ...v2, state: 'canary' }], { live: 1, underWay: 2 });
const cancelled = makeApp([v1, { ...v2, isCancelled: true }], { live: 1, underWay: 2 });
const down = makeApp([{ ...v1, state: 'stopped' }], { live: null });

const AGAIN: Resumption = { do: 'again' };
const CASES: [ClientCall, string, string, AppRecord | null, AppRecord | null, Resumption][] = [
  ['app.up', 'of an app that is not there', 'ada', null, null, AGAIN],
  ['app.up', 'of which nothing is stored', 'ada', live, live, AGAIN],
  ['app.up', 'that has begun', 'ada', live, begun, { do: 'answer', release: 2 }],
  ['app.up', 'beside which somebody else has begun one', 'bob', live, begun, AGAIN],
  ['app.restart', 'that has begun', 'ada', live, begun, { do: 'answer', release: 2 }],
  ['app.rollback', 'of what is live, that has begun', 'ada', live, begun, { do: 'answer', release: 2 }],
  [
    'app.rollback',
    'of what is under way, that has begun',
    'bob',
    begun,
    cancelled,
    { do: 'answer', release: 2 },
  ],
  ['app.rollback', 'of what is under way, still', 'bob', begun, begun, AGAIN],
  ['app.promote', 'that has begun', 'bob', canary, begun, { do: 'answer', release: 2 }],
  ['app.promote', 'of what still rests', 'bob', canary, canary, AGAIN],
  ['app.down', 'of what is down', 'ada', live, down, { do: 'answer', release: 1 }],
  ['app.down', 'of what is not', 'ada', live, live, AGAIN],
  ['app.forget', 'of what is forgotten', 'ada', live, null, { do: 'fail' }],
  ['app.scale', 'which may come twice', 'ada', live, live, AGAIN],
];

for (const [call, what, by, before, now, expected] of CASES)
  test(`${call} ${what}, when the hub that led has not answered it`, () => {
    assert.deepEqual(resumption(call, by, before, now), expected);
  });
