import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untoldReleases } from '../../../src/hub/apps/untold-releases.ts';
import { makeRelease } from './records.ts';

type Case = [what: string, state: string, told: string | null, isUnderWay: boolean, untold: string[]];
const CASES: Case[] = [
  ['that nobody has heard of', 'building', null, true, ['building']],
  ['that went on unheard', 'rolling', 'building', true, ['rolling']],
  ['that became live unheard', 'live', 'rolling', false, ['live']],
  ['that is what was told', 'live', 'live', false, []],
  ['of long ago', 'live', null, false, []],
  ['that was stopped long ago', 'stopped', null, false, []],
  ['that was stopped unheard', 'stopped', 'live', false, ['stopped']],
  ['that was live, and was replaced', 'retired', 'live', false, []],
  ['that was live and replaced unheard', 'retired', 'rolling', false, ['live']],
];

for (const [what, state, told, isUnderWay, untold] of CASES)
  test(`a release ${what} is told ${untold[0] ?? 'no more'}`, () => {
    const releases = [makeRelease(4, { state } as never)];
    const underWay = isUnderWay ? 4 : null;
    const found = untoldReleases({ releases, underWay }, { told: () => told, isRunning: false });
    assert.deepEqual(
      found.map((one) => one.state),
      untold,
    );
  });

test('of releases that this hub has never heard of, one whose instances are being stopped is told stopped', () => {
  const states = ['stopped', 'failed', 'stopped'] as const;
  const releases = states.map((state, at) => makeRelease(at + 1, { state } as never));
  const found = untoldReleases({ releases, underWay: null }, { told: () => null, isRunning: true });
  assert.deepEqual(
    found.map((one) => `${one.release} ${one.state}`),
    ['3 stopped'],
  );
});
