import assert from 'node:assert/strict';
import { test } from 'node:test';
import { releasesText } from '../../src/cli/releases-text.ts';
import type { ReleaseInfo } from '../../src/protocol/apps.ts';

const NOW = new Date(2026, 7, 12, 12, 50);
const at = (minute: number) => new Date(2026, 7, 12, 12, minute).toISOString();

function info(release: number, more: Partial<ReleaseInfo>): ReleaseInfo {
  return {
    ...{ release, app: 'webapp', commit: `${release}`.repeat(40), subject: '', state: 'retired' },
    ...{ time: at(40 + release), by: 'ada', why: null, of: null },
    env: { set: [], changed: [], unset: [] },
    ...more,
  };
}

test('releases are a table: number, state, commit, time, who, subject, and what else is to say', () => {
  const releases = [
    info(10, { state: 'live', by: 'secret', subject: 'First', of: 1, time: at(44) }),
    info(3, { state: 'failed', subject: 'Broken', why: 'web.1 exited with code 1' }),
    info(2, {
      subject: 'Faster',
      env: { set: ['DATABASE_URL', 'LOG'], changed: ['LOG'], unset: ['FLAG'] },
    }),
  ];
  assert.deepEqual(releasesText(releases, NOW.getTime()), [
    'v10  live     1010101  12:44  secret  First   v1 again',
    'v3   failed   3333333  12:43  ada     Broken  web.1 exited with code 1',
    'v2   retired  2222222  12:42  ada     Faster  env: +DATABASE_URL ~LOG -FLAG',
  ]);
});

test('no release is no line', () => {
  assert.deepEqual(releasesText([], NOW.getTime()), []);
});
