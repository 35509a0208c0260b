import { insteadOfOurs, processEnvironment, type Surroundings } from '../processes/environment.ts';
import { type Account, accountEnvironment } from '../processes/user.ts';
import type { Job } from './job.ts';

/** Set for processes of apps only. If the drone itself runs with such variables, they are not inherited. */
const OF_INSTANCES = new Set(['PORT', 'APP', 'SERVICE', 'INSTANCE', 'RELEASE', 'SHARED']);

/** Returns a job's environment; `shared` is the folder of its app's shared files. */
export function jobEnvironment(
  { id, app, repo, commit, release, env }: Pick<Job, 'id' | 'app' | 'repo' | 'commit' | 'release' | 'env'>,
  { account, shared, ...surroundings }: Surroundings & { account: Account | null; shared: string },
  own: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const numbered = release === null ? {} : { RELEASE: String(release) };
  const given = { ...accountEnvironment(account), APP: app, SHARED: shared, ...numbered, ...env };
  const inherited = Object.entries(own).filter(([name]) => !OF_INSTANCES.has(name));
  const place = processEnvironment(
    { id, repo, commit, env: given },
    surroundings,
    Object.fromEntries(inherited),
  );
  return { ...place, ...insteadOfOurs(env) };
}
