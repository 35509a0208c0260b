import type { ProcessFilter } from '../client/types.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './command.ts';
import type { Surroundings } from './io.ts';
import type { Target } from './target.ts';

/** Returns a commit to filter by. The beginning of a hash is taken as it is; git is asked for anything else. Throws ENOCOMMIT. */
export async function commitFilter(
  rev: string | undefined,
  where: Pick<Surroundings, 'cwd'>,
): Promise<string | undefined> {
  if (rev === undefined || /^[0-9a-f]{4,40}$/.test(rev)) return rev;
  const { gitRoot, resolveCommit } = await import('../git/checkout-info.ts');
  return resolveCommit(await gitRoot(where.cwd), rev);
}

/** Throws EUSAGE if nothing says which processes are meant: for the whole fleet, --all is needed. */
export function requireSelection(args: Arguments, { name }: Pick<Command, 'name'>): void {
  if (args.words.length > 0 || ['repo', 'commit', 'all', 'service', 'as'].some((option) => args.has(option)))
    return;
  const example = args.has('drone') ? `--drone=${args.text('drone')} --all` : 'ID...';
  throw new FleetError('EUSAGE', `say which processes: fleet ${name} ${example}; fleet ps lists their ids`);
}

/**
 * Returns the app and service that the arguments name. With `--service`, `--as` or `--release` that is of the repository of the remote,
 * or of the current directory, unless `--repo` names one. Throws ENOREPO.
 */
export async function serviceOf(
  args: Arguments,
  target: Pick<Target, 'repo'>,
  where: Pick<Surroundings, 'cwd'>,
): Promise<Pick<ProcessFilter, 'repo' | 'service' | 'stage'>> {
  const [repo, service, stage] = [args.text('repo'), args.text('service'), args.text('as')];
  if (!['service', 'as', 'release'].some((option) => args.has(option))) return { repo };
  const { resolveRepo } = await import('../client/deploy.ts');
  return { repo: repo ?? target.repo ?? (await resolveRepo(where.cwd)), service, stage: stage ?? '' };
}

/** Returns which processes are meant. Throws ENOCOMMIT, ENOREPO. */
export async function filterOf(
  args: Arguments,
  target: Pick<Target, 'repo'>,
  where: Pick<Surroundings, 'cwd'>,
): Promise<ProcessFilter> {
  const { words } = args;
  return {
    ids: words.length > 0 ? words : undefined,
    ...(await serviceOf(args, target, where)),
    commit: await commitFilter(args.text('commit'), where),
    drones: args.has('drone') ? args.list('drone') : undefined,
  };
}
