import { randomBytes } from 'node:crypto';
import { newId } from '../../protocol/names.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { BuildRunner } from './steps/context.ts';

/** Returns a runner whose builds are jobs: they outlive the drone, and have a log and a known outcome. */
export function buildRunner(jobs: Pick<Jobs, 'build' | 'stateOf' | 'has'>): BuildRunner {
  return {
    stateOf: (job) => jobs.stateOf(job),
    start: async ({ app, repo, commit }, { build, env, buildTimeoutMs, user }, directory, begun) => {
      const id = newId((taken) => jobs.has(taken));
      begun(id);
      const key = randomBytes(16).toString('hex');
      const command = build ?? [];
      const common = { id, key, app, repo, commit, command, env, user, directory };
      await jobs.build({ ...common, timeoutMs: buildTimeoutMs, release: null });
      return id;
    },
  };
}
