import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Jobs } from '../../../src/drone/jobs/jobs.ts';
import { buildRunner } from '../../../src/drone/releases/build-runner.ts';
import { releaseOf } from '../../../src/drone/releases/release.ts';
import { needOfApp } from '../../fixtures/release-world.ts';

const release = releaseOf('webapp', 'c'.repeat(40), 'webapp@pr-1');
const need = needOfApp({ build: ['make'], buildTimeoutMs: 5, env: { A: '1' }, user: 'app' });

test('a build is a job of no release, in its checkout, whose id is known before it starts', async () => {
  const story: string[] = [];
  let job: Parameters<Jobs['build']>[0] | undefined;
  const runner = buildRunner({
    stateOf: () => null,
    has: () => false,
    build: async (given) => {
      story.push(`started ${given.id}`);
      job = given;
    },
  });
  const id = await runner.start(release, need, '/checkout', (begun) => void story.push(`begun ${begun}`));
  assert.deepEqual(story, [`begun ${id}`, `started ${id}`]);
  const { key, ...rest } = job ?? { key: '' };
  assert.match(key, /^[0-9a-f]{32}$/);
  assert.deepEqual(rest, {
    ...{ id, app: 'webapp@pr-1', repo: 'webapp', commit: release.commit, command: ['make'] },
    ...{ env: { A: '1' }, user: 'app', directory: '/checkout', timeoutMs: 5, release: null },
  });
});

test("a build's id is one that no other job has", async () => {
  const asked: string[] = [];
  const runner = buildRunner({
    stateOf: () => 'running',
    build: async () => {},
    has: (id) => asked.push(id) < 3,
  });
  const id = await runner.start(release, need, '/checkout', () => {});
  assert.equal(id, asked[2]);
  assert.equal(runner.stateOf(id), 'running');
});
