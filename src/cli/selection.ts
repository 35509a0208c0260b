import type { ProcessFilter } from '../client/types.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Arguments } from './arguments.ts';
import type { Command } from './command.ts';

/** Returns a commit to filter by. The beginning of a hash is taken as it is; git is asked for anything else. Throws ENOCOMMIT. */
export async function commitFilter(rev: string | undefined, cwd: string): Promise<string | undefined> {
  if (rev === undefined || /^[0-9a-f]{4,40}$/.test(rev)) return rev;
  const { gitRoot, resolveCommit } = await import('../git/checkout-info.ts');
  return resolveCommit(await gitRoot(cwd), rev);
}

/** Throws EUSAGE if nothing says which processes are meant: for the whole fleet, --all is needed. */
export function requireSelection(args: Arguments, { name }: Pick<Command, 'name'>): void {
  if (args.words.length > 0 || ['repo', 'commit', 'all'].some((option) => args.has(option))) return;
  const example = args.has('drone') ? `--drone=${args.text('drone')} --all` : 'ID...';
  throw new FleetError('EUSAGE', `say which processes: fleet ${name} ${example}; fleet ps lists their ids`);
}

/** Returns which processes are meant. Throws ENOCOMMIT. */
export async function filterOf(args: Arguments, cwd: string): Promise<ProcessFilter> {
  const { words } = args;
  return {
    ids: words.length > 0 ? words : undefined,
    repo: args.text('repo'),
    commit: await commitFilter(args.text('commit'), cwd),
    drones: args.has('drone') ? args.list('drone') : undefined,
  };
}
