import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logsOfRelease } from '../../../src/hub/apps/release-logs.ts';
import type { LogOwner } from '../../../src/protocol/answers.ts';
import { makeApp, makeRelease } from './records.ts';

const app = makeApp([
  makeRelease(1),
  makeRelease(2, { keeps: { worker: 1 } }),
  makeRelease(3, { commit: '1'.repeat(40), of: 1 }),
]);
const job = { service: null, slot: null };
const web = { service: 'web', slot: 1 };
const worker = { service: 'worker', slot: 1 };
/** The log of a commit's build, a command or an instance. */
const log = (commit: string, of: Omit<LogOwner, 'app'>, name = 'webapp') => ({
  commit: commit.repeat(40),
  of: { app: name, ...of },
});

for (const [what, one, releases] of [
  ['a build', log('1', { ...job, release: null }), [1, 3]],
  ['the build of another commit', log('2', { ...job, release: null }), [2]],
  ['a command', log('1', { ...job, release: 1 }), [1]],
  ['an instance', log('2', { ...web, release: 2 }), [2]],
  ['an instance that the next release left as it was', log('1', { ...worker, release: 1 }), [1, 2]],
  ['an instance of a release that repeats another', log('1', { ...web, release: 3 }), [3]],
  ['an instance of a stage', log('2', { ...web, release: 2 }, 'webapp@pr-1'), []],
  ['what is of no app', { commit: '1'.repeat(40) }, []],
] as const)
  test(`the log of ${what} is of the releases ${releases.join(', ') || 'of none'}`, () => {
    const found = app.releases.filter(({ release }) => logsOfRelease(app, release)(one));
    assert.deepEqual(
      found.map(({ release }) => release),
      releases,
    );
  });

test('the logs of a release that there is not are an error', () => {
  assert.throws(() => logsOfRelease(app, 9), {
    code: 'ENORELEASE',
    message: 'there is no v9 of webapp; see: fleet releases',
  });
});
