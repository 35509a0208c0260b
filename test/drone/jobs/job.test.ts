import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { ended, type Job, jobRecordSchema, newJobRecord, reportOf } from '../../../src/drone/jobs/job.ts';

const JOB: Job = {
  ...{ id: '1e99f4', key: '0'.repeat(32), app: 'webapp', repo: 'webapp', commit: 'c'.repeat(40), release: 3 },
  ...{ command: ['make', 'SECRET=1'], env: { SECRET: '1' }, timeoutMs: 5, user: null, directory: null },
};

test('when a job has ended, its record has neither its command nor its environment, which may be secret', () => {
  const record = { ...newJobRecord(JOB, 100), run: { pid: 1, started: 2, boot: 'b' } };
  const after = ended(record, { state: 'ok', why: null }, 350);
  assert.deepEqual([after.job.command, after.job.env, after.run, after.endedAt], [[], {}, null, 350]);
  assert.equal(JSON.stringify(after).includes('SECRET'), false);
});

for (const [what, change, now, expected] of [
  ['runs', {}, 350, { state: 'running', why: null, elapsedMs: 250 }],
  [
    'has ended',
    { endedAt: 150, outcome: { state: 'ok', why: null } },
    350,
    { state: 'ok', why: null, elapsedMs: 50 },
  ],
  ['was started before the clock went back', {}, 50, { state: 'running', why: null, elapsedMs: 0 }],
  [
    'has failed for a long reason',
    { endedAt: 100, outcome: { state: 'failed', why: 'x'.repeat(2_000) } },
    100,
    { state: 'failed', why: 'x'.repeat(1_000), elapsedMs: 0 },
  ],
] as const) {
  test(`the report of a job that ${what}`, () => {
    const { id, key, app } = JOB;
    assert.deepEqual(reportOf({ ...newJobRecord(JOB, 100), ...change }, now), { id, key, app, ...expected });
  });
}

test('a record is read as it was written, and has defaults for what another version left out', () => {
  const record = newJobRecord(JOB, 100);
  assert.deepEqual(v.parse(jobRecordSchema, JSON.parse(JSON.stringify(record))), record);
  const { id, key, app, repo, commit } = JOB;
  const least = v.parse(jobRecordSchema, { job: { id, key, app, repo, commit } });
  assert.deepEqual(least, {
    ...newJobRecord({ ...JOB, release: null, command: [], env: {}, timeoutMs: 0 }, 0),
  });
});
