import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newApp } from '../../../src/hub/apps/app-record.ts';
import { infoOf } from '../../../src/hub/apps/release-info.ts';
import { makeRelease } from './records.ts';

test('a release is shown without its files and its environment, of which only the names that changed', () => {
  const change = { set: ['KEY'], changed: [], unset: [] };
  const release = makeRelease(3, {
    env: { KEY: 'sealed' },
    toml: '[services]',
    of: 1,
    state: 'live',
    change,
  });
  assert.deepEqual(infoOf(newApp('webapp', 'pr-1'), release), {
    ...{ release: 3, app: 'webapp@pr-1', commit: release.commit, subject: '', state: 'live', by: 'ada' },
    ...{ why: null, of: 1, time: '1970-01-01T00:00:00.000Z', env: change },
  });
});
