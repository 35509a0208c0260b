import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untoldReleases } from '../../../src/hub/apps/untold-releases.ts';
import { makeRelease } from './records.ts';

const CASES: [what: string, state: string, told: string | null, isUnderWay: boolean, untold: string[]][] = [
  ['that nobody has heard of', 'building', null, true, ['building']],
  ['that went on unheard', 'rolling', 'building', true, ['rolling']],
  ['that became live unheard', 'live', 'rolling', false, ['live']],
  ['that is what was told', 'live', 'live', false, []],
  ['of long ago', 'live', null, false, []],
  ['that was live, and was replaced', 'retired', 'live', false, []],
  ['that was live and replaced unheard', 'retired', 'rolling', false, ['live']],
];

for (const [what, state, told, isUnderWay, untold] of CASES)
  test(`a release ${what} is told ${untold[0] ?? 'no more'}`, () => {
    const releases = [makeRelease(4, { state } as never)];
    const found = untoldReleases({ releases, underWay: isUnderWay ? 4 : null }, () => told);
    assert.deepEqual(
      found.map((one) => one.state),
      untold,
    );
  });
